/** The thread's journal: what a client may resume from, kept for as long as somebody may need it. */
import * as z from "zod";
import { Journal } from "../durable/journal.ts";
import { LoggedEvent } from "../protocol/events.ts";
import type { Epoch } from "../protocol/ids.ts";

/** Events kept for clients that resume. */
const JOURNAL_EVENTS = 5_000;

const SeqRow = z.object({ seq: z.number().nullable() });

export class ThreadJournal extends Journal<LoggedEvent> {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage, epoch: Epoch) {
    super(sql, epoch, { event: LoggedEvent, note: z.never() });
    this.#sql = sql;
  }

  /** @returns the seq of the first event of the oldest run that has not ended, or null. */
  liveSeq(): number | null {
    return this.#read(
      "SELECT min(accepted_seq) AS seq FROM runs WHERE status IN ('queued', 'running')",
    );
  }

  /**
   * Forgets the oldest events, so that the journal stays bounded. The newest always stay, and so does
   * what the history does not have yet: until then there is no other place to learn of it.
   */
  trimOld(): void {
    const unsaved = this.#read("SELECT min(entry ->> 'version') AS seq FROM outbox");
    this.trim(Math.min(this.lastSeq() - JOURNAL_EVENTS, (unsaved ?? Infinity) - 1));
  }

  #read(query: string): number | null {
    return SeqRow.parse(this.#sql.exec(query).one()).seq;
  }
}
