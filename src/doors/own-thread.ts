/** A thread for one request that names none: made for it, and gone again where the request is refused. */
import type { Context } from "hono";
import { assertPermitted } from "../auth/permission.ts";
import { inNewThread } from "../http/new-thread.ts";
import type { SignedInEnv } from "../http/router.ts";
import type { ClientMessageId, ThreadId } from "../protocol/ids.ts";
import { inNamedThread, isRefusal } from "./named-thread.ts";

/**
 * Does something in a thread of its own.
 * @param key whoever says the same again under it finds the thread that was made for it.
 * @throws {ApexError} `forbidden` for who may not make threads; what the work fails with.
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
