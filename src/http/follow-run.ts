/** Follows one run to its end, over as many connections as that takes. Used by the other protocols. */
import type { Context } from "hono";
import { ApexError } from "../protocol/errors.ts";
import { type LoggedEvent, type MessageDelta, ServerFrame } from "../protocol/events.ts";
import { isLogged } from "../protocol/frames.ts";
import type { MessageId, RunId, ThreadId } from "../protocol/ids.ts";
import type { Position } from "../protocol/position.ts";
import { connectThread } from "./connect-thread.ts";
import { framesOf, type Heard } from "./frame-source.ts";
import type { SignedInEnv } from "./router.ts";

/** A frame of a run: an event, or a piece of its answer. */
export type RunFrame = LoggedEvent | MessageDelta;

/** A run, and the position in the log after which its frames are wanted. */
export interface FollowedRun {
  readonly threadId: ThreadId;
  readonly runId: RunId;
  readonly position: Position;
}

/** How many connections in a row may bring nothing. An object that restarts is back within seconds. */
const MAX_FRUITLESS = 5;
const RECONNECT_MS = 500;

/**
 * @returns the frames of one run in order, each event once, up to `agent_completed`. If a connection ends before,
 *   the next one continues after the last event. Cancelling the stream ends the connection, never the run. The
 *   stream fails with an {@link ApexError}: `unavailable` if the thread cannot be reached or its log no longer
 *   reaches back far enough, or the error that a connection was refused with.
 */
export function followRun(c: Context<SignedInEnv>, run: FollowedRun): ReadableStream<RunFrame> {
  let { position } = run;
  let reader: ReadableStreamDefaultReader<Heard<ServerFrame>> | null = null;
  let fruitless = 0;
  let answerId: MessageId | null = null;

  async function connect(): Promise<ReadableStreamDefaultReader<Heard<ServerFrame>>> {
    if (fruitless > MAX_FRUITLESS) {
      throw new ApexError("unavailable", "The run could not be followed to its end.");
    }
    if (fruitless > 0) await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
    fruitless += 1;
    const upgrade = await connectThread(c.env, c.var.principal, run.threadId, { position });
    return framesOf(upgrade, ServerFrame).getReader();
  }

  /** @returns whether a frame is the run's. */
  function isOfRun(frame: ServerFrame): frame is RunFrame {
    if (frame.type === "connection_ready" && !frame.data.recovered) {
      throw new ApexError("unavailable", "The log no longer reaches back to this run's events.");
    }
    if (frame.type === "message_delta") return frame.message_id === answerId;
    if (!isLogged(frame)) return false;
    fruitless = 0;
    position = { ...position, after: frame.seq };
    if (frame.context.run_id !== run.runId) return false;
    if (frame.type === "agent_started") answerId = frame.data.message_id;
    return true;
  }

  return new ReadableStream<RunFrame>(
    {
      async pull(controller) {
        for (;;) {
          reader ??= await connect();
          const { done, value } = await reader.read();
          if (done) {
            reader = null;
            continue;
          }
          const { frame } = value;
          if (!isOfRun(frame)) continue;
          controller.enqueue(frame);
          if (frame.type !== "agent_completed") return;
          controller.close();
          await reader.cancel();
          return;
        }
      },
      cancel: (reason) => reader?.cancel(reason),
    },
    // Nothing is buffered here, because the frame source has a buffer with a limit.
    { highWaterMark: 0 },
  );
}
