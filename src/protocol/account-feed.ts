/** The feed of all of a user's threads: what began, ended or changed, in the order of its own seq. */
import * as z from "zod";
import { FinalStatus } from "./entities.ts";
import { Epoch, RunId, Seq, ThreadId, Timestamp, UserId } from "./ids.ts";

/** Whose it is, and which thread it tells of. */
const FeedContext = z.object({
  user_id: UserId,
  thread_id: ThreadId,
  run_id: RunId.nullable(),
  agent: z.string().nullable(),
  timestamp: Timestamp.describe("When it happened in the thread"),
});

function told<Type extends string, Data extends z.ZodType>(type: Type, data: Data) {
  return z.object({ type: z.literal(type), seq: Seq, context: FeedContext, data });
}

export const RunStarted = told(
  "run_started",
  z.object({ run_id: RunId, agent: z.string(), model: z.string() }),
);

export const RunEnded = told("run_ended", z.object({ run_id: RunId, status: FinalStatus }));

/** Of what a thread is labelled with, the title alone: so that thousands of events stay small. */
export const ThreadChanged = told("thread_updated", z.object({ title: z.string().nullable() }));

export const ThreadDeleted = told("thread_deleted", z.object({}));

/** An event of the feed; `seq` is the feed's own counter: gapless, strictly increasing. */
export const FeedEvent = z.discriminatedUnion("type", [
  RunStarted,
  RunEnded,
  ThreadChanged,
  ThreadDeleted,
]);
export type FeedEvent = z.infer<typeof FeedEvent>;

/** The first frame: the position of the feed, and the runs that are under way. */
export const FeedReady = z.object({
  type: z.literal("feed_ready"),
  seq: z.null(),
  context: z.object({ user_id: UserId, timestamp: Timestamp }),
  data: z.object({
    protocol: z.string(),
    epoch: Epoch,
    last_seq: z.number().int().min(0),
    recovered: z
      .boolean()
      .describe("true where everything after the given position follows; false: reload the list"),
    replay_after: z.number().int().min(0).describe("Every event after this seq follows"),
    live_runs: z
      .array(z.object({ thread_id: ThreadId, run_id: RunId }))
      .describe("The runs that have begun and not ended, as far as the feed reaches back"),
  }),
});
export type FeedReady = z.infer<typeof FeedReady>;

/** Anything the feed sends. */
export const FeedFrame = z.discriminatedUnion("type", [...FeedEvent.options, FeedReady]);
export type FeedFrame = z.infer<typeof FeedFrame>;
