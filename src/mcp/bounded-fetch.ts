/** The way to a connected server: one address, no redirects, and no more of an answer than can be held. */
import { McpFailure } from "./failure.ts";
import { problemSentence } from "./problems.ts";

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
  /** Told of each answer that refuses, because the client keeps nothing of its headers. */
  readonly refused: (answer: Response) => void;
}

/**
 * @returns a `fetch` that asks one address alone. Nobody listens to what a server says unasked: a GET
 *   is answered here, as by a server that offers no such stream.
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
 * @param refuse throws what is wrong with the answer, said of whoever gave it.
 * @returns the answer, whose body ends with an error once it is larger than the bound.
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
  return problemSentence("too_large", maxBytes / 1024);
}
