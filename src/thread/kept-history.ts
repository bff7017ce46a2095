/** What a Thread object has in the history: reached only where the setting still says which database that is in. */
import { historyDatabase } from "../durable/history-database.ts";
import { confirmEras } from "../durable/history-eras.ts";
import type { ThreadId, UserId } from "../protocol/ids.ts";
import { History, type UsageWriter } from "../store/history.ts";
import { Threads } from "../store/threads.ts";

/**
 * Elsewhere nothing of a thread would be found, and it would be taken for one that is gone.
 * @returns what a Thread object reads and writes of the history; each rejects with `misconfigured` where the
 *   setting contradicts what was served, and with `unavailable` where D1 does not answer.
 * @throws {ApexError} `misconfigured`.
 */
export function keptHistory(env: Cloudflare.Env, userId: UserId, writeUsage: UsageWriter) {
  const database = historyDatabase(env, userId);
  const history = new History(database, userId, writeUsage);
  const threads = new Threads(database, userId);
  async function confirmed<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    await confirmEras(env);
    return await ask();
  }
  const save: History["save"] = (rows) => confirmed(() => history.save(rows));
  return {
    history: { save },
    threads: {
      get: (id: ThreadId) => confirmed(() => threads.get(id)),
      delete: (id: ThreadId) => confirmed(() => threads.delete(id)),
      create: (...made: Parameters<Threads["create"]>) => confirmed(() => threads.create(...made)),
    },
  };
}
