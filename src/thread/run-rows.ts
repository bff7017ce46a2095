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
import { type Begun, BegunRun } from "./begun-run.ts";
import { ClientIds } from "./client-ids.ts";
import { columnsOf, insertRun, updateRun } from "./run-insert.ts";
import {
  type AcceptedRun,
  type RunColumns,
  type RunEnd,
  type RunRow,
  type RunStart,
  runRowOf,
} from "./run-row.ts";

const LAST_ENDED = `coalesce(
  (SELECT accepted_seq FROM runs WHERE ended_at IS NOT NULL ORDER BY accepted_seq DESC LIMIT 1), 0)`;

/**
 * The runs that have not ended, in order. Runs end in the order they were accepted, so these are the
 * last of them: found by walking back to the last that has ended, without an index to keep.
 */
const WAITING = `SELECT * FROM runs WHERE accepted_seq > ${LAST_ENDED} ORDER BY accepted_seq`;

const Place = z.object({ seq: z.number() });

/**
 * A run that begins with its message has no row of its own at first: that commit says all of it, and a
 * row is written with the first change, which mostly is its end. Once there is a row, it counts.
 */
export class RunRows {
  readonly #sql: SqlStorage;
  readonly #threadId: ThreadId;
  readonly #row: ReturnType<typeof runRowOf>;
  readonly #clientIds: ClientIds;
  readonly #begun: BegunRun;

  constructor(sql: SqlStorage, threadId: ThreadId) {
    this.#sql = sql;
    this.#threadId = threadId;
    this.#row = runRowOf(threadId);
    this.#clientIds = new ClientIds(sql);
    this.#begun = new BegunRun(sql, threadId);
  }

  /** Stores an accepted message with its run, which waits. */
  insert(run: AcceptedRun): RunRow {
    return this.#insert(columnsOf(run, null));
  }

  /**
   * Composes the run that begins with its message.
   * @returns it, with the columns that the commit is to keep; {@link hold} it once that is done.
   */
  begin(run: AcceptedRun, start: RunStart): Begun {
    return this.#begun.compose(columnsOf(run, start));
  }

  /** Takes over the run that a commit has begun. */
  hold(columns: RunColumns): void {
    this.#begun.hold(columns);
  }

  /** @returns the run that has no row of its own yet, or null. */
  get unwritten(): RunRow | null {
    return this.#begun.unwritten?.row ?? null;
  }

  /** @returns the run, or null where the id names none of this thread. */
  get(runId: RunId): RunRow | null {
    const place = placeOfRun(runId);
    return place?.threadId === this.#threadId ? this.at(place.acceptedSeq) : null;
  }

  /** @returns the run whose message was accepted at a seq. */
  at(acceptedSeq: number): RunRow | null {
    const written = this.#first("SELECT * FROM runs WHERE accepted_seq = ?", acceptedSeq);
    const { last } = this.#begun;
    return written ?? (last?.accepted_seq === acceptedSeq ? last : null);
  }

  byClientMessageId(id: ClientMessageId): RunRow | null {
    const { last } = this.#begun;
    const place = last?.client_message_id === id ? last.accepted_seq : this.#clientIds.find(id);
    const row = place === null ? null : this.at(place);
    return row?.client_message_id === id ? row : null;
  }

  /** @returns the run that answers a user's message. Rarely asked, so there is no index for it. */
  byMessageId(id: MessageId): RunRow | null {
    const { unwritten } = this;
    if (unwritten?.message_id === id) return unwritten;
    return this.#first("SELECT * FROM runs WHERE message_id = ?", id);
  }

  /** @returns the run that a message belongs to, the question or the answer. */
  ofMessage(id: MessageId): RunRow | null {
    const { unwritten } = this;
    if (unwritten?.message_id === id || unwritten?.answer_id === id) return unwritten;
    return this.#first("SELECT * FROM runs WHERE message_id = ?1 OR answer_id = ?1", id);
  }

