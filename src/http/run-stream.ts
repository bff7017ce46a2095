/** Answers a message with the events of its run, or waits for its end, for clients that want a single answer. */
import type { Context } from "hono";
import { withDeadline } from "../core/deadline.ts";
import type { AcceptedMessage } from "../protocol/api.ts";
import type { Run } from "../protocol/entities.ts";
import { ApexError } from "../protocol/errors.ts";
import type { ServerFrame } from "../protocol/events.ts";
import { isLogged } from "../protocol/frames.ts";
import type { RunId } from "../protocol/ids.ts";
import type { Accepted } from "../thread/rpc.ts";
import { askThread } from "./ask-thread.ts";
import { followRun } from "./follow-run.ts";
import type { FrameFilter } from "./log-stream.ts";
import type { SignedInEnv } from "./router.ts";
import { streamThread } from "./thread-stream.ts";

/** @returns whether a request accepts server-sent events. */
export function acceptsEventStream(c: Context): boolean {
  return c.req.header("accept")?.includes("text/event-stream") ?? false;
}

/** Keeps only the frames of one run, and of the text only that of its own answer. */
export function eventsOf(runId: RunId): FrameFilter<ServerFrame> {
  let answerId: string | null = null;
  return (frame) => {
    if (frame.type === "message_delta") return { tell: frame.message_id === answerId, last: false };
    if (frame.type === "connection_ready" && !frame.data.recovered) {
      // The log no longer reaches back to this message. Saying so is better than a stream that stays silent.
      return { tell: true, last: true };
    }
    const tell = isLogged(frame) && frame.context.run_id === runId;
    if (tell && frame.type === "agent_started") answerId = frame.data.message_id;
    return { tell, last: tell && frame.type === "agent_completed" };
  };
}

/** @returns null if no stream can be opened. That is no error, because the message has been accepted. */
export async function tryToStream(
  c: Context<SignedInEnv>,
  { thread_id, run_id, position }: Accepted,
): Promise<Response | null> {
  try {
    const stream = await streamThread(c, thread_id, { position, filter: eventsOf(run_id) });
    stream.headers.set("Location", addressOf({ run_id }));
    return stream;
  } catch (error) {
    if (error instanceof ApexError) return null;
    throw error;
  }
}

/** @returns the run once it has ended, or null if that takes too long, or it cannot be followed. */
export async function waitForRun(
  c: Context<SignedInEnv>,
  { thread_id, run_id, position }: Accepted,
  seconds: number,
): Promise<Run | null> {
  const run = { threadId: thread_id, runId: run_id, position };
  const reader = followRun(c, run).getReader();
  try {
    await withDeadline(seconds * 1_000, async (signal) => {
      while (!signal.aborted && !(await reader.read()).done);
    });
    return await askThread(c, thread_id, (thread) => thread.readRun(run_id));
  } catch {
    // The run goes on, and can be read at its address.
    await reader.cancel().catch(() => undefined);
    return null;
  }
}

/** @returns the address of a run. */
export function addressOf({ run_id }: Pick<AcceptedMessage, "run_id">): string {
  return `/api/runs/${run_id}`;
}
