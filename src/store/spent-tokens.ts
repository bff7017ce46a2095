/** One-time tokens in D1: which were used, for as long as somebody could use them again. */
import { lte } from "drizzle-orm";
import { type Database, guardD1 } from "./database.ts";
import { spentTokens } from "./tables.ts";

export class SpentTokens {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Spends a token, and sweeps away the ones whose time is over.
   * @param token.expiresAt from when on the token is refused for its age, RFC 3339.
   * @returns true for exactly one caller, however many spend it at once.
   * @throws {ApexError} `unavailable` if D1 does not answer.
   */
  async spend(token: {
    readonly id: string;
    readonly expiresAt: string;
    readonly now: string;
  }): Promise<boolean> {
    const [, spent] = await guardD1(
      this.#db.batch([
        this.#db.delete(spentTokens).where(lte(spentTokens.expires_at, token.now)),
        this.#db
          .insert(spentTokens)
          .values({ id: token.id, expires_at: token.expiresAt })
          .onConflictDoNothing()
          .returning({ id: spentTokens.id }),
      ]),
    );
    return spent.length > 0;
  }
}
