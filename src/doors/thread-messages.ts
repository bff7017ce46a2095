/** The messages of a thread, for clients that mean one of them by its place, or by what it was before. */
import type { Context } from "hono";
import { askThread } from "../http/ask-thread.ts";
import type { SignedInEnv } from "../http/router.ts";
import type { Message } from "../protocol/entities.ts";
import type { ThreadId } from "../protocol/ids.ts";
import type { MessageRange } from "../thread/conversation.ts";

/** So many messages of a thread are looked through for one of them. */
const MAX_MESSAGES = 1_000;

/** @throws {ApexError} `unavailable`. */
export function threadMessages(
  c: Context<SignedInEnv>,
  threadId: ThreadId,
  {
    limit = MAX_MESSAGES,
    ...which
  }: Pick<MessageRange, "order" | "superseded"> & { readonly limit?: number },
): Promise<readonly Message[]> {
  return askThread(c, threadId, (thread) => thread.readMessages({ after: null, limit, ...which }));
}
