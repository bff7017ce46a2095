/** The runs of a thread in its SQLite: the queue, and each run's way from its message to its outcome. */
import * as z from "zod";
import { transition } from "../core/run-machine.ts";
import {
  type ClientMessageId,
  type MessageId,
  placeOfRun,
  type RunId,
  type ThreadId,
} from "../protocol/ids.ts";
import { insertRun } from "./run-insert.ts";
import { type AcceptedRun, type RunEnd, type RunRow, type RunStart, runRowOf } from "./run-row.ts";

/**
 * The runs that have not ended, in order. Runs end in the order they were accepted, so these are the
 * last of them: found by walking back to the last that has ended, without an index to keep.
 */
const WAITING = `SELECT * FROM runs WHERE accepted_seq > coalesce(
  (SELECT accepted_seq FROM runs WHERE ended_at IS NOT NULL ORDER BY accepted_seq DESC LIMIT 1), 0
) ORDER BY accepted_seq`;

const Size = z.object({ total: z.number(), length: z.number() });

export class RunRows {
  readonly #sql: SqlStorage;
  readonly #threadId: ThreadId;
  readonly #row: ReturnType<typeof runRowOf>;

  constructor(sql: SqlStorage, threadId: ThreadId) {
    this.#sql = sql;
    this.#threadId = threadId;
    this.#row = runRowOf(threadId);
  }

  /** Stores an accepted message with its run. @param start where it begins in the same commit. */
  insert(run: AcceptedRun, start: RunStart | null): RunRow {
    return this.#row.parse(insertRun(this.#sql, run, start));
  }

  /** @returns the run, or null where the id names none of this thread. */
  get(runId: RunId): RunRow | null {
    const place = placeOfRun(runId);
    return place?.threadId === this.#threadId ? this.at(place.acceptedSeq) : null;
  }

  /** @returns the run whose message was accepted at a seq. */
  at(acceptedSeq: number): RunRow | null {
    return this.#first("SELECT * FROM runs WHERE accepted_seq = ?", acceptedSeq);
  }

  byClientMessageId(id: ClientMessageId): RunRow | null {
    return this.#first("SELECT * FROM runs WHERE client_message_id = ?", id);
  }

  /** @returns the run that answers a user's message. Rarely asked, so there is no index for it. */
  byMessageId(id: MessageId): RunRow | null {
    return this.#first("SELECT * FROM runs WHERE message_id = ?", id);
  }

  /** @returns the run that a message belongs to, the question or the answer. */
  ofMessage(id: MessageId): RunRow | null {
    return this.#first("SELECT * FROM runs WHERE message_id = ?1 OR answer_id = ?1", id);
  }

