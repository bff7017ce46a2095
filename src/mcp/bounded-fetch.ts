/** The way to a connected server: one address, no redirects, and no more of an answer than can be held. */
import { McpFailure } from "./failure.ts";

/** The platform's `fetch`, or what stands in for the network. */
export type Fetch = (request: Request) => Promise<Response>;

/** `fetch` as the MCP client calls it. */
type ClientFetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

interface Way {
  /** The one address that is asked, already judged. */
  readonly address: URL;
  readonly fetch: Fetch;
  readonly maxBytes: number;
  /** Told what is wrong with an answer: the client itself would try again where there is no use. */
  readonly fault: (failure: McpFailure) => void;
}

/**
 * @returns a `fetch` that asks one address alone. Nobody listens to what a server says unasked: a GET
 *   is answered here, as by a server that offers no such stream.
 */
export function boundedFetch({ address, fetch, maxBytes, fault }: Way): ClientFetch {
  const refuse = (reason: string): never => {
    const failure = new McpFailure(reason);
    fault(failure);
    throw failure;
  };
  return async (url, init = {}) => {
    const request = new Request(url, { ...init, redirect: "manual" });
    if (request.url !== address.href) refuse("Its client was led to another address.");
    if (request.method === "GET") return new Response(null, { status: 405 });
    const answer = await fetch(request);
    const { status, headers, body } = answer;
    if (status >= 300 && status < 400) {
      await body?.cancel();
      refuse("It redirects to another address, which is not followed.");
    }
    if (Number(headers.get("content-length") ?? 0) > maxBytes) {
      await body?.cancel();
      refuse(tooLarge(maxBytes));
    }
    const bounded = body?.pipeThrough(bound(maxBytes, () => refuse(tooLarge(maxBytes)))) ?? null;
    return new Response(bounded, { status, headers });
  };
}

/** Counts what truly comes: a length that is told is only a claim. */
function bound(maxBytes: number, refuse: () => never): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) refuse();
      controller.enqueue(chunk);
    },
  });
}

function tooLarge(maxBytes: number): string {
  return `It answered with more than ${maxBytes / 1024} KiB.`;
}
