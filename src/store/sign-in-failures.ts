/** Wrong passwords of late in D1, by email address, so that whoever guesses is slowed down. */
import { eq, lte, sql } from "drizzle-orm";
import { type Database, guardD1 } from "./database.ts";
import { signInFailures } from "./tables.ts";

/**
 * Keyed by a hash: the table holds no address of anybody. Moments are RFC 3339 UTC with milliseconds.
 * Every method throws {@link ApexError} `unavailable` if D1 does not answer.
 */
export class SignInFailures {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Counts an attempt as failed until {@link clear} says otherwise, so that attempts at once each count
   * those before them.
   * @param forgottenSince whatever last failed by then is swept away, for whichever address.
   * @returns how many there were, this one included.
   */
  async count(emailHash: string, now: string, forgottenSince: string): Promise<number> {
    const [, [counted]] = await guardD1(
      this.#db.batch([
        this.#db.delete(signInFailures).where(lte(signInFailures.last_at, forgottenSince)),
        this.#db
          .insert(signInFailures)
          .values({ email_hash: emailHash, failures: 1, last_at: now })
          .onConflictDoUpdate({
            target: signInFailures.email_hash,
            set: { failures: sql`${signInFailures.failures} + 1`, last_at: now },
          })
          .returning({ failures: signInFailures.failures }),
      ]),
    );
    return counted?.failures ?? 1;
  }

  async clear(emailHash: string): Promise<void> {
    await guardD1(this.#db.delete(signInFailures).where(eq(signInFailures.email_hash, emailHash)));
  }
}
