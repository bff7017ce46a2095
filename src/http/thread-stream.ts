/** Streams a thread's frames as server-sent events. */
import type { Context } from "hono";
import { ServerFrame } from "../protocol/events.ts";
import type { ThreadId } from "../protocol/ids.ts";
import type { Position } from "../protocol/position.ts";
import { connectThread } from "./connect-thread.ts";
import { eventStream } from "./event-stream.ts";
import { framesOf } from "./frame-source.ts";
import { type FrameFilter, tellLog } from "./log-stream.ts";
import type { SignedInEnv } from "./router.ts";

/** Where a stream of a thread starts, which frames it has, and how long it lasts. */
export interface ThreadStream {
  readonly position: Position | null;
  readonly filter?: FrameFilter<ServerFrame>;
  /** Ends the stream after this many seconds; without it the stream has no time limit. */
  readonly seconds?: number | undefined;
}

/**
 * @returns the stream of a thread's frames after a position, with heartbeats in between. It ends with the
 *   connection, or with the frame that the filter calls the last. If the client disconnects, the run goes on.
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
