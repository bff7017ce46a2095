/** Threads that are created for a request, and deleted again if the request fails. */
import { systemClock, timestamp } from "../core/clock.ts";
import { historyDatabase } from "../durable/history-database.ts";
import type { ThreadId, UserId } from "../protocol/ids.ts";
import { Threads } from "../store/threads.ts";

/**
 * Creates a thread and does the work in it.
 * @param isOver whether the work's error proves that nothing was stored in the thread: then it is deleted.
 * @throws what the work throws.
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
    // The work's error matters more than a failure to delete the thread.
    if (isOver(error)) await threads.delete(id).catch(() => false);
    throw error;
  }
}
