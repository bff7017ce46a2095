/** A run as a stream of AG-UI events: from its beginning, or for a client that joins in the middle. */
import type { Context } from "hono";
import { eventStream } from "../../http/event-stream.ts";
import { followRun, type RunFrame } from "../../http/follow-run.ts";
import type { SignedInEnv } from "../../http/router.ts";
import type { RunId, ThreadId } from "../../protocol/ids.ts";
import type { Position } from "../../protocol/position.ts";
import { readLog } from "../thread-log.ts";
import type { RunEncoder } from "./encode-run.ts";
import { asEventStream } from "./events.ts";

/** What these answers are besides a stream: nobody's but the user's. */
export const STREAM_HEADERS = { "Cache-Control": "no-store, no-transform" } as const;

interface StreamedRun {
  readonly threadId: ThreadId;
  readonly runId: RunId;
  /** After it the run's events follow. */
  readonly position: Position;
  /** Told nothing yet. */
  readonly encoder: RunEncoder;
}

/** @param opening what is told before the run's first event. */
export function streamRun(
  c: Context<SignedInEnv>,
  run: StreamedRun,
  opening: string,
  told: (frame: RunFrame) => boolean = () => false,
): Response {
  const { encoder } = run;
  return eventStream(c, followRun(c, run), {
    opening,
    tell: (frame) => ({
      text: told(frame) ? "" : asEventStream(encoder.encode(frame)),
      last: frame.type === "agent_completed",
    }),
    broken: (error) => asEventStream(encoder.broken(error)),
    headers: STREAM_HEADERS,
  });
}

/**
 * @returns the stream for a client that has a part of the run already: what has happened is told as a
 *   snapshot of the conversation, which takes the place of what the client has, and then goes on live.
 * @throws {ApexError} `unavailable`.
 */
export async function streamFromNow(c: Context<SignedInEnv>, run: StreamedRun): Promise<Response> {
  const { events } = await readLog(c, run.threadId, run.position);
  const lastSeq = events.at(-1)?.seq ?? run.position.after;
  for (const event of events) {
    const isPast = event.context.run_id === run.runId && event.type !== "agent_completed";
    if (isPast) run.encoder.encode(event);
  }
  const opening = asEventStream([...run.encoder.start(), ...run.encoder.rejoin()]);
  return streamRun(c, run, opening, (frame) => {
    return frame.type !== "message_delta" && frame.type !== "agent_completed"
      ? frame.seq <= lastSeq
      : false;
  });
}
