/** The ledger of a user's runs: what each used, and the summary after it, whatever became of its thread. */
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

/** Entries are kept for so long, in milliseconds. */
const KEPT_MS = 400 * DAY_MS;

/** Those whose events the feed has forgotten: one row a run, in the order in which they ended; the usage is JSON. */
export const LEDGER_TABLE = `CREATE TABLE ledger (
  ended_at INTEGER NOT NULL, run_id TEXT NOT NULL, thread_id TEXT NOT NULL, status TEXT NOT NULL,
  agent TEXT, model TEXT NOT NULL, usage TEXT NOT NULL, PRIMARY KEY (ended_at, run_id)
) WITHOUT ROWID;`;
/** Set in the rows of what summaries used: those have no event in the feed. */
export const LEDGER_SUMMARY = "ALTER TABLE ledger ADD COLUMN summary INTEGER;";

/** An entry beside the event that tells the feed of its run, in that row: it costs no write of its own. */
export const EnteredRun = LedgerEntry.extend({
  ended_at: z.number().describe("In milliseconds since the Unix epoch"),
});
export type EnteredRun = z.infer<typeof EnteredRun>;

/** @returns an entry as it is kept. */
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

/** @returns what counts the runs among entries, those alone of which a condition is true. */
const runs = (condition = "TRUE") => `count(*) FILTER (WHERE summary IS NULL AND ${condition})`;

/** Sums as the ledger tells them; `usage` is the column of the entries. */
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

  /** Enters what no event of the feed tells of; the same entry once more changes nothing. */
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

  /** Keeps the entries of commits that the journal is about to forget: those up to a seq. */
  outlive(seq: number): void {
    this.#sql.exec(
      `INSERT INTO ledger ${IN_JOURNAL} WHERE journal.seq <= ? ON CONFLICT DO NOTHING`,
      seq,
    );
    this.#sql.exec("DELETE FROM ledger WHERE ended_at < ?", this.#oldest);
  }

  /** @returns what was spent from a moment on, in milliseconds since the Unix epoch. */
  spentSince(at: number): Spend {
    return this.spentBetween(at, Number.MAX_SAFE_INTEGER);
  }

  /** @returns what was spent from a moment on and before another (milliseconds since the Unix epoch). */
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
   * @throws {ApexError} `invalid_fields` where the cursor is none of this list's.
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

  /** @returns such a page, with the sums of all entries. @throws as that does. */
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

  /** What ended before is told no more. */
  get #oldest(): number {
    return this.#clock.now() - KEPT_MS;
  }
}

function cursorAfter({ ended_at, run_id }: LedgerEntry): string {
  return writeCursor({ list: "ledger", ended_at: Date.parse(ended_at), after: run_id });
}
