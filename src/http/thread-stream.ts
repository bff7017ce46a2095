/** A thread's frames as server-sent events. */
import type { Context } from "hono";
import { ServerFrame } from "../protocol/events.ts";
import type { ThreadId } from "../protocol/ids.ts";
import type { Position } from "../protocol/position.ts";
import { connectThread } from "./connect-thread.ts";
import { eventStream } from "./event-stream.ts";
import { framesOf } from "./frame-source.ts";
import { type FrameFilter, tellLog } from "./log-stream.ts";
import type { SignedInEnv } from "./router.ts";

/** From where a thread is told, what of it, and for how long. */
export interface ThreadStream {
  readonly position: Position | null;
  readonly filter?: FrameFilter<ServerFrame>;
  /** Seconds after which the stream ends; without them it does not by itself. */
  readonly seconds?: number | undefined;
}

/**
 * @returns the stream of a thread's frames after a position. It begins at once, beats while there is nothing
 *   to tell, and ends with the connection, or with the frame the filter calls the last. That its reader leaves
 *   ends nothing but the stream.
 * @throws {ApexError} what the object refused the socket with.
 */
export async function streamThread(
  c: Context<SignedInEnv>,
  threadId: ThreadId,
  { position, filter, seconds }: ThreadStream,
): Promise<Response> {
  const upgrade = await connectThread(c.env, c.var.principal, threadId, { position });
  const tell = tellLog<ServerFrame>(
    (frame) => (frame.type === "connection_ready" ? frame.data.epoch : null),
    filter,
  );
  return eventStream(c, framesOf(upgrade, ServerFrame), { tell, seconds });
}
