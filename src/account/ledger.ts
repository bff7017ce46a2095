/** The ledger: what each run and each summary of a user cost. It outlives the threads. */
import * as z from "zod";
import { type Clock, timestamp } from "../core/clock.ts";
import { DAY_MS, Spend } from "../core/quota.ts";
import {
  type Ledger,
  LedgerEntry,
  type LedgerPage,
  type LedgerQuery,
  LedgerSum,
} from "../protocol/budget.ts";
import { LedgerCursor, readCursor, writeCursor } from "../store/cursor.ts";

/** How long entries are kept, in milliseconds. */
const KEPT_MS = 400 * DAY_MS;

/** One row for each run whose event the feed has forgotten, in the order in which they ended. The usage is JSON. */
export const LEDGER_TABLE = `CREATE TABLE ledger (
  ended_at INTEGER NOT NULL, run_id TEXT NOT NULL, thread_id TEXT NOT NULL, status TEXT NOT NULL,
  agent TEXT, model TEXT NOT NULL, usage TEXT NOT NULL, PRIMARY KEY (ended_at, run_id)
) WITHOUT ROWID;`;
/** Set in the rows of summaries, which have no event in the feed. */
export const LEDGER_SUMMARY = "ALTER TABLE ledger ADD COLUMN summary INTEGER;";

/** An entry as it is stored in the feed's journal, in the row of the run's event, which saves a write. */
export const EnteredRun = LedgerEntry.extend({
  ended_at: z.number().describe("In milliseconds since the Unix epoch"),
});
export type EnteredRun = z.infer<typeof EnteredRun>;

/** @returns an entry as it is stored. */
export function entered(entry: LedgerEntry): EnteredRun {
  return { ...entry, ended_at: Date.parse(entry.ended_at) };
}

/** The entries of the feed's journal, as rows of the ledger. */
const IN_JOURNAL = `
  SELECT entry.value ->> 'ended_at' AS ended_at, entry.value ->> 'run_id' AS run_id,
    entry.value ->> 'thread_id' AS thread_id, entry.value ->> 'status' AS status,
    entry.value ->> 'agent' AS agent, entry.value ->> 'model' AS model,
    entry.value -> 'usage' AS usage, NULL AS summary
  FROM journal, json_each(journal.note, '$.ended') AS entry`;
const ENTRIES = `(SELECT * FROM ledger UNION ALL ${IN_JOURNAL})`;

const json = z.string().transform((text): unknown => JSON.parse(text));
const Row = z
  .looseObject({
    ended_at: z.number().transform(timestamp),
    usage: json,
    summary: z
      .number()
      .nullable()
      .transform((set) => (set === null ? undefined : true)),
  })
  .transform((row) => LedgerEntry.parse(row));
const DayRow = LedgerSum.extend({
  day: z.number().transform((day) => timestamp(day * DAY_MS).slice(0, 10)),
});

/** @returns SQL that counts the runs, but not the summaries, that meet a condition. */
const runs = (condition = "TRUE") => `count(*) FILTER (WHERE summary IS NULL AND ${condition})`;

/** The sums that the ledger reports. `usage` is the column of the entries. */
const SUMS = `${runs()} AS runs, total(usage ->> 'cost_usd') AS cost_usd,
  ${runs("usage ->> 'estimated'")} AS estimated_runs,
  ${runs("usage ->> 'cost_usd' IS NULL")} AS unpriced_runs,
  ${["input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens", "model_calls"]
    .map((name) => `coalesce(sum(usage ->> '${name}'), 0) AS ${name}`)
    .join(", ")}`;

export class LedgerRows {
  readonly #sql: SqlStorage;
  readonly #clock: Clock;

  constructor(sql: SqlStorage, clock: Clock) {
    this.#sql = sql;
    this.#clock = clock;
  }

  /** Adds an entry that belongs to no event of the feed. Adding it again changes nothing. */
  enter(entry: LedgerEntry): void {
    this.#sql.exec(
      `INSERT INTO ledger (ended_at, run_id, thread_id, status, agent, model, usage, summary)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      Date.parse(entry.ended_at),
      entry.run_id,
      entry.thread_id,
      entry.status,
      entry.agent,
      entry.model,
      JSON.stringify(entry.usage),
      entry.summary === true ? 1 : null,
    );
  }

  /** Copies entries out of the journal, up to a seq, before the journal is trimmed. */
  outlive(seq: number): void {
    this.#sql.exec(
      `INSERT INTO ledger ${IN_JOURNAL} WHERE journal.seq <= ? ON CONFLICT DO NOTHING`,
      seq,
    );
    this.#sql.exec("DELETE FROM ledger WHERE ended_at < ?", this.#oldest);
  }

  /** @returns what was spent since a time, in milliseconds since the Unix epoch. */
  spentSince(at: number): Spend {
    return this.spentBetween(at, Number.MAX_SAFE_INTEGER);
  }

  /** @returns what was spent from one time until before another, in milliseconds since the Unix epoch. */
  spentBetween(from: number, to: number): Spend {
    const rows = this.#sql.exec(
      `SELECT ${runs()} AS runs, total(usage ->> 'cost_usd') AS usd,
         coalesce(sum((usage ->> 'input_tokens') + (usage ->> 'output_tokens')), 0) AS tokens
       FROM ${ENTRIES} WHERE ended_at >= ? AND ended_at < ?`,
      from,
      to,
    );
    return Spend.parse(rows.one());
  }

  /**
   * @returns a page of entries, the newest first.
   * @throws {ApexError} `invalid_fields` if the cursor is not one of this list.
   */
  page({ limit, cursor }: LedgerQuery): LedgerPage {
    const place = cursor === undefined ? null : readCursor(LedgerCursor, cursor);
    const rows = this.#sql
      .exec(
        `SELECT * FROM ${ENTRIES} WHERE ended_at >= ? AND (ended_at, run_id) < (?, ?)
         ORDER BY ended_at DESC, run_id DESC LIMIT ?`,
        this.#oldest,
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

  /**
   * @returns a page with the sums of all entries.
   * @throws like {@link page}.
   */
  read(query: LedgerQuery): Ledger {
    const kept = `FROM ${ENTRIES} WHERE ended_at >= ?`;
    const byDay = `SELECT ended_at / ${DAY_MS} AS day, ${SUMS} ${kept} GROUP BY day ORDER BY day DESC`;
    return {
      ...this.page(query),
      days: this.#sql
        .exec(byDay, this.#oldest)
        .toArray()
        .map((row) => DayRow.parse(row)),
      total: LedgerSum.parse(this.#sql.exec(`SELECT ${SUMS} ${kept}`, this.#oldest).one()),
    };
  }

  /** Older entries are not reported. */
  get #oldest(): number {
    return this.#clock.now() - KEPT_MS;
  }
}

function cursorAfter({ ended_at, run_id }: LedgerEntry): string {
  return writeCursor({ list: "ledger", ended_at: Date.parse(ended_at), after: run_id });
}
