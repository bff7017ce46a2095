/** An event log's store in a Durable Object's SQLite. All events of a commit share one row, because rows cost. */
import * as z from "zod";
import type { EventStore } from "../core/event-log.ts";
import type { Epoch } from "../protocol/ids.ts";

/**
 * The table, one row per commit. `seq` is the seq of the newest event when the row was written; a commit that
 * holds only a note repeats the one before. So `seq` never decreases, and needs no index: rows are found by
 * walking `id` from the end.
 */
export const JOURNAL_TABLE = `CREATE TABLE journal (
  id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, events TEXT NOT NULL, note TEXT
);`;

/** SQL for the `id` of the last commit whose events are all at or before a seq (?1); 0 if there is none. */
export const BEFORE =
  "coalesce((SELECT id FROM journal WHERE seq <= ?1 ORDER BY id DESC LIMIT 1), 0)";

/** Events that were stored together, and the note stored beside them. */
export interface Commit<Event, Note> {
  /** Its place among the commits. */
  readonly id: number;
  /** The seq of the newest event when this was stored. */
  readonly seq: number;
  readonly events: readonly Event[];
  readonly note: Note | null;
}

const SeqRow = z.object({ seq: z.number() });
const json = z.string().transform((text): unknown => JSON.parse(text));

export class Journal<Event extends { readonly seq: number }, Note = never>
  implements EventStore<Event, Note>
{
  readonly epoch: Epoch;
  readonly #sql: SqlStorage;
  readonly #row: z.ZodType<Commit<Event, Note>>;

  constructor(
    sql: SqlStorage,
    epoch: Epoch,
    schemas: { readonly event: z.ZodType<Event>; readonly note: z.ZodType<Note> },
  ) {
    this.#sql = sql;
    this.epoch = epoch;
    this.#row = z.object({
      id: z.number(),
      seq: z.number(),
      events: json.pipe(z.array(schemas.event)),
      note: json.pipe(schemas.note).nullable(),
    });
  }

  lastSeq(): number {
    return this.#seq("SELECT seq FROM journal ORDER BY id DESC LIMIT 1") ?? 0;
  }

  firstSeq(): number | null {
    return this.#seq(
      "SELECT coalesce(events ->> '$[0].seq', seq + 1) AS seq FROM journal ORDER BY id LIMIT 1",
    );
  }

  insert(events: readonly Event[], note: Note | null): void {
    this.#sql.exec(
      "INSERT INTO journal (seq, events, note) VALUES (?, ?, ?)",
      events.at(-1)?.seq ?? this.lastSeq(),
      JSON.stringify(events),
      note === null ? null : JSON.stringify(note),
    );
  }

  after(seq: number): readonly Event[] {
    const commits = this.commits(`id > ${BEFORE}`, seq);
    return commits.flatMap(({ events }) => events).filter((event) => event.seq > seq);
  }

  /** @returns the event with this seq, or null if it was trimmed. */
  at(seq: number): Event | null {
    const [commit] = this.commits(`id > ${BEFORE}`, seq - 1, 1);
    return commit?.events.find((event) => event.seq === seq) ?? null;
  }

  /** @returns every commit still stored, oldest first. */
  all(): readonly Commit<Event, Note>[] {
    return this.commits("id > ?1", 0);
  }

  /** @returns the oldest commits that meet an SQL condition over one parameter, ?1; at most `limit` of them. */
  protected commits(
    condition: string,
    parameter: number,
    limit = -1,
  ): readonly Commit<Event, Note>[] {
    const query = `SELECT id, seq, events, note FROM journal WHERE ${condition} ORDER BY id LIMIT ?2`;
    const rows = this.#sql.exec(query, parameter, limit).toArray();
    return rows.map((row) => this.#row.parse(row));
  }

  /**
   * Deletes commits whose events are all at or before a seq.
   * @param lastId the last commit that may be deleted: later ones stay, whatever they hold.
   */
  trim(seq: number, lastId = Number.POSITIVE_INFINITY): void {
    this.#sql.exec(
      `DELETE FROM journal WHERE id <= ?2 AND id <
         (SELECT id FROM journal WHERE seq > ?1 ORDER BY id LIMIT 1)`,
      seq,
      lastId,
    );
  }

  #seq(query: string): number | null {
    return SeqRow.optional().parse(this.#sql.exec(query).toArray()[0])?.seq ?? null;
  }
}
