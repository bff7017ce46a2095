/** One run as its own event stream, or as the one answer it comes to, for clients that read bodies whole. */
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

/** @returns whether a request asks for its answer as it comes. */
export function acceptsEventStream(c: Context): boolean {
  return c.req.header("accept")?.includes("text/event-stream") ?? false;
}

/** Of all that happens in the thread, the one run; and of its text, only what it writes itself. */
export function eventsOf(runId: RunId): FrameFilter<ServerFrame> {
  let answerId: string | null = null;
  return (frame) => {
    if (frame.type === "message_delta") return { tell: frame.message_id === answerId, last: false };
    if (frame.type === "connection_ready" && !frame.data.recovered) {
      // The log no longer reaches back to this message: say so, where silence would be waiting.
      return { tell: true, last: true };
    }
    const tell = isLogged(frame) && frame.context.run_id === runId;
    if (tell && frame.type === "agent_started") answerId = frame.data.message_id;
    return { tell, last: tell && frame.type === "agent_completed" };
  };
}

/** @returns null where there is no stream to be had: the message is taken, so that is no failure. */
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

/** @returns the run once it has ended, or null where that takes longer, or cannot be followed. */
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
    // It goes on, and is found at its address.
    await reader.cancel().catch(() => undefined);
    return null;
  }
}

/** @returns where a run is found. */
export function addressOf({ run_id }: Pick<AcceptedMessage, "run_id">): string {
  return `/api/runs/${run_id}`;
}
