/** What a thread's log holds at this moment: for protocols whose clients join in the middle. */
import type { Context } from "hono";
import { withDeadline } from "../core/deadline.ts";
import { connectThread } from "../http/connect-thread.ts";
import { framesOf } from "../http/frame-source.ts";
import type { SignedInEnv } from "../http/router.ts";
import { ApexError } from "../protocol/errors.ts";
import { type LoggedEvent, ServerFrame } from "../protocol/events.ts";
import { isLogged } from "../protocol/frames.ts";
import type { Epoch, RunId, ThreadId } from "../protocol/ids.ts";
import type { Position } from "../protocol/position.ts";

/** How long the log may take to arrive, in milliseconds: it is sent without waiting for anything. */
const DEADLINE_MS = 10_000;

/** A thread's events after a position, up to the moment they were asked for. */
export interface ThreadLog {
  readonly epoch: Epoch;
  readonly events: readonly LoggedEvent[];
  /** Whether nothing between the position and the events is missing. */
  readonly complete: boolean;
  readonly liveRunId: RunId | null;
}

/**
 * @param position null for the beginning of the thread.
 * @throws {ApexError} `unavailable`, or the error with which the connection was refused.
 */
export async function readLog(
  c: Context<SignedInEnv>,
  threadId: ThreadId,
  position: Position | null,
): Promise<ThreadLog> {
  const upgrade = await connectThread(c.env, c.var.principal, threadId, { position });
  const reader = framesOf(upgrade, ServerFrame).getReader();
  const events: LoggedEvent[] = [];

  async function read(): Promise<ThreadLog> {
    let ready: Extract<ServerFrame, { type: "connection_ready" }>["data"] | null = null;
    for (;;) {
      if (ready !== null && (events.at(-1)?.seq ?? ready.replay_after) >= ready.last_seq) {
        const { epoch, recovered: complete, live_run_id: liveRunId } = ready;
        return { epoch, events, complete, liveRunId };
      }
      const { done, value } = await reader.read();
      if (done) {
        if (ready === null) throw new ApexError("unavailable", "The log could not be read.");
        // More than a connection holds: what there is begins the log, and does not end it.
        return { epoch: ready.epoch, events, complete: false, liveRunId: ready.live_run_id };
      }
      if (value.frame.type === "connection_ready") ready = value.frame.data;
      if (isLogged(value.frame)) events.push(value.frame);
    }
  }

  try {
    return await withDeadline(DEADLINE_MS, read);
  } finally {
    await reader.cancel();
  }
}
