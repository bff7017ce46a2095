/**
 * The thread's journal: every event, with the steps and notes that were committed beside it. Clients resume from it,
 * interrupted runs carry on from it, and the history in D1 is written from it.
 */
import * as z from "zod";
import { anchorOf, chained } from "../auth/log-chain.ts";
import { Step } from "../core/checkpoint.ts";
import { BEFORE, Journal } from "../durable/journal.ts";
import { ApprovalDecided, ApprovalRequested } from "../protocol/approvals.ts";
import { LoggedEvent } from "../protocol/events.ts";
import type { CallId, Epoch, RunId, ThreadId } from "../protocol/ids.ts";
import { LogHash } from "../protocol/log-export.ts";
import { RunColumns } from "./run-row.ts";

/** How many events are kept for clients that resume. */
const JOURNAL_EVENTS = 5_000;

/** What is stored beside the events of a commit. */
export const CommitNote = z.object({
  run: z.number().optional().describe("The run it belongs to, by the seq it was accepted at"),
  steps: z.array(Step).optional().describe("The steps of the run that it completed"),
  begun: RunColumns.optional().describe(
    "The run's row, where it began with its message: it has none of its own before it changes",
  ),
  history: z.literal(true).optional().describe("Set where the history has to be told of it"),
  copied: z
    .object({ first: z.number(), last: z.number() })
    .optional()
    .describe(
      "Runs that the history is told of whole, by the seqs of the first and the last of them",
    ),
  held: z.literal(true).optional().describe("Set until the fork is whole, and its thread known"),
  saved: z.number().optional().describe("The last commit that the history had by then"),
});
export type CommitNote = z.infer<typeof CommitNote>;

const Row = z.object({ value: z.number().nullable() });
const json = z.string().transform((text): unknown => JSON.parse(text));
const NoteRow = z.object({ note: json.pipe(CommitNote) });
const BegunRow = z.object({ columns: json.pipe(RunColumns), content: z.string() });
const ApprovalRow = z.object({
  value: json.pipe(z.discriminatedUnion("type", [ApprovalRequested, ApprovalDecided])),
});
const HashRow = z.object({ hash: LogHash.nullable() });
const TimeRow = z.object({ time: z.iso.datetime() });

export class ThreadJournal extends Journal<LoggedEvent, CommitNote> {
  readonly #sql: SqlStorage;
  readonly #threadId: ThreadId;

  constructor(sql: SqlStorage, epoch: Epoch, threadId: ThreadId) {
    super(sql, epoch, { event: LoggedEvent, note: CommitNote });
    this.#sql = sql;
    this.#threadId = threadId;
  }

  /**
   * Also stores the hash chain: that of the event before, then one for each event. So every row can be verified
   * by itself, even after those before it were trimmed.
   */
  override insert(events: readonly LoggedEvent[], note: CommitNote | null): void {
    const chain = [this.lastHash()];
    for (const event of events) chain.push(chained(chain.at(-1) ?? "", event));
    this.#sql.exec(
      "INSERT INTO journal (seq, events, note, chain) VALUES (?, ?, ?, ?)",
      events.at(-1)?.seq ?? this.lastSeq(),
      JSON.stringify(events),
      note === null ? null : JSON.stringify(note),
      JSON.stringify(chain),
    );
  }

  /** @returns the hash of the last event, or the chain's anchor if there is none. */
  lastHash(): LogHash {
    const query = "SELECT chain ->> '$[#-1]' AS hash FROM journal ORDER BY id DESC LIMIT 1";
    const hash = HashRow.optional().parse(this.#sql.exec(query).toArray()[0])?.hash ?? null;
    const after = this.lastSeq();
    return hash ?? anchorOf({ threadId: this.#threadId, epoch: this.epoch, after });
  }

  /** @returns the columns of the last run after a seq that started together with its message; null for none. */
  begunAfter(seq: number): RunColumns | null {
    const rows = this.#sql.exec(
      `SELECT note -> 'begun' AS columns, events ->> '$[0].data.content' AS content FROM journal
       WHERE id > ${BEFORE} AND note -> 'begun' IS NOT NULL ORDER BY id DESC LIMIT 1`,
      seq,
    );
    const row = BegunRow.optional().parse(rows.toArray()[0]);
    return row === undefined ? null : { ...row.columns, content: row.content };
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
   * @param runId null where the call alone is known: of several runs it is the newest's.
   * @returns what was asked about a call, and what was decided; null where nothing was asked.
   */
  approval(callId: CallId, runId: RunId | null) {
    const rows = this.#sql.exec(
      `SELECT event.value AS value FROM journal, json_each(journal.events) AS event
       WHERE event.value ->> 'type' IN ('approval_requested', 'approval_decided')
         AND event.value ->> '$.data.call_id' = ?1
         AND (?2 IS NULL OR event.value ->> '$.context.run_id' = ?2)
       ORDER BY journal.id, event.key`,
      callId,
      runId,
    );
    const events = rows.toArray().map((row) => ApprovalRow.parse(row).value);
    const requested = events.findLast((event) => event.type === "approval_requested");
    if (requested === undefined) return null;
    const { run_id } = requested.context;
    const decided = events
      .filter((event) => event.type === "approval_decided")
      .find(({ context }) => context.run_id === run_id);
    return { requested, decided: decided ?? null };
  }

  /**
   * Notes the runs that a fork copied. Their events are not copied: the fork's own log starts after them.
   * @param lastSeq the highest seq that the copied runs take up.
   */
  insertCopied(lastSeq: number, copied: NonNullable<CommitNote["copied"]>): void {
    const note: CommitNote = { copied, history: true, held: true };
    const query = "INSERT INTO journal (seq, events, note) VALUES (?, '[]', ?)";
    this.#sql.exec(query, lastSeq, JSON.stringify(note));
  }

  /** Notes that a range of runs (by the seqs they were accepted at) must be written to the history again. */
  insertRestored(copied: NonNullable<CommitNote["copied"]>): void {
    this.insert([], { copied, history: true });
  }

  /** Whether this thread is a fork that is still being copied. */
  get isHeld(): boolean {
    const query = "SELECT note ->> 'held' AS value FROM journal ORDER BY id LIMIT 1";
    return Row.optional().parse(this.#sql.exec(query).toArray()[0])?.value === 1;
  }

  /** To be called when a fork is copied completely: from now on it is written to the history. */
  release(): void {
    this.#sql.exec("UPDATE journal SET note = json_remove(note, '$.held') WHERE note ->> 'held'");
  }

  /** @returns the oldest commits after `afterId` that are to be written to the history; at most `limit`. */
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

  /** Stores what {@link lastSaved} returns in the newest row; usually the next commit carries it instead. */
  keepSaved(saved: number): void {
    this.#sql.exec(
      `UPDATE journal SET note = json_set(coalesce(note, '{}'), '$.saved', ?)
       WHERE id = (SELECT max(id) FROM journal)`,
      saved,
    );
  }

  /**
   * Deletes the oldest events, so that the journal stays bounded. Kept are the newest {@link JOURNAL_EVENTS}, and
   * all that is still needed: by the history, by the user's feed, or to resume a run.
   */
  trimOld(needed: { readonly unsavedId: number; readonly neededSeq: number }): void {
    const last = this.lastSeq() - JOURNAL_EVENTS;
    this.trim(Math.min(last, needed.neededSeq - 1), needed.unsavedId - 1);
  }
}
