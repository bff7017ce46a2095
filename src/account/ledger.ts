/** The ledger of a user's runs: what each used, as it was told when it ended, whatever became of its thread. */
import * as z from "zod";
import { timestamp } from "../core/clock.ts";
import { Spend } from "../core/quota.ts";
import {
  type Ledger,
  LedgerEntry,
  type LedgerPage,
  type LedgerQuery,
  LedgerSum,
} from "../protocol/budget.ts";
import { LedgerCursor, readCursor, writeCursor } from "../store/cursor.ts";

const DAY_MS = 24 * 60 * 60_000;
/** Entries are kept for so long, in milliseconds. */
const KEPT_MS = 400 * DAY_MS;

/** One row a run, in the order in which they ended; the usage is JSON. */
export const LEDGER_TABLE = `CREATE TABLE ledger (
  ended_at INTEGER NOT NULL, run_id TEXT NOT NULL, thread_id TEXT NOT NULL, status TEXT NOT NULL,
  agent TEXT, model TEXT NOT NULL, usage TEXT NOT NULL, PRIMARY KEY (ended_at, run_id)
) WITHOUT ROWID;`;

const json = z.string().transform((text): unknown => JSON.parse(text));
const Row = z
  .looseObject({ ended_at: z.number().transform(timestamp), usage: json })
  .pipe(LedgerEntry);
const DayRow = LedgerSum.extend({
  day: z.number().transform((day) => timestamp(day * DAY_MS).slice(0, 10)),
});

/** Sums as the ledger tells them; `usage` is the column of the entries. */
const SUMS = `count(*) AS runs, total(usage ->> 'cost_usd') AS cost_usd,
  count(*) FILTER (WHERE usage ->> 'estimated') AS estimated_runs,
  count(*) FILTER (WHERE usage ->> 'cost_usd' IS NULL) AS unpriced_runs,
  ${["input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens", "model_calls"]
    .map((name) => `coalesce(sum(usage ->> '${name}'), 0) AS ${name}`)
    .join(", ")}`;

export class LedgerRows {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Enters a run that has ended; one that is there stays as it is. */
  add({ run_id, thread_id, status, agent, model, usage, ended_at }: LedgerEntry): void {
    const at = Date.parse(ended_at);
    this.#sql.exec(
      "INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      at,
      run_id,
      thread_id,
      status,
      agent,
      model,
      JSON.stringify(usage),
    );
    this.#sql.exec("DELETE FROM ledger WHERE ended_at < ?", at - KEPT_MS);
  }

  /** @returns what was spent from a moment on, in milliseconds since the Unix epoch. */
  spentSince(at: number): Spend {
    const query = `SELECT total(usage ->> 'cost_usd') AS usd, count(*) AS runs,
      coalesce(sum((usage ->> 'input_tokens') + (usage ->> 'output_tokens')), 0) AS tokens
      FROM ledger WHERE ended_at >= ?`;
    return Spend.parse(this.#sql.exec(query, at).one());
  }

  /**
   * @returns a page of entries, the newest first.
   * @throws {ApexError} `invalid_fields` where the cursor is none of this list's.
   */
  page({ limit, cursor }: LedgerQuery): LedgerPage {
    const place = cursor === undefined ? null : readCursor(LedgerCursor, cursor);
    const rows = this.#sql
      .exec(
        `SELECT * FROM ledger WHERE (ended_at, run_id) < (?, ?)
         ORDER BY ended_at DESC, run_id DESC LIMIT ?`,
        place?.ended_at ?? Number.MAX_SAFE_INTEGER,
        place?.after ?? "",
        limit + 1,
      )
      .toArray();
    const data = rows.slice(0, limit).map((row) => Row.parse(row));
    const last = rows.length > limit ? data.at(-1) : undefined;
    return {
      data,
      next_cursor: last === undefined ? null : cursorAfter(last),
    };
  }

  /** @returns such a page, with the sums of all entries. @throws as that does. */
  read(query: LedgerQuery): Ledger {
    const byDay = `SELECT ended_at / ${DAY_MS} AS day, ${SUMS} FROM ledger GROUP BY day ORDER BY day DESC`;
    return {
      ...this.page(query),
      days: this.#sql
        .exec(byDay)
        .toArray()
        .map((row) => DayRow.parse(row)),
      total: LedgerSum.parse(this.#sql.exec(`SELECT ${SUMS} FROM ledger`).one()),
    };
  }
}

function cursorAfter({ ended_at, run_id }: LedgerEntry): string {
  return writeCursor({ list: "ledger", ended_at: Date.parse(ended_at), after: run_id });
}
