/** Finds the run that a cancellation means, if it arrives as a separate request: by session and request id. */
import type { RequestId } from "@modelcontextprotocol/server";
import type { Context } from "hono";
import * as z from "zod";
import { withDeadline } from "../../core/deadline.ts";
import { askThread } from "../../http/ask-thread.ts";
import { threadOf } from "../../http/known-run.ts";
import type { SignedInEnv } from "../../http/router.ts";
import { RunId } from "../../protocol/ids.ts";
import { sessionOf } from "./session.ts";

/** A request may be cancelled for so long, in seconds: no run takes longer. */
const KEPT_S = 15 * 60;
const DEADLINE_MS = 2_000;

const Cancellation = z.object({
  method: z.literal("notifications/cancelled"),
  params: z.object({ requestId: z.union([z.string(), z.number()]) }),
});

/**
 * Notes which run a request of the session began. KV keeps it: what was written by a location is there for
 * the client's next request, which comes by the same one. Without a session nothing is noted.
 */
export async function noteRun(
  c: Context<SignedInEnv>,
  request: RequestId,
  runId: RunId,
): Promise<void> {
  const key = keyOf(c, request);
  if (key === null) return;
  await withDeadline(DEADLINE_MS, () => c.env.CACHE.put(key, runId, { expirationTtl: KEPT_S }));
}

/** Ends the run that a message cancels, where it is a cancellation of a request that was noted. */
export async function heedCancellation(c: Context<SignedInEnv>, message: unknown): Promise<void> {
  const cancellation = Cancellation.safeParse(message);
  if (!cancellation.success) return;
  const key = keyOf(c, cancellation.data.params.requestId);
  if (key === null) return;
  const noted = await withDeadline(DEADLINE_MS, () => c.env.CACHE.get(key));
  if (noted !== null) await cancelRun(c, RunId.parse(noted));
}

/** Under the user and the session: nobody else's notes can be read, or written over. */
function keyOf(c: Context<SignedInEnv>, request: RequestId): string | null {
  const session = sessionOf(c.req.raw.headers);
  if (session === null) return null;
  const name = encodeURIComponent(JSON.stringify(request)).slice(0, 256);
  return `mcp/${c.var.principal.userId}/${session}/${name}`;
}

/**
 * Cancels a run of the user's, unless it has ended already.
 * @throws {ApexError} `not_found`, `unavailable`.
 */
export async function cancelRun(c: Context<SignedInEnv>, runId: RunId): Promise<void> {
  await askThread(c, await threadOf(c, runId), (thread) => thread.cancelRun(runId));
}
