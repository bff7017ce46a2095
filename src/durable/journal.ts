/** A journal in an object's SQLite: one row a commit, so that storing events costs one row written. */
import * as z from "zod";
import type { EventStore } from "../core/event-log.ts";
import type { Epoch } from "../protocol/ids.ts";

/** The table: `seq` is that of the commit's last event; `note` is what its owner keeps beside them. */
export const JOURNAL_TABLE =
  "CREATE TABLE journal (seq INTEGER PRIMARY KEY, events TEXT NOT NULL, note TEXT);";

/** The events that were stored together, and what was noted beside them. */
export interface Commit<Event, Note> {
  /** The seq of its last event. */
  readonly seq: number;
  readonly events: readonly Event[];
  readonly note: Note | null;
}

const SeqRow = z.object({ seq: z.number().nullable() });
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
      seq: z.number(),
      events: json.pipe(z.array(schemas.event)),
      note: json.pipe(schemas.note).nullable(),
    });
  }

  lastSeq(): number {
    return this.#seq("SELECT max(seq) AS seq FROM journal") ?? 0;
  }

  firstSeq(): number | null {
    return this.#seq("SELECT events ->> '$[0].seq' AS seq FROM journal ORDER BY seq LIMIT 1");
  }

  insert(events: readonly Event[], note: Note | null): void {
    this.#sql.exec(
      "INSERT INTO journal VALUES (?, ?, ?)",
      events.at(-1)?.seq,
      JSON.stringify(events),
      note === null ? null : JSON.stringify(note),
    );
  }

  after(seq: number): readonly Event[] {
    const events = this.commitsAfter(seq).flatMap((commit) => commit.events);
    return events.filter((event) => event.seq > seq);
  }

  /** @returns the event of a seq, or null where it is not kept any more. */
  at(seq: number): Event | null {
    const [commit] = this.commitsAfter(seq - 1, 1);
    return commit?.events.find((event) => event.seq === seq) ?? null;
  }

  /** @returns the commits that hold what came after a seq, in order; the first may begin before it. */
  commitsAfter(seq: number, limit = -1): readonly Commit<Event, Note>[] {
    const query = "SELECT seq, events, note FROM journal WHERE seq > ? ORDER BY seq LIMIT ?";
    return this.#sql
      .exec(query, seq, limit)
      .toArray()
      .map((row) => this.#row.parse(row));
  }

  /** Forgets the commits that hold nothing after a seq. */
  trim(seq: number): void {
    this.#sql.exec("DELETE FROM journal WHERE seq <= ?", seq);
  }

  #seq(query: string): number | null {
    return SeqRow.optional().parse(this.#sql.exec(query).toArray()[0])?.seq ?? null;
  }
}
