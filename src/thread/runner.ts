/** Works through the thread's queued runs, one at a time: runs the agent loop, stores and sends what it yields. */
import { answerText } from "../core/checkpoint.ts";
import { withDeadline } from "../core/deadline.ts";
import { runLoop } from "../core/loop.ts";
import { isFinal } from "../core/run-machine.ts";
import type { RunOrder } from "../core/run-order.ts";
import { RunCancelled } from "../core/run-work.ts";
import type { Sockets } from "../durable/sockets.ts";
import { ApexError } from "../protocol/errors.ts";
import type { LoggedEvent, MessageDelta, ServerFrame } from "../protocol/events.ts";
import type { RunId, ThreadId, UserId } from "../protocol/ids.ts";
import { withLogContext } from "../telemetry/log.ts";
import type { Acceptance } from "./admission.ts";
import { budgetedModel } from "./budgeted-model.ts";
import type { Checkpoints } from "./checkpoints.ts";
import type { Conversation } from "./conversation.ts";
import { LiveAnswer } from "./live-answer.ts";
import type { Ports } from "./ports.ts";
import type { Relay } from "./relay.ts";
import { orderOf } from "./run-order.ts";
import type { RunRow } from "./run-row.ts";
import type { RunRows } from "./run-rows.ts";
import { logContextOf, RunTelemetry } from "./run-telemetry.ts";
import type { Summaries } from "./summaries.ts";
import { takeUp } from "./take-up.ts";
import type { ThreadJournal } from "./thread-journal.ts";

/** A run takes at most this long, in milliseconds; then it fails. */
const RUN_DEADLINE_MS = 10 * 60_000;
/** How long a cancel waits for its run to end, in milliseconds. */
const CANCEL_PATIENCE_MS = 2_000;

interface LiveRun {
  readonly row: RunRow;
  readonly controller: AbortController;
  /** Resolves once the run has ended here, or was given up. */
  readonly over: PromiseWithResolvers<void>;
  /** The answer it is writing; null until its loop runs. */
  answer: LiveAnswer | null;
}

interface RunnerParts {
  readonly ctx: DurableObjectState;
  readonly userId: UserId;
  readonly threadId: ThreadId;
  readonly journal: ThreadJournal;
  readonly runs: RunRows;
  readonly conversation: Conversation;
  readonly summaries: Summaries;
  readonly checkpoints: Checkpoints;
  readonly relay: Relay;
  readonly sockets: Sockets<ServerFrame>;
  readonly ports: Ports;
  /** Sends committed events to everybody who follows the thread. */
  readonly tell: (events: readonly LoggedEvent[]) => void;
  /** Called whenever the thread may have become busy or idle, so that the alarm is set to match. */
  readonly onChange: () => void;
}

export class Runner {
  readonly #parts: RunnerParts;
  #live: LiveRun | null = null;
  /** The order of a run that started in the transaction that accepted its message, until its loop runs. */
  #begun: RunOrder | null = null;
  #released = false;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  /** The run that is under way, or that waits for a person's approval ("parked"); null for neither. */
  get liveRunId(): RunId | null {
    return this.#live?.row.run_id ?? this.#parked()?.run_id ?? null;
  }

  /** Until when a parked run waits (milliseconds since the Unix epoch); null if none does. */
  get parkedUntil(): number | null {
    return this.#live === null ? (this.#parked()?.parked_until ?? null) : null;
  }

  /**
   * @returns the whole text of the answer being written, as a delta from its beginning; null if there is
   *   none. Its text is empty if all that was shown has been taken back.
   */
  snapshot(): MessageDelta | null {
    const live = this.#live;
    const row = live?.row ?? this.#parked();
    const text = live === null ? row && this.#written(row) : (live.answer?.text ?? null);
    if (row === null || text === null) return null;
    return { type: "message_delta", message_id: row.answer_id, offset: 0, text };
  }

  /** To be called with each accepted message: its run starts now, or once those before it have ended. */
  take({ order }: Pick<Acceptance, "order">): void {
    if (order !== null) this.#begun = order;
    this.ensure();
  }

