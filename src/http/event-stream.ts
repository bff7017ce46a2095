/** Answers with a stream of server-sent events, kept alive by heartbeats. */
import type { Context } from "hono";
import { systemClock } from "../core/clock.ts";
import { SSE_END, SSE_HEARTBEAT } from "../protocol/sse.ts";

/** How often a silent stream sends a heartbeat, in milliseconds. Proxies close streams after 30 s of silence or more. */
const HEARTBEAT_MS = 15_000;

/** What is written for a value: its text, which may be empty, and whether the stream ends with it. */
export interface Told {
  readonly text: string;
  readonly last: boolean;
}

/** How values become a stream of events. */
export interface Telling<Value> {
  /** Written at once, before there is any value. */
  readonly opening?: string;
  readonly tell: (value: Value) => Told;
  /** Written if the values end or fail before `tell` called one of them the last. */
  readonly broken?: (error: unknown) => string;
  /** Ends the stream after this many seconds, with a last event that says so. */
  readonly seconds?: number | undefined;
  /** Headers of the answer, besides its content type. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * @returns the answer. If the client disconnects, reading of the values is cancelled, but not the work that
 *   produces them.
 */
export function eventStream<Value>(
  c: Context,
  values: ReadableStream<Value>,
  { opening = "", tell, broken = () => "", seconds, headers = {} }: Telling<Value>,
): Response {
  const endsAt = seconds === undefined ? Infinity : systemClock.now() + seconds * 1_000;
  const body = encoded(values, { opening, tell, broken, endsAt });
  return c.newResponse(body, 200, {
    "Content-Type": "text/event-stream; charset=utf-8",
    ...headers,
  });
}

interface Encoding<Value> extends Required<Omit<Telling<Value>, "headers" | "seconds">> {
  /** Milliseconds since the Unix epoch. */
  readonly endsAt: number;
}

function encoded<Value>(
  values: ReadableStream<Value>,
  { opening, tell, broken, endsAt }: Encoding<Value>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const reader = values.getReader();
  /** The read under way. It is kept across heartbeats, so that its value is not lost. */
  let pending: Promise<ReadableStreamReadResult<Value>> | null = null;

  /** @returns the next value, or null if it is time for a heartbeat or for the end of the stream. */
  async function next(): Promise<ReadableStreamReadResult<Value> | null> {
    pending ??= reader.read();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const silence = new Promise<null>((resolve) => {
      const left = Math.max(0, endsAt - systemClock.now());
      timer = setTimeout(() => resolve(null), Math.min(HEARTBEAT_MS, left));
    });
    try {
      const result = await Promise.race([pending, silence]);
      if (result !== null) pending = null;
      return result;
    } finally {
      clearTimeout(timer);
    }
  }

  return new ReadableStream<Uint8Array>({
    start(controller) {
      if (opening !== "") controller.enqueue(encoder.encode(opening));
    },
    async pull(controller) {
      const write = (text: string) => {
        if (text !== "") controller.enqueue(encoder.encode(text));
        return text !== "";
      };
      try {
        for (;;) {
          const result = await next();
          if (systemClock.now() >= endsAt) {
            write(SSE_END);
            controller.close();
            await reader.cancel();
            return;
          }
          if (result === null) {
            write(SSE_HEARTBEAT);
            return;
          }
          if (result.done) {
            write(broken(null));
            controller.close();
            return;
          }
          const { text, last } = tell(result.value);
          const written = write(text);
          if (last) {
            controller.close();
            await reader.cancel();
          }
          if (last || written) return;
        }
      } catch (error) {
        write(broken(error));
        controller.close();
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
