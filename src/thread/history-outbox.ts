/** The outbox to the history in D1. It is no table of its own: the journal is the queue, and one number marks how far it got. */
import type { LogFields } from "../core/log.ts";
import type { OutboxEntry, OutboxStore } from "../core/outbox.ts";
import type { Message } from "../protocol/entities.ts";
import type { ThreadId, UserId } from "../protocol/ids.ts";
import type { HistoryRow } from "../store/history.ts";
import type { Announcer } from "./announcer.ts";
import type { CopiedRuns } from "./copied-runs.ts";
import type { DeadLetterRows } from "./dead-letters.ts";
import type { Fork } from "./fork.ts";
import { rowsOfCommit, rowsOfCopy } from "./history-rows.ts";
import { callsOf } from "./own-calls.ts";
import type { Ports } from "./ports.ts";
import { outcomeOf } from "./run-outcome.ts";
import type { RunRow } from "./run-row.ts";
import type { RunRows } from "./run-rows.ts";
import type { ThreadJournal } from "./thread-journal.ts";

type UnsavedCommit = ReturnType<ThreadJournal["unsaved"]>[number];

interface HistoryOutboxParts {
  readonly threadId: ThreadId;
  readonly userId: UserId;
  readonly journal: ThreadJournal;
  readonly runs: RunRows;
  readonly copied: CopiedRuns;
  readonly deadLetters: DeadLetterRows;
  readonly announcer: Pick<Announcer, "upTo">;
  readonly fork: Pick<Fork, "isHeld">;
  readonly ports: Pick<Ports, "model">;
}

/** If more commits than this are unsaved, readers fetch messages from the thread itself instead of from D1. */
const MAX_UNSAVED = 1_000;

/** How many runs are composed at once when a thread's whole history is written again. */
const RESTORED_AT_ONCE = 20;

/** What D1 does not know yet. */
export interface Unsaved {
  readonly messages: readonly Message[];
  readonly supersessions: readonly Extract<HistoryRow, { kind: "supersession" }>[];
}

/**
 * Composes rows from the journal when they are sent, so that queueing them costs no write. How far the history has got
 * is noted beside later commits. If that note is lost, some rows are sent twice, which does no harm.
 */
export class HistoryOutbox implements OutboxStore<HistoryRow> {
  readonly #parts: HistoryOutboxParts;
  /** Every commit up to this one is in the history, or was set aside as refused. */
  #saved: number;
  /** The value of {@link #saved} that is stored in the journal. */
  #kept: number;
  /** The waiting rows of later commits, by commit. */
  readonly #waiting = new Map<number, Map<string, HistoryRow>>();

  constructor(parts: HistoryOutboxParts) {
    this.#parts = parts;
    this.#saved = parts.journal.lastSaved();
    this.#kept = this.#saved;
  }

  /** @returns the last commit that is in the history, which the caller stores with the commit under way. */
  noteSaved(): number {
    this.#kept = this.#saved;
    return this.#saved;
  }

