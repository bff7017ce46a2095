/** The outbox in the thread's SQLite: rows bound for D1, written with the change they tell of. */
import { z } from "zod";
import { timestamp } from "../core/clock.ts";
import type { LogFields } from "../core/log.ts";
import type { OutboxEntry, OutboxStore } from "../core/outbox.ts";
import type { DeadLetter, DeadLetters } from "../protocol/api.ts";
import type { Message } from "../protocol/entities.ts";
import { MAX_PAGE } from "../protocol/limits.ts";
import { HistoryRow } from "../store/history.ts";

const entry = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(HistoryRow);
const Entry = z.object({ id: z.number(), entry });
const DeadEntry = z.object({
  id: z.number(),
  entry,
  characters: z.number(),
  reason: z.string(),
  refused_at: z.string(),
});
const Count = z.object({ count: z.number() });

/** More unsaved messages than this are told only once they are saved. */
const MAX_UNSAVED = 1_000;

export class OutboxRows implements OutboxStore<HistoryRow> {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  add(rows: readonly HistoryRow[]): void {
    for (const row of rows) {
      this.#sql.exec("INSERT INTO outbox (entry) VALUES (?)", JSON.stringify(row));
    }
  }

  peek(limit: number): readonly OutboxEntry<HistoryRow>[] {
    const rows = this.#sql.exec("SELECT id, entry FROM outbox ORDER BY id LIMIT ?", limit);
    return rows.toArray().map((row) => {
      const { id, entry } = Entry.parse(row);
      return { id, row: entry };
    });
  }

  remove(ids: readonly number[]): void {
    const json = JSON.stringify(ids);
    this.#sql.exec("DELETE FROM outbox WHERE id IN (SELECT value FROM json_each(?))", json);
  }

  bury(id: number, reason: string, at: number): LogFields {
    const moved = this.#sql.exec(
      `INSERT INTO dead_letters (entry, reason, refused_at)
       SELECT entry, ?, ? FROM outbox WHERE id = ? RETURNING id, entry`,
      reason,
      timestamp(at),
      id,
    );
    const letter = Entry.parse(moved.one());
    this.remove([id]);
    const { kind, version } = letter.entry;
    return { dead_letter: letter.id, kind, subject_id: subjectOf(letter.entry), version };
  }

  /** @returns the messages that D1 does not have: those that wait, and those it refused; oldest first. */
  messages(): Message[] {
    const rows = this.#sql.exec(
      `SELECT id, entry
       FROM (SELECT id, entry FROM dead_letters UNION ALL SELECT id, entry FROM outbox)
       ORDER BY entry ->> 'version' LIMIT ?`,
      MAX_UNSAVED,
    );
    return rows.toArray().flatMap((row) => {
      const { entry } = Entry.parse(row);
      return entry.kind === "message" ? [entry.message] : [];
    });
  }

  /** @returns the rows that D1 refused for good, the oldest of them described. */
  deadLetters(): DeadLetters {
    const rows = this.#sql.exec(
      "SELECT *, length(entry) AS characters FROM dead_letters ORDER BY id LIMIT ?",
      MAX_PAGE,
    );
    const data = rows.toArray().map((row): DeadLetter => {
      const { entry, ...letter } = DeadEntry.parse(row);
      const { kind, version } = entry;
      return { ...letter, kind, version, subject_id: subjectOf(entry) };
    });
    return { data, total: this.#countDead() };
  }

  /** Sends every dead letter on its way again. Call it in a transaction. @returns how many. */
  replay(): number {
    const count = this.#countDead();
    this.#sql.exec("INSERT INTO outbox (entry) SELECT entry FROM dead_letters ORDER BY id");
    this.#sql.exec("DELETE FROM dead_letters");
    return count;
  }

  #countDead(): number {
    return Count.parse(this.#sql.exec("SELECT count(*) AS count FROM dead_letters").one()).count;
  }
}

function subjectOf(row: HistoryRow): string {
  if (row.kind === "thread") return row.thread_id;
  return row.kind === "message" ? row.message.id : row.run.id;
}
