/** Values as server-sent events: begun at once, kept alive while there is nothing to tell, ended when told. */
import type { Context } from "hono";
import { systemClock } from "../core/clock.ts";
import { SSE_END, SSE_HEARTBEAT } from "../protocol/sse.ts";

/** Proxies close a stream that is silent; they wait for half a minute at least. */
const HEARTBEAT_MS = 15_000;

/** What is written of a value: text, which may be empty, and whether that is the last. */
export interface Told {
  readonly text: string;
  readonly last: boolean;
}

/** How a stream of values is told. */
export interface Telling<Value> {
  /** Written before there is any value: the client knows that it was heard. */
  readonly opening?: string;
  readonly tell: (value: Value) => Told;
  /** Written where the values end, or break, before the last of them was told. */
  readonly broken?: (error: unknown) => string;
  /** After so many seconds the stream ends, and says so. */
  readonly seconds?: number | undefined;
  /** The answer's headers, beside its type. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * @returns the answer that tells values as server-sent events. That its reader leaves cancels the values, and
 *   nothing else.
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
  /** What was asked for and is not there yet: a heartbeat in between does not lose it. */
  let pending: Promise<ReadableStreamReadResult<Value>> | null = null;

  /** @returns null where nothing came for so long that a sign of life is due. */
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
