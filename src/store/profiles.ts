/** One user's profile in D1: the name, and how they like things. */
import { eq, sql } from "drizzle-orm";
import type { User } from "../protocol/entities.ts";
import type { UserId } from "../protocol/ids.ts";
import { Preferences, type UpdatePreferencesBody } from "../protocol/preferences.ts";
import { Accounts } from "./accounts.ts";
import { type Database, guardD1 } from "./database.ts";
import { users } from "./tables.ts";

/** Every method gives null where there is no such user, and throws `unavailable` if D1 does not answer. */
export class Profiles {
  readonly #db: Database;
  readonly #userId: UserId;

  constructor(db: Database, userId: UserId) {
    this.#db = db;
    this.#userId = userId;
  }

  async rename(name: string): Promise<User | null> {
    await guardD1(this.#db.update(users).set({ name }).where(this.#own()));
    return await new Accounts(this.#db).findById(this.#userId);
  }

  async preferences(): Promise<Preferences | null> {
    const columns = { preferences: users.preferences };
    const row = await guardD1(this.#db.select(columns).from(users).where(this.#own()).get());
    return row ? Preferences.parse(row.preferences) : null;
  }

  /** Merges in one statement, so that two changes at once are both kept (RFC 7396). */
  async prefer(change: UpdatePreferencesBody): Promise<Preferences | null> {
    const merged = sql`json_patch(${users.preferences}, ${JSON.stringify(change)})`;
    const row = await guardD1(
      this.#db
        .update(users)
        .set({ preferences: merged })
        .where(this.#own())
        .returning({ preferences: users.preferences })
        .get(),
    );
    return row ? Preferences.parse(row.preferences) : null;
  }

  #own() {
    return eq(users.id, this.#userId);
  }
}
