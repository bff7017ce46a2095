/** The bodies of requests: read whole, within a bound, within a time, before anything is made of them. */
import { createMiddleware } from "hono/factory";
import { DeadlineExceeded, withDeadline } from "../core/deadline.ts";
import { ApexError } from "../protocol/errors.ts";
import { MAX_BODY_BYTES } from "../protocol/limits.ts";

/** How long a body may take to arrive, in milliseconds: who sends a byte a second holds nobody up. */
const BODY_DEADLINE_MS = 10_000;
/** So many bytes of a body that nobody wants are read all the same. */
const MAX_UNWANTED_BYTES = 16 * 1024 * 1024;
/** A body means nothing with these (RFC 9110, 9.3.1 and 9.3.2): it is left out, as no such request can be made anew. */
const BODILESS: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** Where JSON-RPC is spoken, a body is refused in words of its own: these routes bound it themselves. */
export const RPC_PATHS = ["/mcp", "/a2a"] as const;

/** Reads what nobody has read of a body before the answer goes. */
export const drainedBody = createMiddleware(async (c, next) => {
  const { body } = c.req.raw;
  await next();
  await drainBody(body);
});

/**
 * Reads what nobody has read of a body, within bounds. Who answers and hangs up in the middle of a body
 * may leave its sender without the answer (RFC 9112, 9.6).
 */
export async function drainBody(body: ReadableStream<Uint8Array> | null): Promise<void> {
  if (body === null || body.locked) return;
  const reader = body.getReader();
  const drained = withDeadline(BODY_DEADLINE_MS, (signal) => drain(reader, signal));
  // However it ends, the answer is as good as it was.
  await drained.catch(() => undefined);
  reader.cancel().catch(() => undefined);
}

async function drain(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  let length = 0;
  while (!signal.aborted && length < MAX_UNWANTED_BYTES) {
    const { done, value } = await reader.read();
    if (done) return;
    length += value.length;
  }
}

/**
 * Gives what follows a body that is here, is of bounded size, and, where it is JSON, is text.
 * @throws {ApexError} `too_large`, `body_timeout`, `malformed_body`, or `unsupported_media_type` where
 *   it is compressed: a few bytes of that can become any number.
 */
export const boundedBody = bodyWithin(MAX_BODY_BYTES);

/** As {@link boundedBody}, of another size, in bytes. */
export function bodyWithin(most: number) {
  return createMiddleware(async (c, next) => {
    const { raw } = c.req;
    const encoding = raw.headers.get("content-encoding") ?? "identity";
    if (encoding.trim().toLowerCase() !== "identity") {
      throw new ApexError("unsupported_media_type", "Send the body without a Content-Encoding.");
    }
    const body = raw.body && (await readWhole(raw.body, announcedLength(raw.headers), most));
    if (body !== null && body.length > 0 && !BODILESS.has(raw.method)) {
      if (/json/i.test(raw.headers.get("content-type") ?? "")) assertText(body);
      c.req.raw = new Request(raw, { body });
    } else if (raw.body !== null || raw.headers.has("content-type")) {
      // Nothing came, or nothing that means anything, in a body that is read now, or of a type that was
      // named: there is nothing to parse.
      const headers = new Headers(raw.headers);
      headers.delete("content-type");
      c.req.raw = new Request(raw.url, { method: raw.method, headers });
    }
    await next();
  });
}

/** @returns the length in bytes that a request says its body has; 0 where it says nothing. */
export function announcedLength(headers: Headers): number {
  return Number(headers.get("content-length") ?? 0);
}

async function readWhole(
  body: ReadableStream<Uint8Array>,
  announced: number,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (announced > most) throw tooLarge(most);
  const reader = body.getReader();
  try {
    return await withDeadline(BODY_DEADLINE_MS, (signal) => collect(reader, most, signal));
  } catch (error) {
    if (error instanceof ApexError) {
      reader.releaseLock();
      throw error;
    }
    // Nobody waits for a sender that may never hear of it.
    reader.cancel().catch(() => undefined);
    if (!(error instanceof DeadlineExceeded)) {
      throw new ApexError("malformed_body", "The body broke off before its end.", { cause: error });
    }
    const detail = `The body did not arrive within ${BODY_DEADLINE_MS / 1000} seconds.`;
    throw new ApexError("body_timeout", detail);
  }
}

async function collect(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  most: number,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  while (!signal.aborted) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > most) throw tooLarge(most);
    pieces.push(value);
  }
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}

/** JSON is UTF-8 (RFC 8259, section 8.1); a lenient reader would put other text in the place of what is not. */
function assertText(body: Uint8Array): void {
  try {
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw new ApexError("malformed_body", "The body is not valid UTF-8.");
  }
}

function tooLarge(most: number): ApexError {
  return new ApexError("too_large", `A body may have ${most} bytes at most.`);
}
