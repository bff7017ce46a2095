/** Request bodies that are files: read as a stream, within a limit, and never held in memory completely. */
import type { Context } from "hono";
import { DeadlineExceeded, withDeadline } from "../core/deadline.ts";
import { ApexError } from "../protocol/errors.ts";
import { MAX_UPLOAD_BYTES } from "../protocol/limits.ts";
import { announcedLength } from "./body.ts";

/** How long the next piece of an upload may take to arrive, in milliseconds. */
const IDLE_MS = 10_000;

/** The routes that read their bodies themselves, after authentication. */
export const UPLOAD_PATHS = [
  "/api/usage/records",
  "/api/usage/imports",
  "/api/usage/evaluations",
  "/v1/traces",
];

/** What a request says about the file in its body. */
interface Upload {
  readonly bytes: AsyncGenerator<Uint8Array>;
  /** The media type without parameters, in lower case; empty if the request names none. */
  readonly type: string;
  readonly charset: string | null;
}

/**
 * @throws {ApexError} `unsupported_media_type` if the file is compressed; `too_large` if its Content-Length is.
 *   Reading the stream fails with `too_large`, `body_timeout` or `malformed_body`.
 */
export function uploadOf({ req: { raw } }: Pick<Context, "req">): Upload {
  const encoding = raw.headers.get("content-encoding") ?? "identity";
  if (encoding.trim().toLowerCase() !== "identity") {
    throw new ApexError("unsupported_media_type", "Send the body without a Content-Encoding.");
  }
  if (announcedLength(raw.headers) > MAX_UPLOAD_BYTES) throw tooLarge();
  const [type = "", ...parameters] = (raw.headers.get("content-type") ?? "")
    .toLowerCase()
    .split(";");
  const charset = parameters
    .map((each) => /^\s*charset="?([^"\s]+)"?\s*$/.exec(each)?.[1])
    .find(Boolean);
  return { bytes: piecesOf(raw.body), type: type.trim(), charset: charset ?? null };
}

async function* piecesOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  const reader = body.getReader();
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await withDeadline(IDLE_MS, () => reader.read());
      if (done) return;
      length += value.length;
      if (length > MAX_UPLOAD_BYTES) throw tooLarge();
      yield value;
    }
  } catch (error) {
    if (error instanceof ApexError) throw error;
    if (error instanceof DeadlineExceeded) {
      const detail = `Nothing more of the body arrived within ${IDLE_MS / 1000} seconds.`;
      throw new ApexError("body_timeout", detail);
    }
    throw new ApexError("malformed_body", "The body broke off before its end.", { cause: error });
  } finally {
    // The middleware {@link drainedBody} reads the rest before the answer is sent.
    reader.releaseLock();
  }
}

function tooLarge(): ApexError {
  return new ApexError("too_large", `A file may have ${MAX_UPLOAD_BYTES} bytes at most.`);
}