  /** @returns the newest run that counts. */
  newest(): RunRow | null {
    return this.#first(
      "SELECT * FROM runs WHERE superseded_by IS NULL ORDER BY accepted_seq DESC LIMIT 1",
    );
  }

  /** @returns the runs accepted within two seqs, oldest first. */
  between(first: number, last: number): readonly RunRow[] {
    const query = "SELECT * FROM runs WHERE accepted_seq BETWEEN ? AND ? ORDER BY accepted_seq";
    return this.#all(query, first, last);
  }

  /** @returns up to so many runs that still count, after one seq and up to another, oldest first. */
  *standing(after: number, until: number, limit: number): Generator<RunRow> {
    const rows = this.#sql.exec(
      `SELECT * FROM runs WHERE accepted_seq > ? AND accepted_seq <= ? AND superseded_by IS NULL
       ORDER BY accepted_seq LIMIT ?`,
      after,
      until,
      limit,
    );
    for (const row of rows) yield this.#row.parse(row);
  }

  /** @returns how many runs up to a seq still count, and how much was said in them. */
  size(until: number): z.infer<typeof Size> {
    const rows = this.#sql.exec(
      `SELECT count(*) AS total, sum(length(content) + length(coalesce(answer, ''))) AS length
       FROM runs WHERE accepted_seq <= ? AND superseded_by IS NULL`,
      until,
    );
    return Size.parse(rows.one());
  }

  /** @returns whether anything was ever said here. */
  get isEmpty(): boolean {
    return this.#first("SELECT * FROM runs LIMIT 1") === null;
  }

  /** @returns the run whose turn it is: the oldest that has not ended. */
  next(): RunRow | null {
    return this.#first(`${WAITING} LIMIT 1`);
  }

  /** @returns the runs that are running or queued, in order. */
  waiting(): readonly RunRow[] {
    return this.#all(WAITING);
  }

  /**
   * Takes up a run that an earlier life left unfinished: a new attempt, which fences that life off.
   * @returns the run as it is held now.
   */
  claim(run: RunRow, life: { at: number; codeVersion: string; deaths: number }): RunRow {
    const claimed = this.#sql.exec(
      `UPDATE runs SET attempt = attempt + 1, deaths = ?, claimed_at = ?, code_version = ?,
                       parked_until = NULL
       WHERE accepted_seq = ? RETURNING *`,
      life.deaths,
      life.at,
      life.codeVersion,
      run.accepted_seq,
    );
    return this.#row.parse(claimed.one());
  }

  /** @returns the run as it is stored, where this life still holds it and it has not ended. */
  held({ accepted_seq, attempt }: RunRow): RunRow | null {
    const row = this.at(accepted_seq);
    return row !== null && row.attempt === attempt && row.ended_at === null ? row : null;
  }

  /** Lets nobody take the run up before a time (milliseconds since the Unix epoch), but to end it. */
  park({ accepted_seq }: RunRow, until: number): void {
    this.#sql.exec("UPDATE runs SET parked_until = ? WHERE accepted_seq = ?", until, accepted_seq);
  }

  start(run: RunRow, { seq, at, codeVersion }: RunStart): void {
    this.#sql.exec(
      `UPDATE runs SET status = ?, started_seq = ?, started_at = ?, claimed_at = ?, code_version = ?
       WHERE accepted_seq = ?`,
      transition(run.status, "start"),
      seq,
      at,
      at,
      codeVersion,
      run.accepted_seq,
    );
  }

  /** Remembers that the user wants the run to end, so that a death in between can't forget it. */
  requestCancel({ accepted_seq }: RunRow): void {
    this.#sql.exec("UPDATE runs SET cancelled = 1 WHERE accepted_seq = ?", accepted_seq);
  }

  /** Marks what was said from one run on, up to a message that takes its place. */
  supersede(from: RunRow, by: { readonly seq: number; readonly messageId: MessageId }): void {
    this.#sql.exec(
      `UPDATE runs SET superseded_by = ?
       WHERE accepted_seq >= ? AND accepted_seq < ? AND superseded_by IS NULL`,
      by.messageId,
      from.accepted_seq,
      by.seq,
    );
  }

  /** The run got a step further: its deaths are counted anew, and its draft is part of a step. */
  progress({ accepted_seq, deaths, draft }: RunRow): void {
    if (deaths === 0 && draft === null) return;
    const anew = "UPDATE runs SET deaths = 0, draft = NULL WHERE accepted_seq = ?";
    this.#sql.exec(anew, accepted_seq);
  }

  /** Keeps what the turn under way wrote so far, in place of what was kept before. */
  saveDraft({ accepted_seq }: RunRow, text: string): void {
    this.#sql.exec("UPDATE runs SET draft = ? WHERE accepted_seq = ?", text, accepted_seq);
  }

  finish(run: RunRow, end: RunEnd): void {
    const event = { completed: "complete", failed: "fail", cancelled: "cancel" } as const;
    this.#sql.exec(
      `UPDATE runs SET status = ?, ended_seq = ?, ended_at = ?, answer = ?, usage = ?, problem = ?,
                       facts = ?, report = ?, draft = NULL, connected_tools = NULL
       WHERE accepted_seq = ?`,
      transition(run.status, event[end.status]),
      end.endedSeq,
      end.endedAt,
      end.answer,
      JSON.stringify(end.usage),
      end.problem && JSON.stringify(end.problem),
      end.facts,
      end.report,
      run.accepted_seq,
    );
  }

  #first(query: string, ...bindings: SqlStorageValue[]): RunRow | null {
    return this.#all(query, ...bindings)[0] ?? null;
  }

  #all(query: string, ...bindings: SqlStorageValue[]): readonly RunRow[] {
    return Array.from(this.#sql.exec(query, ...bindings), (row) => this.#row.parse(row));
  }
}
