/** What a user's runs spent, day by day: the one row that a run costs its user's object. */
import { dayOf, NOTHING_SPENT, Spend } from "../core/quota.ts";

/** Days that are remembered, for who asks why a budget was reached. */
export const KEPT_DAYS = 31;

/** `day` counts from the Unix epoch, in UTC. */
export const SPEND_TABLE = `CREATE TABLE spend (
  day INTEGER PRIMARY KEY, tokens INTEGER NOT NULL, usd REAL NOT NULL, runs INTEGER NOT NULL
);`;

export class SpendRows {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** @param at when it was spent, in milliseconds since the Unix epoch. */
  add(at: number, { tokens, usd, runs }: Spend): void {
    this.#sql.exec(
      `INSERT INTO spend VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET
       tokens = tokens + excluded.tokens, usd = usd + excluded.usd, runs = runs + excluded.runs`,
      dayOf(at),
      tokens,
      usd,
      runs,
    );
    this.#sql.exec("DELETE FROM spend WHERE day < ?", dayOf(at) - KEPT_DAYS);
  }

  /** @returns what was spent on the day of a moment. */
  on(at: number): Spend {
    const rows = this.#sql.exec("SELECT tokens, usd, runs FROM spend WHERE day = ?", dayOf(at));
    return Spend.optional().parse(rows.toArray()[0]) ?? NOTHING_SPENT;
  }
}
