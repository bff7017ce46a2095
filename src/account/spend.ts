/** What a user's runs spent on a day: the ledger knows, and it is asked once a day. */
import { DAY_MS, dayOf, plus, type Spend } from "../core/quota.ts";
import type { LedgerRows } from "./ledger.ts";

/** Days for which a team's object remembers what its members spent. */
export const KEPT_DAYS = 31;

/** Of an earlier version, which kept the sums of days beside the ledger; nothing reads it any more. */
export const SPEND_TABLE = `CREATE TABLE spend (
  day INTEGER PRIMARY KEY, tokens INTEGER NOT NULL, usd REAL NOT NULL, runs INTEGER NOT NULL
);`;

export class SpendOfDay {
  readonly #ledger: Pick<LedgerRows, "spentBetween">;
  #known: { readonly day: number; readonly spent: Spend } | null = null;

  constructor(ledger: Pick<LedgerRows, "spentBetween">) {
    this.#ledger = ledger;
  }

  /**
   * Adds what the ledger has now; call it once that is committed.
   * @param at when it was spent, in milliseconds since the Unix epoch.
   */
  add(at: number, spent: Spend): void {
    if (this.#known?.day !== dayOf(at)) return;
    this.#known = { day: this.#known.day, spent: plus(this.#known.spent, spent) };
  }

  /** Asks the ledger anew: call it where something was entered beside runs. */
  recount(): void {
    this.#known = null;
  }

  /** @returns what was spent on the day of a moment. */
  on(at: number): Spend {
    const day = dayOf(at);
    if (this.#known?.day !== day) {
      const spent = this.#ledger.spentBetween(day * DAY_MS, (day + 1) * DAY_MS);
      this.#known = { day, spent };
    }
    return this.#known.spent;
  }
}
