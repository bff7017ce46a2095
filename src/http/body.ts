/** Reads request bodies: completely, within a limit of size and time, before anything is parsed. */
import { createMiddleware } from "hono/factory";
import { DeadlineExceeded, withDeadline } from "../core/deadline.ts";
import { ApexError } from "../protocol/errors.ts";
import { MAX_BODY_BYTES } from "../protocol/limits.ts";

/** How long a body may take to arrive, in milliseconds, so that a slow sender holds nothing up. */
const BODY_DEADLINE_MS = 10_000;
/** How many bytes of an unwanted body are read all the same. */
const MAX_UNWANTED_BYTES = 16 * 1024 * 1024;
/** A body has no meaning for these methods (RFC 9110, sections 9.3.1 and 9.3.2), and `Request` does not allow one. */
const BODILESS: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** JSON-RPC has its own form of errors, so these routes limit the body themselves. */
export const RPC_PATHS = ["/mcp", "/a2a"] as const;

/** Before the answer is sent, reads what is left of the request's body. */
export const drainedBody = createMiddleware(async (c, next) => {
  const { body } = c.req.raw;
  await next();
  await drainBody(body);
});

/**
 * Reads the rest of a body, within limits. A server that answers and closes the connection while the body still
 * arrives may cause the client to lose the answer (RFC 9112, section 9.6).
 */
export async function drainBody(body: ReadableStream<Uint8Array> | null): Promise<void> {
  if (body === null || body.locked) return;
  const reader = body.getReader();
  const drained = withDeadline(BODY_DEADLINE_MS, (signal) => drain(reader, signal));
  // A failure here does not affect the answer.
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
 * Gives the handlers a body that has arrived completely, is within the limit and, if it is JSON, is valid UTF-8.
 * @throws {ApexError} `too_large`, `body_timeout`, `malformed_body`, or `unsupported_media_type` if it is
 *   compressed, because a few bytes could then expand without end.
 */
export const boundedBody = bodyWithin(MAX_BODY_BYTES);

/** Like {@link boundedBody}, with another limit in bytes. */
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
      // There is nothing to parse, so the content type is dropped as well.
      const headers = new Headers(raw.headers);
      headers.delete("content-type");
      c.req.raw = new Request(raw.url, { method: raw.method, headers });
    }
    await next();
  });
}

/** @returns the Content-Length in bytes; 0 if there is none. */
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
    // Not awaited: the sender may never notice the cancellation.
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

/** JSON must be UTF-8 (RFC 8259, section 8.1). A lenient decoder would silently replace invalid bytes. */
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
