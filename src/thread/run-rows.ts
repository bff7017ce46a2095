/** The runs of a thread, stored in its SQLite: the queue, and the state of each run from message to outcome. */
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
 * The unfinished runs, in order. Runs end in the order they were accepted, so the unfinished ones are the newest:
 * walking back to the last one that has ended finds them without an index, which would cost writes.
 */
const WAITING = `SELECT * FROM runs WHERE accepted_seq > ${LAST_ENDED} ORDER BY accepted_seq`;

const Place = z.object({ seq: z.number() });

/**
 * To save a write, a run that starts as soon as its message is accepted gets no row yet: its columns are in that
 * commit's note. Its row is written at its first change, usually its end, and is authoritative from then on.
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

  /** Stores an accepted message with its run, which is queued. */
  insert(run: AcceptedRun): RunRow {
    return this.#insert(columnsOf(run, null));
  }

  /**
   * Composes a run that starts together with its message.
   * @returns it, and the columns that the commit has to store. Call {@link hold} once that is committed.
   */
  begin(run: AcceptedRun, start: RunStart): Begun {
    return this.#begun.compose(columnsOf(run, start));
  }

  /** Takes note of a run that a commit has started, and that has no row of its own. */
  hold(columns: RunColumns): void {
    this.#begun.hold(columns);
  }

  /** The run that has no row of its own yet, or null. */
  get unwritten(): RunRow | null {
    return this.#begun.unwritten?.row ?? null;
  }

  /** @returns the run, or null if this thread has none of this id. */
  get(runId: RunId): RunRow | null {
    const place = placeOfRun(runId);
    return place?.threadId === this.#threadId ? this.at(place.acceptedSeq) : null;
  }

  /** @returns the run whose message was accepted at a seq, or null. */
  at(acceptedSeq: number): RunRow | null {
    const written = this.#first("SELECT * FROM runs WHERE accepted_seq = ?", acceptedSeq);
    const { last } = this.#begun;
    return written ?? (last?.accepted_seq === acceptedSeq ? last : null);
  }

  /** @returns the run whose message has this client_message_id, or null. */
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

  /** @returns the newest run that was not replaced. */
  newest(): RunRow | null {
    const written = this.#first(
      "SELECT * FROM runs WHERE superseded_by IS NULL ORDER BY accepted_seq DESC LIMIT 1",
    );
    const { unwritten } = this;
    const seq = written?.accepted_seq ?? 0;
    return unwritten !== null && unwritten.accepted_seq > seq ? unwritten : written;
  }

  /** The oldest run; null if there never was a message. */
  get first(): RunRow | null {
    const query = "SELECT * FROM runs ORDER BY accepted_seq LIMIT 1";
    return this.#first(query) ?? this.#begun.last;
  }

  /** The seq at which the last ended run was accepted; 0 if none has ended. */
  get lastEnded(): number {
    return Place.parse(this.#sql.exec(`SELECT ${LAST_ENDED} AS seq`).one()).seq;
  }

  /** @returns the run whose turn it is: the oldest unfinished one, or null. */
  next(): RunRow | null {
    return this.unwritten ?? this.#first(`${WAITING} LIMIT 1`);
  }

  /** @returns the runs that are running or queued, in order. */
  waiting(): readonly RunRow[] {
    const { unwritten } = this;
    return unwritten === null ? this.#all(WAITING) : [unwritten, ...this.#all(WAITING)];
  }

  /**
   * Claims a run that an earlier process left unfinished. The higher `attempt` keeps that one from writing to it.
   * @returns the run as claimed.
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

  /** @returns the run as stored, or null if it has ended or a later process has claimed it. */
  held({ accepted_seq, attempt }: RunRow): RunRow | null {
    const row = this.at(accepted_seq);
    return row !== null && row.attempt === attempt && row.ended_at === null ? row : null;
  }

  /** Puts a run to rest until a time (milliseconds since the Unix epoch); only a cancel ends that earlier. */
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

  /** Stores that the user cancels the run, so that the wish survives a crash. */
  requestCancel({ accepted_seq }: RunRow): void {
    this.#change(accepted_seq, { cancelled: 1 });
  }

  /** Marks the runs from one on as replaced by a message, which was accepted at `by.seq`. */
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

  /** A step was completed: deaths are counted from zero again, and the draft is now part of the step. */
  progress({ accepted_seq, deaths, draft }: RunRow): void {
    if (deaths === 0 && draft === null) return;
    this.#change(accepted_seq, { deaths: 0, draft: null });
  }

  /** Stores what the turn under way has written so far, replacing the earlier draft. */
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
