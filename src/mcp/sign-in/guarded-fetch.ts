/** A `fetch` for authorization servers, with the same rules for addresses, size and redirects as for MCP servers. */
import { withDeadline } from "../../core/deadline.ts";
import { judgedAddress } from "../address.ts";
import { boundedAnswer, type Fetch } from "../bounded-fetch.ts";
import { McpFailure } from "../failure.ts";
import { problemSentence } from "../problems.ts";
import { MAX_ANSWER_BYTES } from "../session.ts";

/** The timeout of one answer with its body, in milliseconds. */
const ANSWER_MS = 5_000;

export interface Reach {
  readonly fetch: Fetch;
  /** Whether servers on this machine may be called. */
  readonly isDevelopment: boolean;
  readonly answerMs?: number;
}

/** A request, as the OAuth library passes it. */
interface Asked {
  readonly method?: string;
  readonly headers?: HeadersInit;
  readonly body?: BodyInit | null | undefined;
}

export type GuardedFetch = (url: string, asked?: Asked) => Promise<Response>;

/**
 * @returns a `fetch` that gives complete answers. Every address is checked when it is called, because addresses
 *   come from documents of strangers. It throws {@link McpFailure}.
 */
export function guardedFetch({ fetch, isDevelopment, answerMs = ANSWER_MS }: Reach): GuardedFetch {
  return async (url, { method = "GET", headers = {}, body = null } = {}) => {
    const address = judgedAddress(url, isDevelopment, "sign_in_address_refused");
    try {
      return await withDeadline(answerMs, async (signal) => {
        const init = { method, headers, body, redirect: "manual", signal } as const;
        const answer = await fetch(new Request(address, init));
        const bounded = await boundedAnswer(answer, MAX_ANSWER_BYTES, refuse);
        const bytes = await bounded.arrayBuffer();
        const { status, headers: told } = bounded;
        return new Response(bytes.byteLength > 0 ? bytes : null, { status, headers: told });
      });
    } catch (cause) {
      if (cause instanceof McpFailure) throw cause;
      throw new McpFailure(problemSentence("sign_in_server_failed"), { cause });
    }
  };
}

function refuse(reason: string): never {
  throw new McpFailure(problemSentence("sign_in_server_refused", reason));
}
