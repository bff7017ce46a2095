/** Copies a thread into a new one: the source hands out pages, and the new thread stores them and opens when complete. */
import { newId } from "../core/clock.ts";
import { isFinal } from "../core/run-machine.ts";
import type { ThreadLog } from "../core/thread-log.ts";
import { ApexError } from "../protocol/errors.ts";
import type { LoggedEvent } from "../protocol/events.ts";
import { MessageId, type ThreadId } from "../protocol/ids.ts";
import { MAX_FORK_EXCHANGES, MAX_FORK_LENGTH } from "../protocol/limits.ts";
import type { Threads } from "../store/threads.ts";
import type { CopiedRuns } from "./copied-runs.ts";
import type { Labels, ThreadLabels } from "./labels.ts";
import type { Ports } from "./ports.ts";
import type { CopiedRun, RunRow } from "./run-row.ts";
import type { RunRows } from "./run-rows.ts";
import type { CommitNote, ThreadJournal } from "./thread-journal.ts";

/** The most exchanges and, roughly, characters in a page: far below the limit of an RPC call. */
const PAGE_EXCHANGES = 100;
const PAGE_LENGTH = 1_000_000;
/** After this long without a new page, in milliseconds, an unfinished copy is opened or erased. */
const PATIENCE_MS = 60_000;

/** What has to be copied, fixed at the moment of the request. */
export interface ForkPlan {
  /** The seq at which the last message to be copied was accepted. */
  readonly until: number;
  readonly total: number;
  readonly title: string | null;
}

/** A range to copy: what was accepted after one seq, up to another. */
export interface ForkRange {
  readonly after: number;
  readonly until: number;
}

/** A page, and its place in the whole copy. */
export interface ForkPage {
  /** How many exchanges come before it, and how many there are in all. */
  readonly before: number;
  readonly total: number;
  readonly exchanges: readonly CopiedRun[];
}

interface ForkParts {
  readonly storage: DurableObjectStorage;
  readonly threadId: ThreadId;
  readonly journal: ThreadJournal;
  readonly runs: Pick<RunRows, "at" | "ofMessage">;
  readonly copied: CopiedRuns;
  readonly labels: Labels;
  readonly threads: Pick<Threads, "get">;
  readonly log: ThreadLog<CommitNote>;
  readonly ports: Pick<Ports, "clock" | "log">;
  readonly tell: (events: readonly LoggedEvent[]) => void;
}

export class Fork {
  readonly #parts: ForkParts;
  /** When to check on an unfinished copy (milliseconds since the Unix epoch); null if this is none. */
  #dueAt: number | null = null;

  constructor(parts: ForkParts) {
    this.#parts = parts;
    if (parts.journal.isHeld) this.#wait();
  }

  /** Whether this thread is a copy that is not complete yet. */
  get isHeld(): boolean {
    return this.#dueAt !== null;
  }

  get dueAt(): number | null {
    return this.#dueAt;
  }

  /**
   * Plans a copy of this thread.
   * @param messageId the last message to copy: a question or answer of an ended run that was not replaced.
   * @throws {ApexError} `invalid_fields`, `thread_busy`, or `too_large`.
   */
  plan(messageId: MessageId): ForkPlan {
    const run = this.#lastRun(messageId);
    const { total, length } = this.#parts.copied.size(run.accepted_seq);
    if (total > MAX_FORK_EXCHANGES || length > MAX_FORK_LENGTH) {
      const detail = `A fork copies ${MAX_FORK_EXCHANGES} exchanges and ${MAX_FORK_LENGTH} characters at most. Fork at an earlier message.`;
      throw new ApexError("too_large", detail);
    }
    return { until: run.accepted_seq, total, title: this.#parts.labels.read().title };
  }

  /** @returns the exchanges of a range that were not replaced, oldest first, as many as fit into a page. */
  read({ after, until }: ForkRange): CopiedRun[] {
    const page: CopiedRun[] = [];
    let length = 0;
    for (const run of this.#parts.copied.standing(after, until, PAGE_EXCHANGES)) {
      page.push(copyOf(run));
      length += run.content.length + (run.answer?.length ?? 0) + (run.report?.length ?? 0);
      if (length >= PAGE_LENGTH) break;
    }
    return page;
  }

  /** Stores a page, with ids and seqs of this thread. Storing it again changes nothing. */
  take({ before, total, exchanges }: ForkPage): void {
    const { storage, journal, runs, copied } = this.#parts;
    const first = seqOf(before);
    storage.transactionSync(() => {
      if (runs.at(first) !== null) return;
      for (const [index, exchange] of exchanges.entries()) {
        const message_id = MessageId.parse(newId());
        const answer_id = MessageId.parse(newId());
        const accepted_seq = first + 2 * index;
        copied.insert(exchange, { accepted_seq, message_id, answer_id });
      }
      journal.insertCopied(2 * total, { first, last: seqOf(before + exchanges.length - 1) });
      this.#wait();
    });
  }

  /** Opens the complete copy, after its thread was created in D1. From now on it is a thread like any other. */
  open(labels: ThreadLabels): void {
    if (!this.isHeld) return;
    const { storage, journal, log, tell } = this.#parts;
    const events = storage.transactionSync(() => {
      journal.release();
      this.#parts.labels.write(labels);
      return log.append([{ type: "thread_updated", run_id: null, agent: null, data: labels }]);
    });
    this.#dueAt = null;
    tell(events);
  }

  /**
   * Opens a copy that was left unopened although its thread exists in D1.
   * @returns whether there is no such thread, and the time for it is over: then the copy has to be erased.
   */
  async isAbandoned(): Promise<boolean> {
    const { ports, threadId, threads } = this.#parts;
    if (this.#dueAt === null || ports.clock.now() < this.#dueAt) return false;
    try {
      const thread = await threads.get(threadId);
      if (thread === null) return true;
      this.open({ title: thread.title, metadata: thread.metadata });
    } catch (error) {
      ports.log.error("fork.postponed", error);
      this.#wait();
    }
    return false;
  }

  #wait(): void {
    this.#dueAt = this.#parts.ports.clock.now() + PATIENCE_MS;
  }

  #lastRun(messageId: MessageId): RunRow {
    const run = this.#parts.runs.ofMessage(messageId);
    if (run === null || run.superseded_by !== null) {
      const message =
        run === null ? "names no message of this thread" : "names one that was replaced";
      throw new ApexError("invalid_fields", `The message to fork at ${message}.`, {
        errors: [{ field: "message_id", message }],
      });
    }
    if (!isFinal(run.status)) {
      const detail = "The run of this message is not done yet. Wait for its end, or cancel it.";
      throw new ApexError("thread_busy", detail, { activeRunId: run.run_id });
    }
    return run;
  }
}

/** @returns the seq of the question that so many exchanges stand before; its answer has the next. */
function seqOf(before: number): number {
  return 2 * before + 1;
}

function copyOf(run: RunRow): CopiedRun {
  const { accepted_seq, content, agent, model, status, answer, problem } = run;
  const { accepted_at, started_at, ended_at, facts, report } = run;
  const said = { content, agent, model, status, answer, problem, facts, report };
  return { accepted_seq, ...said, accepted_at, started_at, ended_at };
}
