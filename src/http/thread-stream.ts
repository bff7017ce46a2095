/** A thread's frames as server-sent events. */
import type { Context } from "hono";
import { ServerFrame } from "../protocol/events.ts";
import type { ThreadId } from "../protocol/ids.ts";
import type { Position } from "../protocol/position.ts";
import { connectThread } from "./connect-thread.ts";
import { type FrameFilter, streamFrames } from "./event-stream.ts";
import type { SignedInEnv } from "./router.ts";

/**
 * @returns the stream of a thread's frames after a position; see {@link streamFrames}.
 * @throws {ApexError} what the object refused the socket with.
 */
export async function streamThread(
  c: Context<SignedInEnv>,
  threadId: ThreadId,
  position: Position | null,
  filter?: FrameFilter<ServerFrame>,
): Promise<Response> {
  const upgrade = await connectThread(c.env, c.var.principal, threadId, { position });
  return streamFrames(c, upgrade, {
    frame: ServerFrame,
    epochOf: (frame) => (frame.type === "connection_ready" ? frame.data.epoch : null),
    filter,
  });
}
