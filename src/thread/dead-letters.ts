/** History rows that D1 refused for good: kept aside, shown to operators, and sent again on their request. */
import * as z from "zod";
import { timestamp } from "../core/clock.ts";
import type { LogFields } from "../core/log.ts";
import type { DeadLetter, DeadLetters } from "../protocol/api.ts";
import { MAX_PAGE } from "../protocol/limits.ts";
import { HistoryRow } from "../store/history.ts";

const entry = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(HistoryRow);
const Entry = z.object({ id: z.number(), entry });
const Letter = z.object({
  id: z.number(),
  entry,
  characters: z.number(),
  reason: z.string(),
  refused_at: z.string(),
});
const Count = z.object({ count: z.number() });

export class DeadLetterRows {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /**
   * Sets a row aside. If it was before, only the reason is updated.
   * @returns its ids, for the log.
   */
  add(row: HistoryRow, reason: string, at: number): LogFields {
    const { kind, version } = row;
    const subject = subjectOf(row);
    const kept = this.#sql.exec(
      `INSERT INTO dead_letters (kind, subject_id, version, entry, reason, refused_at)
       VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET entry = excluded.entry, reason = excluded.reason,
                                 refused_at = excluded.refused_at, replaying = 0
       RETURNING id, entry`,
      kind,
      subject,
      version,
      JSON.stringify(row),
      reason,
      timestamp(at),
    );
    return { dead_letter: Entry.parse(kept.one()).id, kind, subject_id: subject, version };
  }

  /**
   * Marks all rows to be sent again.
   * @returns how many.
   */
  replay(): number {
    this.#sql.exec("UPDATE dead_letters SET replaying = 1");
    return this.#count();
  }

  /** @returns at most `limit` rows that are to be sent again, oldest first. */
  replaying(limit: number): readonly z.infer<typeof Entry>[] {
    const query = "SELECT id, entry FROM dead_letters WHERE replaying ORDER BY id LIMIT ?";
    return this.#sql
      .exec(query, limit)
      .toArray()
      .map((row) => Entry.parse(row));
  }

  remove(id: number): void {
    this.#sql.exec("DELETE FROM dead_letters WHERE id = ?", id);
  }

  /** @returns at most `limit` rows, oldest first. */
  rows(limit: number): HistoryRow[] {
    const query = "SELECT id, entry FROM dead_letters ORDER BY id LIMIT ?";
    return this.#sql
      .exec(query, limit)
      .toArray()
      .map((row) => Entry.parse(row).entry);
  }

  /** @returns their number, and a description of the oldest. */
  list(): DeadLetters {
    const rows = this.#sql.exec(
      `SELECT id, entry, reason, refused_at, length(entry) AS characters
       FROM dead_letters ORDER BY id LIMIT ?`,
      MAX_PAGE,
    );
    const data = rows.toArray().map((row): DeadLetter => {
      const { entry, ...letter } = Letter.parse(row);
      return { ...letter, kind: entry.kind, version: entry.version, subject_id: subjectOf(entry) };
    });
    return { data, total: this.#count() };
  }

  #count(): number {
    return Count.parse(this.#sql.exec("SELECT count(*) AS count FROM dead_letters").one()).count;
  }
}

function subjectOf(row: HistoryRow): string {
  switch (row.kind) {
    case "message":
      return row.message.id;
    case "run":
      return row.run.id;
    case "report":
      return row.report.id;
    case "supersession":
      return row.message_id;
    case "thread":
      return row.thread_id;
  }
}
