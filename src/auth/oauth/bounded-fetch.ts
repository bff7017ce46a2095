/** A `fetch` for identity providers, with limits for time and size, so that a provider cannot hold up a request. */
import { withDeadline } from "../../core/deadline.ts";
import { ApexError } from "../../protocol/errors.ts";

/** The timeout of one answer with its body, in milliseconds. */
const DEADLINE_MS = 5_000;
/** Discovery documents and key sets are a few kilobytes. */
const MAX_ANSWER_BYTES = 256 * 1024;
/** The headers of an answer that are passed on. */
const HEADERS = ["content-type", "www-authenticate"];

/** The platform's `fetch`, or its replacement in tests. */
export type Fetch = (request: Request) => Promise<Response>;

/** A request to a provider, as the OAuth library passes it. */
interface Asked {
  readonly method?: string;
  readonly headers?: HeadersInit;
  readonly body?: BodyInit | null | undefined;
}

/** `fetch` as the OAuth library calls it. */
export type BoundedFetch = (url: string, asked: Asked) => Promise<Response>;

/**
 * @returns a `fetch` that gives complete answers and follows no redirects: the addresses of a provider are
 *   configured, and its answers must not add others. It throws {@link ApexError} `provider_unavailable`, also for
 *   the status codes 3xx and 5xx.
 */
export function boundedFetch(fetch: Fetch, { deadlineMs = DEADLINE_MS } = {}): BoundedFetch {
  return async (url, { method = "GET", headers = {}, body = null }) => {
    try {
      return await withDeadline(deadlineMs, async (signal) => {
        const init = { method, headers, body, redirect: "manual", signal } as const;
        const answer = await fetch(new Request(url, init));
        const { status } = answer;
        if ((status >= 300 && status < 400) || status >= 500) {
          await answer.body?.cancel();
          throw new Error(`The provider answered ${status}`);
        }
        const told = await readBounded(answer);
        return new Response(told.length > 0 ? told : null, { status, headers: kept(answer) });
      });
    } catch (cause) {
      throw new ApexError(
        "provider_unavailable",
        "The identity provider did not answer as it should. Please try again later.",
        { cause },
      );
    }
  };
}

async function readBounded({ body }: Response): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new Error("The provider's answer is too large");
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function kept({ headers }: Response): [string, string][] {
  return HEADERS.flatMap((name): [string, string][] => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value]];
  });
}
