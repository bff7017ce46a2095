/** How far the feed has come with each thread: what makes at-least-once deliveries tell each notice once. */
import * as z from "zod";
import { Epoch, ThreadId } from "../protocol/ids.ts";

/** Kept beside the events that it came with, in their row: it costs no write of its own. */
export const Mark = z.object({
  thread_id: ThreadId,
  epoch: Epoch,
  /** The seq of the last notice taken. */
  seq: z.number(),
  /** A thread that was deleted has nothing more to tell, whoever says so. */
  deleted: z.boolean(),
});
export type Mark = z.infer<typeof Mark>;

/** The marks of threads whose last events the journal has forgotten. */
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

  /** @returns a thread's mark, or null where it never told anything. */
  of(threadId: ThreadId): Mark | null {
    return (
      this.#read(
        "SELECT note AS mark FROM journal WHERE note ->> 'thread_id' = ? ORDER BY id DESC LIMIT 1",
        threadId,
      ) ?? this.#read("SELECT mark FROM marks WHERE thread_id = ?", threadId)
    );
  }

  /**
   * Keeps the marks of commits that the journal is about to forget, so that there is no window past
   * which a notice would be told again: at most one row a thread, written when many are trimmed.
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
