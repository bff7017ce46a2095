/** One user's threads in D1 by the names that clients of other protocols have for them. */
import { and, asc, eq, sql } from "drizzle-orm";
import { newId } from "../core/clock.ts";
import { Thread } from "../protocol/entities.ts";
import type { UserId } from "../protocol/ids.ts";
import { guardD1, type HistoryDatabase } from "./database.ts";
import { keepOwner } from "./history-owner.ts";
import { threads } from "./history-tables.ts";

/** The label of a thread that holds its foreign name. */
export const NAME_LABEL = "client_thread_id";

/**
 * A name is a label of the thread. Its user sees it and may remove it, and never finds another user's thread by
 * it. Every method throws {@link ApexError} `unavailable` if D1 does not answer.
 */
export class NamedThreads {
  readonly #db: HistoryDatabase;
  readonly #userId: UserId;

  constructor(db: HistoryDatabase, userId: UserId) {
    this.#db = db;
    this.#userId = userId;
  }

  /** @returns the user's first thread of that name, or null. */
  async find(name: string): Promise<Thread | null> {
    const row = await guardD1(
      this.#db
        .select()
        .from(threads)
        .where(this.#named(name))
        .orderBy(asc(threads.id))
        .limit(1)
        .get(),
    );
    return row ? Thread.parse(row) : null;
  }

  /** Makes a thread of that name, but where there is one: of many who ask at once, one does. */
  async make(name: string, now: string): Promise<void> {
    const metadata = JSON.stringify({ [NAME_LABEL]: name });
    await keepOwner(this.#db, this.#userId);
    await guardD1(
      this.#db.run(sql`
        INSERT INTO ${threads} (id, user_id, metadata, created_at, updated_at)
        SELECT ${newId()}, ${this.#userId}, ${metadata}, ${now}, ${now}
        WHERE NOT EXISTS (SELECT 1 FROM ${threads} WHERE ${this.#named(name)})`),
    );
  }

  #named(name: string) {
    return and(
      eq(threads.user_id, this.#userId),
      eq(sql`json_extract(${threads.metadata}, ${`$.${NAME_LABEL}`})`, name),
    );
  }
}
