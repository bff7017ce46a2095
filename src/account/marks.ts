/** How far the feed has come with each thread. It lets a thread repeat a notice without it being added twice. */
import * as z from "zod";
import { Epoch, ThreadId } from "../protocol/ids.ts";

/** Stored in the row of the events that it came with, which saves a write. */
export const Mark = z.object({
  thread_id: ThreadId,
  epoch: Epoch,
  /** The seq of the last notice taken. */
  seq: z.number(),
  /** A deleted thread's notices are ignored from then on. */
  deleted: z.boolean(),
});
export type Mark = z.infer<typeof Mark>;

/** The marks of threads whose last events are no longer in the journal. */
export const MARKS_TABLE =
  "CREATE TABLE marks (thread_id TEXT PRIMARY KEY, mark TEXT NOT NULL) WITHOUT ROWID;";

const Row = z.object({
  mark: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(Mark),
});

export class Marks {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** @returns a thread's mark, or null if it never announced anything. */
  of(threadId: ThreadId): Mark | null {
    return (
      this.#read(
        "SELECT note AS mark FROM journal WHERE note ->> 'thread_id' = ? ORDER BY id DESC LIMIT 1",
        threadId,
      ) ?? this.#read("SELECT mark FROM marks WHERE thread_id = ?", threadId)
    );
  }

  /**
   * Copies marks out of the journal before it is trimmed, so that even an old notice is not added twice. At most
   * one row per thread is written.
   */
  outlive(seq: number): void {
    this.#sql.exec(
      `INSERT INTO marks
       SELECT thread_id, json_remove(note, '$.ended')
       FROM (SELECT note ->> 'thread_id' AS thread_id, note, max(id)
             FROM journal WHERE seq <= ? GROUP BY 1)
       WHERE true ON CONFLICT DO UPDATE SET mark = excluded.mark`,
      seq,
    );
  }

  #read(query: string, threadId: ThreadId): Mark | null {
    return Row.optional().parse(this.#sql.exec(query, threadId).toArray()[0])?.mark ?? null;
  }
}
