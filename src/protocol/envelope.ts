/** The envelope of every frame from the server: the ids it belongs to, and its time and position. */
import * as z from "zod";
import { RunId, Seq, ThreadId, Timestamp, UserId } from "./ids.ts";

/** The ids that an event belongs to, and its time. */
export const Context = z.object({
  user_id: UserId,
  thread_id: ThreadId,
  run_id: RunId.nullable(),
  agent: z.string().nullable(),
  timestamp: Timestamp,
});
export type Context = z.infer<typeof Context>;

const runContext = Context.extend({ run_id: RunId });

/** An event of the log: it has a place in the thread's order, and is replayed on resume. */
export function logged<Type extends string, Data extends z.ZodType>(type: Type, data: Data) {
  return z.object({ type: z.literal(type), seq: Seq, context: Context, data });
}

/** A logged event that belongs to a run. */
export function ofRun<Type extends string, Data extends z.ZodType>(type: Type, data: Data) {
  return z.object({ type: z.literal(type), seq: Seq, context: runContext, data });
}

/** A frame of one connection: nothing the thread remembers, so it has no place in its order. */
export function ofConnection<Type extends string, Data extends z.ZodType>(type: Type, data: Data) {
  return z.object({ type: z.literal(type), seq: z.null(), context: Context, data });
}
