/** What a thread tells of itself to who asks: its messages, its runs, and what of them is under way. */
import type { Message, Run } from "../protocol/entities.ts";
import type { RunId } from "../protocol/ids.ts";
import type { Position } from "../protocol/position.ts";
import type { Report } from "../protocol/report.ts";
import type { ThreadParts } from "./compose.ts";
import type { MessageRange } from "./conversation.ts";
import type { Unsaved } from "./history-outbox.ts";
import { answerOf } from "./messages.ts";
import { type OpenTurn, openTurnOf } from "./open-turn.ts";
import type { Accepted, FoundRun, RunReference } from "./rpc.ts";
import type { RunRow } from "./run-row.ts";
import { toReport, toRun } from "./wire-run.ts";

type Sources = Pick<
  ThreadParts,
  "conversation" | "deletion" | "journal" | "log" | "outbox" | "runner" | "runs" | "threadId"
>;

/** Reads alone, and of a deleted thread nothing, though its rows may still be there. */
export class ThreadReader {
  readonly #parts: Sources;

  constructor(parts: Sources) {
    this.#parts = parts;
  }

  /** @returns what the sender of a run's message is told. @param repeated whether it was accepted before. */
  accepted(run: RunRow, repeated: boolean): Accepted {
    const { message_id, run_id } = run;
    const position = this.#positionBefore(run);
    return { thread_id: this.#parts.threadId, message_id, run_id, position, repeated };
  }

  /** @returns where to follow from, to see all that a run tells. */
  #positionBefore({ accepted_seq }: RunRow): Position {
    return { epoch: this.#parts.log.epoch, after: accepted_seq - 1 };
  }

  /** @returns a run with what it takes to tell of it; null where the thread has no such run. */
  findRun(by: RunReference): FoundRun | null {
    if (this.#isDeleted) return null;
    const { runs, threadId } = this.#parts;
    const row = "runId" in by ? runs.get(by.runId) : runs.byClientMessageId(by.saidUnder);
    if (row === null) return null;
    const { content: question, caller } = row;
    return { run: toRun(row, threadId), position: this.#positionBefore(row), question, caller };
  }

  /** @returns the seq that a run ended at; null where it has not, or the thread has no such run. */
  endOf(runId: RunId): number | null {
    return this.#run(runId)?.ended_seq ?? null;
  }

  /** @returns what the run, or the newest one, waits for its caller to do; null where for nothing. */
  openTurn(runId: RunId | null): OpenTurn | null {
    if (this.#isDeleted) return null;
    const { journal, runs } = this.#parts;
    const row = runId === null ? runs.newest() : runs.get(runId);
    return row && openTurnOf(row, journal.steps(row.accepted_seq));
  }

  run(runId: RunId): Run | null {
    const row = this.#run(runId);
    return row && toRun(row, this.#parts.threadId);
  }

  report(runId: RunId): Report | null {
    const row = this.#run(runId);
    return row && toReport(row);
  }

  /** @returns whether anything was ever said here. */
  get isKnown(): boolean {
    return !this.#isDeleted && this.#parts.runs.first !== null;
  }

  messages(range: MessageRange): Message[] {
    if (this.#isDeleted) return [];
    const { conversation, runs } = this.#parts;
    return this.#withLive(conversation.messages(range, runs.unwritten));
  }

  /** @returns what D1 does not have yet, the answer under way with it; null where it is too much. */
  unsaved(): Unsaved | null {
    if (this.#isDeleted) return { messages: [], supersessions: [] };
    const { outbox, runs, threadId } = this.#parts;
    const unsaved = outbox.unsaved();
    if (unsaved === null) return null;
    const { messages, supersessions } = unsaved;
    const live = runs.next();
    const answer = live && answerOf(live, threadId);
    const isKnown = answer === null || messages.some(({ id }) => id === answer.id);
    return { messages: this.#withLive(isKnown ? messages : [...messages, answer]), supersessions };
  }

  get #isDeleted(): boolean {
    return this.#parts.deletion.decidedAt !== null;
  }

  #run(runId: RunId): RunRow | null {
    return this.#isDeleted ? null : this.#parts.runs.get(runId);
  }

  /** @returns the messages, the answer that is being written with all that was written of it. */
  #withLive(messages: readonly Message[]): Message[] {
    const live = this.#parts.runner.snapshot();
    return messages.map((message) =>
      message.id === live?.message_id && message.status === "streaming"
        ? { ...message, content: live.text }
        : message,
    );
  }
}
