/** What the main database remembers of how the history is spread: asked when an isolate begins, and written when an era does. */
import { and, eq, inArray, sql } from "drizzle-orm";
import { type Database, guardD1 } from "./database.ts";
import { historyEras, users } from "./tables.ts";

/** A row as it stands; who knows the setting reads it. */
export type HistoryEraRow = typeof historyEras.$inferSelect;

export class HistoryEras {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * @returns every row, and the id of the account that was made last of those whose ids tell when (UUIDv7, which
   *   sorts by its moment); null where there is none.
   * @throws {ApexError} `unavailable` if D1 does not answer.
   */
  async read(): Promise<{
    readonly rows: readonly HistoryEraRow[];
    readonly newestAccount: string | null;
  }> {
    const [rows, newest] = await guardD1(
      this.#db.batch([
        this.#db.select().from(historyEras),
        this.#db
          .select({ id: users.id })
          .from(users)
          .where(sql`substr(${users.id}, 15, 1) = '7'`)
          .orderBy(sql`${users.id} DESC`)
          .limit(1),
      ]),
    );
    return { rows, newestAccount: newest[0]?.id ?? null };
  }

  /**
   * Writes rows, and takes back others by their moments. What is in use is left as it is: whoever came
   * first has users served by it.
   * @throws {ApexError} `unavailable` if D1 does not answer.
   */
  async note(rows: readonly HistoryEraRow[], forgotten: readonly string[]): Promise<void> {
    const isPlanned = eq(historyEras.in_use, 0);
    const forget = this.#db
      .delete(historyEras)
      .where(and(inArray(historyEras.begins_at, [...forgotten]), isPlanned));
    const write = rows.map((row) =>
      this.#db.insert(historyEras).values(row).onConflictDoUpdate({
        target: historyEras.begins_at,
        set: row,
        setWhere: isPlanned,
      }),
    );
    await guardD1(this.#db.batch([forget, ...write]));
  }
}
