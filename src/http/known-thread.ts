/** Whether a thread is there for its user: D1 says so, and where it can't, the thread itself. */
import { historyDatabase } from "../durable/history-database.ts";
import { ApexError } from "../protocol/errors.ts";
import type { ThreadId, UserId } from "../protocol/ids.ts";
import { Threads } from "../store/threads.ts";
import { reachThread } from "./ask-thread.ts";
import { notFound } from "./problems.ts";

/**
 * Reaching an object makes it, so a thread is asked only where D1 is away; from its first message on
 * it knows that it is there.
 * @throws {ApexError} `not_found`; `unavailable` where neither can say.
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
