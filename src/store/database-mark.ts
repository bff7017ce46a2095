/** What a database remembers of itself: the binding that it was first used by. */
import { type Database, guardD1 } from "./database.ts";
import { databaseMark } from "./tables.ts";

export class DatabaseMark {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** @returns the binding; null where none is noted. @throws {ApexError} `unavailable` if D1 does not answer. */
  async read(): Promise<string | null> {
    const [row] = await guardD1(this.#db.select().from(databaseMark));
    return row?.binding ?? null;
  }

  /**
   * Notes the binding if none is noted yet.
   * @returns the binding that is noted afterwards; somebody else may have noted another first.
   * @throws {ApexError} `unavailable` if D1 does not answer.
   */
  async note(binding: string): Promise<string | null> {
    const row = { only_row: 1, binding };
    await guardD1(this.#db.insert(databaseMark).values(row).onConflictDoNothing());
    return await this.read();
  }
}
