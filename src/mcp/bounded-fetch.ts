/**
 * A `fetch` for connected servers: to one address only, without redirects, and with a limit for the size of an
 * answer.
 */
import { McpFailure } from "./failure.ts";
import { problemSentence } from "./problems.ts";

/** The platform's `fetch`, or its replacement in tests. */
export type Fetch = (request: Request) => Promise<Response>;

/** `fetch` as the MCP client calls it. */
type ClientFetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

interface Way {
  /** The only address that is asked. It was checked before. */
  readonly address: URL;
  readonly fetch: Fetch;
  readonly maxBytes: number;
  /** Called with what is wrong with an answer, because the MCP client would only retry in vain. */
  readonly fault: (failure: McpFailure) => void;
  /** Called with each answer that refuses access, because the MCP client drops its headers. */
  readonly refused: (answer: Response) => void;
}

/**
 * @returns a `fetch` for one address. A GET, which would open a stream of messages from the server, is answered
 *   with 405 right here: nobody would read them.
 */
export function boundedFetch({ address, fetch, maxBytes, fault, refused }: Way): ClientFetch {
  const refuse = (reason: string): never => {
    const failure = new McpFailure(reason);
    fault(failure);
    throw failure;
  };
  return async (url, init = {}) => {
    const request = new Request(url, { ...init, redirect: "manual" });
    if (request.url !== address.href) refuse(problemSentence("other_address"));
    if (request.method === "GET") return new Response(null, { status: 405 });
    const answer = await fetch(request);
    if (answer.status === 401 || answer.status === 403) refused(answer);
    return await boundedAnswer(answer, maxBytes, refuse);
  };
}

/**
 * @param refuse throws the error for an answer that is not acceptable.
 * @returns the answer. Reading its body fails once it is larger than the limit.
 */
export async function boundedAnswer(
  { status, headers, body }: Response,
  maxBytes: number,
  refuse: (reason: string) => never,
): Promise<Response> {
  if (status >= 300 && status < 400) {
    await body?.cancel();
    refuse(problemSentence("redirects"));
  }
  if (Number(headers.get("content-length") ?? 0) > maxBytes) {
    await body?.cancel();
    refuse(tooLarge(maxBytes));
  }
  const bounded = body?.pipeThrough(bound(maxBytes, () => refuse(tooLarge(maxBytes)))) ?? null;
  return new Response(bounded, { status, headers });
}

/** Counts the bytes that arrive, because Content-Length is only a claim. */
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
  return problemSentence("too_large", maxBytes / 1024);
}
