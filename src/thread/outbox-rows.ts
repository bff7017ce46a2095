/** The outbox in the thread's SQLite: rows bound for D1, written with the change they tell of. */
import { z } from "zod";
import type { OutboxStore } from "../core/outbox.ts";
import type { Message } from "../protocol/entities.ts";
import { HistoryRow } from "../store/history.ts";

const Entry = z.object({
  id: z.number(),
  entry: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(HistoryRow),
});

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

  peek(limit: number): readonly { readonly id: number; readonly row: HistoryRow }[] {
    const rows = this.#sql.exec("SELECT id, entry FROM outbox ORDER BY id LIMIT ?", limit);
    return rows.toArray().map((row) => {
      const { id, entry } = Entry.parse(row);
      return { id, row: entry };
    });
  }

  removeThrough(id: number): void {
    this.#sql.exec("DELETE FROM outbox WHERE id <= ?", id);
  }

  /** @returns the messages that wait, oldest first. */
  messages(): Message[] {
    return this.peek(MAX_UNSAVED).flatMap(({ row }) =>
      row.kind === "message" ? [row.message] : [],
    );
  }
}
