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

/**
 * @returns the stream of a thread's frames after a position. It begins at once, beats while there is nothing
 *   to tell, and ends with the connection, or with the frame the filter calls the last. That its reader leaves
 *   ends nothing but the stream.
 * @throws {ApexError} what the object refused the socket with.
 */
export async function streamThread(
  c: Context<SignedInEnv>,
  threadId: ThreadId,
  position: Position | null,
  filter?: FrameFilter<ServerFrame>,
): Promise<Response> {
  const upgrade = await connectThread(c.env, c.var.principal, threadId, { position });
  const tell = tellLog<ServerFrame>(
    (frame) => (frame.type === "connection_ready" ? frame.data.epoch : null),
    filter,
  );
  return eventStream(c, framesOf(upgrade, ServerFrame), { tell });
}
