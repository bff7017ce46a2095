/** A thread for one request that names none: made for it, and gone again where the request is refused. */
import type { Context } from "hono";
import { assertPermitted } from "../auth/permission.ts";
import { inNewThread } from "../http/new-thread.ts";
import type { SignedInEnv } from "../http/router.ts";
import type { ClientMessageId, ThreadId } from "../protocol/ids.ts";
import { inNamedThread, isRefusal } from "./named-thread.ts";

/**
 * Does some work in a new thread.
 * @param key identifies the request: if it is repeated under the same key, the same thread is used.
 * @throws {ApexError} `forbidden` if the user may not create threads, or whatever the work throws.
 */
export async function inOwnThread<Done>(
  c: Context<SignedInEnv>,
  key: ClientMessageId | undefined,
  work: (id: ThreadId) => Promise<Done>,
): Promise<Done> {
  const { scopes, userId } = c.var.principal;
  assertPermitted(scopes, "threads:write");
  if (key !== undefined) return await inNamedThread(c, `idempotency-key:${key}`, { work });
  return await inNewThread(c.env, userId, work, isRefusal);
}
