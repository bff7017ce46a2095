/** What a user's runs spent on a day: read from the ledger once, then kept up to date in memory. */
import { DAY_MS, dayOf, plus, type Spend } from "../core/quota.ts";
import type { LedgerRows } from "./ledger.ts";

/** For how many days a team's object keeps what its members spent. */
export const KEPT_DAYS = 31;

/** A table of an earlier version. Nothing reads it any more, but migrations are never removed. */
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
   * Adds what was entered in the ledger; call it after that is committed.
   * @param at when it was spent, in milliseconds since the Unix epoch.
   */
  add(at: number, spent: Spend): void {
    if (this.#known?.day !== dayOf(at)) return;
    this.#known = { day: this.#known.day, spent: plus(this.#known.spent, spent) };
  }

  /** Drops the sum, so that it is read from the ledger again. Call it when something other than a run was entered. */
  recount(): void {
    this.#known = null;
  }

  /** @returns what was spent on the day of a time, which is in milliseconds since the Unix epoch. */
  on(at: number): Spend {
    const day = dayOf(at);
    if (this.#known?.day !== day) {
      const spent = this.#ledger.spentBetween(day * DAY_MS, (day + 1) * DAY_MS);
      this.#known = { day, spent };
    }
    return this.#known.spent;
  }
}
