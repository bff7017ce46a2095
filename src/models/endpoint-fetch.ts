/** The fetch under the SDK: it bounds what an endpoint may send and how long it may make us wait. */

/** A whole response, in bytes: a chunk takes some 300 for 4 characters, so any turn we accept fits. */
const MAX_RESPONSE_BYTES = 24 * 1024 * 1024;
/** The longest Retry-After that is waited for, in seconds; a longer one is the caller's to know. */
const MAX_RETRY_AFTER = 20;

/** @returns a fetch whose responses are bounded, and that forbids the SDK to sit out a long wait. */
export function endpointFetch(now: () => number): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const headers = new Headers(response.headers);
    const wait = retryAfter(headers, now());
    // The SDK obeys this header of OpenAI's: a refusal is then thrown, not retried.
    if (wait !== undefined && wait > MAX_RETRY_AFTER) headers.set("x-should-retry", "false");
    const { status, statusText } = response;
    return new Response(response.body?.pipeThrough(bounded()), { status, statusText, headers });
  };
}

/** @returns the seconds to wait by Retry-After (RFC 9110, 10.2.3), as a number or as a date. */
export function retryAfter(headers: Headers, now: number): number | undefined {
  const value = headers.get("retry-after")?.trim();
  if (!value) return undefined;
  const seconds = /^\d+(\.\d+)?$/.test(value) ? Number(value) : (Date.parse(value) - now) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : undefined;
}

function bounded(): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > MAX_RESPONSE_BYTES) controller.error(new RangeError("The response is too large"));
      else controller.enqueue(chunk);
    },
  });
}
