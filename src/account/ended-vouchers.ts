/** The sessions and API keys that have ended, as long as tokens of them may not have expired. */
import * as z from "zod";
import type { Clock } from "../core/clock.ts";

/**
 * In milliseconds. Longer than the lifetime of any access token, so that no token of the session is valid after
 * it.
 */
const REMEMBERED_MS = 60 * 60_000;

export const ENDED_VOUCHERS_TABLE =
  "CREATE TABLE ended_vouchers (id TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;";

const Row = z.object({ id: z.string() });

export class EndedVouchers {
  readonly #sql: SqlStorage;
  readonly #clock: Clock;

  constructor(sql: SqlStorage, clock: Clock) {
    this.#sql = sql;
    this.#clock = clock;
  }

  end(ids: readonly string[]): void {
    const now = this.#clock.now();
    this.#sql.exec("DELETE FROM ended_vouchers WHERE until <= ?", now);
    this.#sql.exec(
      `INSERT INTO ended_vouchers SELECT value, ? FROM json_each(?)
       WHERE true ON CONFLICT DO UPDATE SET until = excluded.until`,
      now + REMEMBERED_MS,
      JSON.stringify(ids),
    );
  }

  /** The ids that are remembered. */
  all(): string[] {
    const now = this.#clock.now();
    const rows = this.#sql.exec("SELECT id FROM ended_vouchers WHERE until > ?", now).toArray();
    return rows.map((row) => Row.parse(row).id);
  }

  has(id: string): boolean {
    const now = this.#clock.now();
    const rows = this.#sql.exec("SELECT 1 FROM ended_vouchers WHERE id = ? AND until > ?", id, now);
    return rows.toArray().length > 0;
  }
}
