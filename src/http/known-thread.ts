/** Checks that a user has a thread: in D1, or if that is unreachable, at the Thread object. */
import { historyDatabase } from "../durable/history-database.ts";
import { ApexError } from "../protocol/errors.ts";
import type { ThreadId, UserId } from "../protocol/ids.ts";
import { Threads } from "../store/threads.ts";
import { reachThread } from "./ask-thread.ts";
import { notFound } from "./problems.ts";

/**
 * Calling an object creates it, so the thread itself is asked only if D1 is unreachable. It knows that it exists
 * from its first message on.
 * @throws {ApexError} `not_found`; `unavailable` if neither can tell.
 */
export async function assertThread(
  env: Cloudflare.Env,
  userId: UserId,
  threadId: ThreadId,
): Promise<void> {
  const isThere = await new Threads(historyDatabase(env, userId), userId)
    .exists(threadId)
    .catch(async (error: unknown) => {
      if (ApexError.from(error).code !== "unavailable") throw error;
      if (await reachThread(env, userId, threadId, (thread) => thread.isKnown())) return true;
      throw error;
    });
  if (!isThere) throw notFound();
}
