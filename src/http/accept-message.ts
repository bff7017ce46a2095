/** Passes a message to its thread, whichever protocol it came by. */
import type { Context } from "hono";
import { newId } from "../core/clock.ts";
import { succeeded } from "../core/outcome.ts";
import { grantOf } from "../durable/grant.ts";
import type { PostMessageBody } from "../protocol/api.ts";
import type { CallerContext } from "../protocol/caller.ts";
import { ClientMessageId, type ThreadId } from "../protocol/ids.ts";
import type { Accepted } from "../thread/rpc.ts";
import { askThread } from "./ask-thread.ts";
import { assertThread } from "./known-thread.ts";
import type { SignedInEnv } from "./router.ts";
import { originOf } from "./traced.ts";

/**
 * @param caller what a client of another protocol sent along (its functions, earlier turns); none for the API itself.
 * @returns the message's run, durably queued, and the log position after which its events follow.
 * @throws {ApexError} `not_found` if the thread is not the user's; why the thread refuses it, as
 *   `thread_busy`, `queue_full`, `quota_exceeded` or `idempotency_conflict`; `unavailable`.
 */
export async function acceptMessage(
  c: Context<SignedInEnv>,
  threadId: ThreadId,
  message: PostMessageBody,
  caller?: CallerContext,
): Promise<Accepted> {
  await assertThread(c.env, c.var.principal.userId, threadId);
  // The call is repeated if the object restarts in between: the id makes sure the message is accepted once.
  const client_message_id = message.client_message_id ?? ClientMessageId.parse(newId());
  const sender = grantOf(c.var.principal);
  const outcome = await askThread(c, threadId, (thread) =>
    thread.postMessage({ ...message, client_message_id }, sender, caller, originOf(c)),
  );
  return succeeded(outcome);
}