  /** Stores how far the history has got, for when no further commit is coming that would. */
  keepSaved(): void {
    if (this.#kept === this.#saved) return;
    this.#parts.journal.keepSaved(this.#saved);
    this.#kept = this.#saved;
  }

  /**
   * Trims the journal, but keeps what is not yet in the history or the user's feed, and all of unfinished runs.
   */
  trimJournal(): void {
    const { announcer, journal, runs } = this.#parts;
    const [unsaved] = journal.unsaved(this.#saved, 1);
    const liveSeq = runs.next()?.accepted_seq ?? Number.POSITIVE_INFINITY;
    journal.trimOld({
      unsavedId: unsaved?.id ?? Number.POSITIVE_INFINITY,
      neededSeq: Math.min(liveSeq, announcer.upTo + 1),
    });
  }

  /**
   * Puts all that was ever said on its way to the history once more: for one that was brought back to an earlier
   * state. What it still has is not changed by it. Runs under way are told of at their end.
   * @returns how many runs it is.
   */
  restore(): number {
    const { copied, journal } = this.#parts;
    const ranges = copied.endedInRanges(RESTORED_AT_ONCE);
    for (const range of ranges) journal.insertRestored(range);
    return ranges.reduce((sum, { runs }) => sum + runs, 0);
  }

  peek(limit: number): readonly OutboxEntry<HistoryRow>[] {
    const { deadLetters, fork, journal } = this.#parts;
    // D1 would let its rows fall away: it does not know of the thread yet.
    if (fork.isHeld) return [];
    const entries = deadLetters
      .replaying(limit)
      .map(({ id, entry }) => ({ id: `dead ${id}`, row: this.#asItCounts(entry) }));
    for (const commit of journal.unsaved(this.#saved, limit)) {
      if (entries.length >= limit) break;
      const rows = this.#waiting.get(commit.id) ?? this.#compose(commit);
      this.#waiting.set(commit.id, rows);
      for (const [id, row] of rows) entries.push({ id, row });
    }
    return entries;
  }

  remove(ids: readonly string[]): void {
    for (const id of ids) {
      const [place, number] = id.split(" ");
      if (place === "dead") this.#parts.deadLetters.remove(Number(number));
      else this.#waiting.get(Number(place))?.delete(id);
    }
    for (const [commit, rows] of this.#waiting) {
      if (rows.size > 0) break;
      this.#saved = commit;
      this.#waiting.delete(commit);
    }
  }

  bury(id: string, reason: string, at: number): LogFields {
    const row = this.peek(MAX_UNSAVED).find((entry) => entry.id === id)?.row;
    if (row === undefined) throw new Error("A refused row does not wait.");
    const fields = this.#parts.deadLetters.add(row, reason, at);
    if (!id.startsWith("dead ")) this.remove([id]);
    return fields;
  }

  /**
   * @returns what D1 does not know: of what waits, and of what it refused; null where that may be
   *   too much to be told at once.
   */
  unsaved(): Unsaved | null {
    const { deadLetters, journal } = this.#parts;
    const commits = journal.unsaved(this.#saved, MAX_UNSAVED + 1);
    if (commits.length > MAX_UNSAVED || commits.some(({ note }) => note?.copied)) return null;
    const waiting = commits.flatMap((commit) => [...this.#compose(commit).values()]);
    const refused = deadLetters.rows(MAX_UNSAVED).map((row) => this.#asItCounts(row));
    const rows = [...refused, ...waiting];
    return {
      messages: rows.flatMap((row) => (row.kind === "message" ? [row.message] : [])),
      supersessions: rows.filter((row) => row.kind === "supersession"),
    };
  }

  #compose(commit: UnsavedCommit): Map<string, HistoryRow> {
    return new Map(this.#rowsOf(commit).map((row, index) => [`${commit.id} ${index}`, row]));
  }

  #rowsOf(commit: UnsavedCommit): HistoryRow[] {
    const { copied, journal, ports, runs, threadId, userId } = this.#parts;
    const { run: acceptedSeq = 0, copied: range } = commit.note ?? {};
    if (range) {
      return copied
        .stored(range.first, range.last)
        .flatMap((run) => [...rowsOfCopy(run, threadId), ...this.#supersessionOf(run)]);
    }
    const run = runs.at(acceptedSeq);
    if (run === null) return [];
    const calls = () =>
      callsOf(run, journal.steps(run.accepted_seq), { userId, model: ports.model });
    return rowsOfCommit(commit, this.#asItStands(run), threadId, calls);
  }

  /** Where the history still has a run from before it was replaced, the run's rows alone say nothing newer. */
  #supersessionOf({ accepted_seq, superseded_by }: RunRow): HistoryRow[] {
    const { runs, threadId } = this.#parts;
    const by = superseded_by === null ? null : runs.ofMessage(superseded_by);
    if (by === null) return [];
    const range = { from_seq: accepted_seq, before_seq: by.accepted_seq };
    const message_id = by.message_id;
    return [
      {
        kind: "supersession",
        version: by.accepted_seq,
        thread_id: threadId,
        message_id,
        ...range,
      },
    ];
  }

  /** A message that was refused may have been replaced since. */
  #asItCounts(row: HistoryRow): HistoryRow {
    if (row.kind !== "message") return row;
    const superseded_by = this.#parts.runs.get(row.message.run_id)?.superseded_by ?? null;
    return { ...row, message: { ...row.message, superseded_by } };
  }

  /** A run whose end is checkpointed, and not yet told, has its outcome in its steps alone. */
  #asItStands(run: RunRow): RunRow {
    const { journal, ports } = this.#parts;
    if (run.ended_at !== null) return run;
    const end = outcomeOf(run, journal.steps(run.accepted_seq), ports.model.cost);
    if (end === null) return run;
    const { endedAt, ...outcome } = end;
    return { ...run, ...outcome, ended_at: endedAt };
  }
}
