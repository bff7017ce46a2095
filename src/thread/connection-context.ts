/** The context of a frame that belongs to one connection, not to the thread's log. */
import { type Clock, timestamp } from "../core/clock.ts";
import type { Context } from "../protocol/envelope.ts";
import type { RunId, ThreadId, UserId } from "../protocol/ids.ts";

/** @returns whose the frame is, which run it tells of where it tells of one, and when. */
export function connectionContext(
  parts: { readonly userId: UserId; readonly threadId: ThreadId; readonly clock: Clock },
  runId: RunId | null = null,
): Context {
  return {
    user_id: parts.userId,
    thread_id: parts.threadId,
    run_id: runId,
    agent: null,
    timestamp: timestamp(parts.clock.now()),
  };
}
