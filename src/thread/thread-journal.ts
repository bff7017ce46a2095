/** The thread's journal: what clients resume from, what a run carries on from, what the history is written from. */
import * as z from "zod";
import { Step } from "../core/checkpoint.ts";
import { BEFORE, Journal } from "../durable/journal.ts";
import { LoggedEvent } from "../protocol/events.ts";
import type { Epoch } from "../protocol/ids.ts";

/** Events kept for clients that resume. */
const JOURNAL_EVENTS = 5_000;

/** What a commit keeps beside its events. */
export const CommitNote = z.object({
  run: z.number().optional().describe("The run it belongs to, by the seq it was accepted at"),
  steps: z.array(Step).optional().describe("The steps of the run that it completed"),
  history: z.literal(true).optional().describe("Set where the history has to be told of it"),
  copied: z
    .object({ first: z.number(), last: z.number() })
    .optional()
    .describe("The runs that a fork took over, by the seqs of the first and the last of them"),
  held: z.literal(true).optional().describe("Set until the fork is whole, and its thread known"),
  saved: z.number().optional().describe("The last commit that the history had by then"),
});
export type CommitNote = z.infer<typeof CommitNote>;

const Row = z.object({ value: z.number().nullable() });
const NoteRow = z.object({
  note: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(CommitNote),
});
const TimeRow = z.object({ time: z.iso.datetime() });

export class ThreadJournal extends Journal<LoggedEvent, CommitNote> {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage, epoch: Epoch) {
    super(sql, epoch, { event: LoggedEvent, note: CommitNote });
    this.#sql = sql;
  }

  /** @returns the checkpoints of a run, in order. */
  steps(acceptedSeq: number): Step[] {
    const rows = this.#sql.exec(
      `SELECT note FROM journal WHERE id > ${BEFORE} AND note ->> 'run' = ?2 ORDER BY id`,
      acceptedSeq - 1,
      acceptedSeq,
    );
    return rows.toArray().flatMap((row) => NoteRow.parse(row).note.steps ?? []);
  }

  /** @returns when a run last got further, in milliseconds since the Unix epoch; null before its first commit. */
  progressAt(acceptedSeq: number): number | null {
    const rows = this.#sql.exec(
      `SELECT events ->> '$[0].context.timestamp' AS time FROM journal
       WHERE id > ${BEFORE} AND note ->> 'run' = ?2 AND events <> '[]' ORDER BY id DESC LIMIT 1`,
      acceptedSeq - 1,
      acceptedSeq,
    );
    const [row] = rows.toArray();
    return row === undefined ? null : Date.parse(TimeRow.parse(row).time);
  }

  /**
   * Notes runs that a fork took over, without events of theirs: the log begins behind all of them.
   * @param lastSeq the seq up to which places are taken.
   */
  insertCopied(lastSeq: number, copied: NonNullable<CommitNote["copied"]>): void {
    const note: CommitNote = { copied, history: true, held: true };
    const query = "INSERT INTO journal (seq, events, note) VALUES (?, '[]', ?)";
    this.#sql.exec(query, lastSeq, JSON.stringify(note));
  }

  /** Whether a fork was begun here, and nobody said yet that it is whole. */
  get isHeld(): boolean {
    const query = "SELECT note ->> 'held' AS value FROM journal ORDER BY id LIMIT 1";
    return Row.optional().parse(this.#sql.exec(query).toArray()[0])?.value === 1;
  }

  /** The fork is whole: the history may be told of it. */
  release(): void {
    this.#sql.exec("UPDATE journal SET note = json_remove(note, '$.held') WHERE note ->> 'held'");
  }

  /** @returns up to so many commits after one that the history has to be told of, oldest first. */
  unsaved(afterId: number, limit: number) {
    return this.commits("id > ?1 AND note ->> 'history'", afterId, limit);
  }

  /** @returns the last commit that the history is known to have; 0 where it has none. */
  lastSaved(): number {
    const rows = this.#sql.exec(
      `SELECT note ->> 'saved' AS value FROM journal
       WHERE note ->> 'saved' IS NOT NULL ORDER BY id DESC LIMIT 1`,
    );
    return Row.optional().parse(rows.toArray()[0])?.value ?? 0;
  }

  /** Keeps what {@link lastSaved} is to say, where no commit comes that could. */
  keepSaved(saved: number): void {
    this.#sql.exec(
      `UPDATE journal SET note = json_set(coalesce(note, '{}'), '$.saved', ?)
       WHERE id = (SELECT max(id) FROM journal)`,
      saved,
    );
  }

  /**
   * Forgets the oldest events, so that the journal stays bounded. The newest always stay, and so does
   * what is needed: what the history or the user's feed does not have yet, and what a run may have to
   * carry on from.
   */
  trimOld(needed: { readonly unsavedId: number; readonly neededSeq: number }): void {
    const last = this.lastSeq() - JOURNAL_EVENTS;
    this.trim(Math.min(last, needed.neededSeq - 1), needed.unsavedId - 1);
  }
}