  /** Starts or resumes the run whose turn it is, unless one is under way already. Safe to call at any time. */
  ensure(): void {
    if (this.#live !== null || this.#released) return;
    const row = this.#parts.runs.next();
    if (row === null || this.#isParked(row)) return;
    const over = Promise.withResolvers<void>();
    const live: LiveRun = { row, controller: new AbortController(), over, answer: null };
    this.#live = live;
    this.#parts.ctx.waitUntil(
      withLogContext(logContextOf(row, this.#parts), () => this.#see(live)),
    );
  }

  /**
   * Cancels a run, and waits up to {@link CANCEL_PATIENCE_MS} for it to end. A queued run is only marked: it
   * ends, with its events complete, when its turn comes.
   * @returns the run as it stands then, or null if the thread has no such run.
   */
  async cancel(runId: RunId): Promise<RunRow | null> {
    const { runs } = this.#parts;
    const row = runs.get(runId);
    if (row === null || isFinal(row.status)) return row;
    runs.requestCancel(row);
    this.ensure();
    this.stop([runId]);
    const live = this.#live;
    if (live?.row.run_id !== runId) return row;
    await withDeadline(CANCEL_PATIENCE_MS, () => live.over.promise).catch(() => undefined);
    return this.#released ? row : runs.get(runId);
  }

  /** Stops the run under way if it is one of these, whose cancellation is stored already. */
  stop(cancelled: readonly RunId[]): void {
    const live = this.#live;
    if (live && cancelled.includes(live.row.run_id)) live.controller.abort(new RunCancelled());
  }

  /** Stops for good: the thread is being deleted. */
  release(): void {
    this.#released = true;
    this.#live?.controller.abort(new Error("The thread was deleted."));
  }

  /** @returns the run whose turn it is, if it waits for an approval. */
  #parked(): RunRow | null {
    const row = this.#parts.runs.next();
    return row !== null && this.#isParked(row) ? row : null;
  }

  #isParked({ cancelled, parked_until }: RunRow): boolean {
    return parked_until !== null && !cancelled && this.#parts.ports.clock.now() < parked_until;
  }

  #written({ accepted_seq }: RunRow): string {
    return answerText(this.#parts.journal.steps(accepted_seq));
  }

  /** Runs one run, then starts the next. */
  async #see(live: LiveRun): Promise<void> {
    const { onChange, ports, summaries } = this.#parts;
    let ended = false;
    try {
      ended = await this.#run(live);
    } catch (error) {
      if (!this.#released) ports.log.error("run.died", error);
    }
    this.#live = null;
    live.over.resolve();
    // If it failed unexpectedly, the alarm resumes it: retrying at once could spin in a tight loop.
    if (ended) {
      this.ensure();
      const summary = summaries.refresh(live.row);
      this.#parts.ctx.waitUntil(summary.then(() => ports.telemetry.flush()));
    }
    if (!this.#released) onChange();
  }

  /**
   * @returns true once the run has ended, or waits for an approval.
   * @throws what cut it off, so that it has to be resumed.
   */
  async #run(live: LiveRun): Promise<boolean> {
    const { checkpoints, journal, relay, ports, runs, sockets, userId } = this.#parts;
    const { controller } = live;
    const begun = live.row.run_id === this.#begun?.runId ? this.#begun : null;
    this.#begun = null;
    const { row, resumed } = takeUp(live, begun !== null, this.#parts);
    const told = new RunTelemetry(row, ports, { userId, resumed });
    const steps = begun === null ? journal.steps(row.accepted_seq) : [];
    const deadline = setTimeout(() => controller.abort(tooLong()), RUN_DEADLINE_MS);
    const answer = new LiveAnswer(row, steps, { clock: ports.clock, runs, sockets });
    live.answer = answer;
    try {
      const draft = row.draft ?? "";
      const progress = { startedAt: row.started_at, resumed, steps: [...steps], draft };
      const order = begun ?? orderOf(row, this.#parts);
      const loopPorts = {
        model: budgetedModel(row, steps, ports, (reason) => controller.abort(reason)),
        clock: ports.clock,
        log: ports.log,
        saveHistory: () => relay.flushInTime(),
        span: told.span,
        metrics: ports.telemetry.metrics,
      };
      for await (const output of runLoop(order, progress, loopPorts, controller.signal)) {
        if (output.type === "delta") {
          answer.write(output);
          continue;
        }
        answer.flush();
        if (output.type === "waits") {
          checkpoints.park(row, output.until, steps);
        } else {
          const events = checkpoints.commit(row, output, steps);
          this.#parts.tell(events);
          told.hear(events);
        }
      }
      told.end();
      return true;
    } catch (error) {
      told.end(error);
      throw error;
    } finally {
      clearTimeout(deadline);
    }
  }
}

function tooLong(): ApexError {
  const minutes = RUN_DEADLINE_MS / 60_000;
  return new ApexError(
    "run_timeout",
    `The run did not end within ${minutes} minutes. Ask for less.`,
  );
}
