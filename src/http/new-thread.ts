/** Threads that are made for something, and go again where it comes to nothing. */
import { systemClock, timestamp } from "../core/clock.ts";
import { historyDatabase } from "../durable/history-database.ts";
import type { ThreadId, UserId } from "../protocol/ids.ts";
import { Threads } from "../store/threads.ts";

/**
 * Makes a thread, and does in it what it was made for.
 * @param isOver whether nothing can have been done in it, as its failure has it: then the thread goes.
 * @throws what the work fails with.
 */
export async function inNewThread<Done>(
  env: Cloudflare.Env,
  userId: UserId,
  work: (id: ThreadId) => Promise<Done>,
  isOver: (error: unknown) => boolean,
): Promise<Done> {
  const threads = new Threads(historyDatabase(env, userId), userId);
  const { id } = await threads.create({}, timestamp(systemClock.now()));
  try {
    return await work(id);
  } catch (error) {
    // Why it failed outranks what of it could not be cleared away.
    if (isOver(error)) await threads.delete(id).catch(() => false);
    throw error;
  }
}