  /** @returns the newest run that counts. */
  newest(): RunRow | null {
    const written = this.#first(
      "SELECT * FROM runs WHERE superseded_by IS NULL ORDER BY accepted_seq DESC LIMIT 1",
    );
    const { unwritten } = this;
    const seq = written?.accepted_seq ?? 0;
    return unwritten !== null && unwritten.accepted_seq > seq ? unwritten : written;
  }

  /** @returns the first run of all; null where nothing was ever said. */
  get first(): RunRow | null {
    const query = "SELECT * FROM runs ORDER BY accepted_seq LIMIT 1";
    return this.#first(query) ?? this.#begun.last;
  }

  /** @returns the seq at which the last that has ended was accepted; 0 before any has. */
  get lastEnded(): number {
    return Place.parse(this.#sql.exec(`SELECT ${LAST_ENDED} AS seq`).one()).seq;
  }

  /** @returns the run whose turn it is: the oldest that has not ended. */
  next(): RunRow | null {
    return this.unwritten ?? this.#first(`${WAITING} LIMIT 1`);
  }

  /** @returns the runs that are running or queued, in order. */
  waiting(): readonly RunRow[] {
    const { unwritten } = this;
    return unwritten === null ? this.#all(WAITING) : [unwritten, ...this.#all(WAITING)];
  }

  /**
   * Takes up a run that an earlier life left unfinished: a new attempt, which fences that life off.
   * @returns the run as it is held now.
   */
  claim(run: RunRow, life: { at: number; codeVersion: string; deaths: number }): RunRow {
    const { accepted_seq, attempt } = this.at(run.accepted_seq) ?? run;
    this.#change(accepted_seq, {
      attempt: attempt + 1,
      deaths: life.deaths,
      claimed_at: life.at,
      code_version: life.codeVersion,
      parked_until: null,
    });
    const claimed = this.at(accepted_seq);
    if (claimed === null) throw new Error("A run that is taken up is not there.");
    return claimed;
  }

  /** @returns the run as it is stored, where this life still holds it and it has not ended. */
  held({ accepted_seq, attempt }: RunRow): RunRow | null {
    const row = this.at(accepted_seq);
    return row !== null && row.attempt === attempt && row.ended_at === null ? row : null;
  }

  /** Lets nobody take the run up before a time (milliseconds since the Unix epoch), but to end it. */
  park({ accepted_seq }: RunRow, until: number): void {
    this.#change(accepted_seq, { parked_until: until });
  }

  start(run: RunRow, { seq, at, codeVersion }: RunStart): void {
    this.#change(run.accepted_seq, {
      status: transition(run.status, "start"),
      started_seq: seq,
      started_at: at,
      claimed_at: at,
      code_version: codeVersion,
    });
  }

  /** Remembers that the user wants the run to end, so that a death in between can't forget it. */
  requestCancel({ accepted_seq }: RunRow): void {
    this.#change(accepted_seq, { cancelled: 1 });
  }

  /** Marks what was said from one run on, up to a message that takes its place. */
  supersede(from: RunRow, by: { readonly seq: number; readonly messageId: MessageId }): void {
    if (this.unwritten !== null) this.#change(this.unwritten.accepted_seq, {});
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
    this.#change(accepted_seq, { deaths: 0, draft: null });
  }

  /** Keeps what the turn under way wrote so far, in place of what was kept before. */
  saveDraft({ accepted_seq }: RunRow, text: string): void {
    this.#change(accepted_seq, { draft: text });
  }

  finish(run: RunRow, end: RunEnd): void {
    const event = { completed: "complete", failed: "fail", cancelled: "cancel" } as const;
    this.#change(run.accepted_seq, {
      status: transition(run.status, event[end.status]),
      ended_seq: end.endedSeq,
      ended_at: end.endedAt,
      answer: end.answer,
      usage: JSON.stringify(end.usage),
      problem: end.problem && JSON.stringify(end.problem),
      facts: end.facts,
      report: end.report,
      draft: null,
      connected_tools: null,
    });
  }

  /** Writes down what has changed of a run, in a row of its own where it has none yet. */
  #change(acceptedSeq: number, changed: RunColumns): void {
    const begun = this.#begun.unwritten;
    if (begun?.row.accepted_seq === acceptedSeq) this.#insert({ ...begun.columns, ...changed });
    else updateRun(this.#sql, acceptedSeq, changed);
  }

  #insert(columns: RunColumns): RunRow {
    insertRun(this.#sql, columns);
    const { row } = this.#begun.compose(columns);
    if (row.client_message_id !== null) {
      this.#clientIds.add(row.client_message_id, row.accepted_seq);
    }
    return row;
  }

  #first(query: string, ...bindings: SqlStorageValue[]): RunRow | null {
    return this.#all(query, ...bindings)[0] ?? null;
  }

  #all(query: string, ...bindings: SqlStorageValue[]): readonly RunRow[] {
    return Array.from(this.#sql.exec(query, ...bindings), (row) => this.#row.parse(row));
  }
}
