/** How a cancellation finds its run where it comes as a request of its own: by session and request id. */
import type { RequestId } from "@modelcontextprotocol/server";
import type { Context } from "hono";
import { newId } from "../../core/clock.ts";
import { withDeadline } from "../../core/deadline.ts";
import { askThread } from "../../http/ask-thread.ts";
import { threadOf } from "../../http/known-run.ts";
import type { SignedInEnv } from "../../http/router.ts";
import { RunId } from "../../protocol/ids.ts";
import type { Served } from "./server.ts";

/** Names the session in the era that has them; a session here is a name, and nothing that could be lost. */
export const SESSION_HEADER = "Mcp-Session-Id";
/** A request may be cancelled for so long, in seconds: no run takes longer. */
const KEPT_S = 15 * 60;
const DEADLINE_MS = 2_000;
const SESSION_ID = /^[\w-]{16,64}$/;

/** @returns a name for a new session. */
export function newSessionId(): string {
  return newId();
}

/**
 * Requests are named within their session, and kept in KV: what a client wrote by a location, its next
 * request, which comes by the same one, finds there.
 * @returns notes that only their user, in the same session, can act on; none without a session.
 */
export function cancellationsOf(c: Context<SignedInEnv>): Served<unknown>["cancellations"] {
  const session = c.req.header(SESSION_HEADER);
  const { userId } = c.var.principal;
  if (session === undefined || !SESSION_ID.test(session)) {
    return { note: async () => undefined, cancel: async () => undefined };
  }
  const keyOf = (request: RequestId) =>
    `mcp/${userId}/${session}/${encodeURIComponent(JSON.stringify(request)).slice(0, 256)}`;
  return {
    async note(request, runId) {
      await withDeadline(DEADLINE_MS, () =>
        c.env.CACHE.put(keyOf(request), runId, { expirationTtl: KEPT_S }),
      );
    },
    async cancel(request) {
      const noted = await withDeadline(DEADLINE_MS, () => c.env.CACHE.get(keyOf(request)));
      if (noted !== null) await cancelRun(c, RunId.parse(noted));
    },
  };
}

/**
 * Ends a run of the user's, where it has not ended.
 * @throws {ApexError} `not_found`, `unavailable`.
 */
export async function cancelRun(c: Context<SignedInEnv>, runId: RunId): Promise<void> {
  await askThread(c, await threadOf(c, runId), (thread) => thread.cancelRun(runId));
}
