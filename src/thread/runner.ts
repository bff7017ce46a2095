/** Runs the thread's queue: wires the agent loop to its ports, sends what it yields, resumes it. */
import { answerText, turnOffset } from "../core/checkpoint.ts";
import { withDeadline } from "../core/deadline.ts";
import { DeltaStream } from "../core/delta-stream.ts";
import { runLoop } from "../core/loop.ts";
import { isFinal } from "../core/run-machine.ts";
import type { RunOrder } from "../core/run-order.ts";
import { RunCancelled } from "../core/run-work.ts";
import type { Sockets } from "../durable/sockets.ts";
import { ApexError } from "../protocol/errors.ts";
import type { LoggedEvent, MessageDelta, ServerFrame } from "../protocol/events.ts";
import type { RunId, ThreadId, UserId } from "../protocol/ids.ts";
import { applyDelta } from "../protocol/projection.ts";
import { withLogContext } from "../telemetry/log.ts";
import type { Acceptance } from "./admission.ts";
import { budgetedModel } from "./budgeted-model.ts";
import type { Checkpoints } from "./checkpoints.ts";
import type { Conversation } from "./conversation.ts";
import type { Ports } from "./ports.ts";
import type { Relay } from "./relay.ts";
import { orderOf } from "./run-order.ts";
import type { RunRow } from "./run-row.ts";
import type { RunRows } from "./run-rows.ts";
import { logContextOf, RunTelemetry } from "./run-telemetry.ts";
import type { Summaries } from "./summaries.ts";
import { takeUp } from "./take-up.ts";
import type { ThreadJournal } from "./thread-journal.ts";

/** What a live turn wrote is stored this often, in milliseconds: what a death may make it say anew. */
const DRAFT_INTERVAL_MS = 5_000;
/** A run takes at most this long, in milliseconds; then it fails. */
const RUN_DEADLINE_MS = 10 * 60_000;
/** How long a cancel waits for its run to end, in milliseconds. */
const CANCEL_PATIENCE_MS = 2_000;

interface LiveRun {
  readonly row: RunRow;
  readonly controller: AbortController;
  /** Resolves when nothing of the run is under way here any more. */
  readonly over: PromiseWithResolvers<void>;
  /** The answer as the sockets have it; null where nobody was shown any of it yet. */
  text: string | null;
}

export interface RunnerParts {
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
  /** Tells everybody what was committed. */
  readonly tell: (events: readonly LoggedEvent[]) => void;
  /** Called whenever the thread may have become busy or idle, to set the alarm accordingly. */
  readonly onChange: () => void;
}

export class Runner {
  readonly #parts: RunnerParts;
  #live: LiveRun | null = null;
  /** What the run is asked to do that was begun in the commit that accepted its message, until it is taken up. */
  #begun: RunOrder | null = null;
  #released = false;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  /** @returns the run that is under way, or that waits for a decision. */
  get liveRunId(): RunId | null {
    return this.#live?.row.run_id ?? this.#parked()?.run_id ?? null;
  }

  /** @returns until when (milliseconds since the Unix epoch) nothing is to be done for the run whose turn it is, or null. */
  get parkedUntil(): number | null {
    return this.#live === null ? (this.#parked()?.parked_until ?? null) : null;
  }

  /**
   * @returns the whole text of the answer being written, as a delta from its beginning: an empty one
   *   where all that was shown has become void.
   */
  snapshot(): MessageDelta | null {
    const row = this.#live?.row ?? this.#parked();
    const text = this.#live === null ? row && this.#written(row) : this.#live.text;
    if (row === null || text === null) return null;
    return { type: "message_delta", message_id: row.answer_id, offset: 0, text };
  }

  /** Takes up a run that was just accepted, in its turn. */
  take({ order }: Pick<Acceptance, "order">): void {
    if (order !== null) this.#begun = order;
    this.ensure();
  }

  /** Starts, or takes up again, the run whose turn it is, unless one is under way here. */
  ensure(): void {
    if (this.#live !== null || this.#released) return;
    const row = this.#parts.runs.next();
    if (row === null || this.#isParked(row)) return;
    const over = Promise.withResolvers<void>();
    const live: LiveRun = { row, controller: new AbortController(), over, text: null };
    this.#live = live;
    this.#parts.ctx.waitUntil(
      withLogContext(logContextOf(row, this.#parts), () => this.#see(live)),
    );
  }

  /**
   * Ends a run as its user wants, and waits for its end, though not for long; one that waits ends in
   * its turn, with its events complete.
   * @returns the run as it stands then, or null where the thread has none of this id.
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

  /** Stops the live run, where it is one of these: their cancellation is stored already. */
  stop(cancelled: readonly RunId[]): void {
    const live = this.#live;
    if (live && cancelled.includes(live.row.run_id)) live.controller.abort(new RunCancelled());
  }

  /** Gives everything up: the object is about to go. */
  release(): void {
    this.#released = true;
    this.#live?.controller.abort(new Error("The thread was deleted."));
  }

  /** @returns the run that nobody holds, because it waits for a decision. */
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

  /** Sees to it that the run is over in the end, and the next one under way. */
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
    // A run that died here is taken up by the alarm: at once would be a hot loop.
    if (ended) {
      this.ensure();
      const summary = summaries.refresh(live.row);
      this.#parts.ctx.waitUntil(summary.then(() => ports.telemetry.flush()));
    }
    if (!this.#released) onChange();
  }

  /** @returns true: the run has ended, or waits for a decision. */
  async #run(live: LiveRun): Promise<boolean> {
    const { checkpoints, journal, relay, ports, runs, sockets, userId } = this.#parts;
    const { controller } = live;
    const begun = live.row.run_id === this.#begun?.runId ? this.#begun : null;
    this.#begun = null;
    const { row, resumed } = takeUp(live, begun !== null, this.#parts);
    const told = new RunTelemetry(row, ports, { userId, resumed });
    const steps = begun === null ? journal.steps(row.accepted_seq) : [];
    const deadline = setTimeout(() => controller.abort(tooLong()), RUN_DEADLINE_MS);
    const deltas = new DeltaStream(ports.clock, (piece) =>
      sockets.broadcast([{ type: "message_delta", message_id: row.answer_id, ...piece }]),
    );
    if (steps.length > 0) live.text = answerText(steps);
    let draftedAt = ports.clock.now();
    try {
      const draft = row.draft ?? "";
      const progress = { startedAt: row.started_at, resumed, steps: [...steps], draft };
      const order = begun ?? orderOf(row, this.#parts);
      const { clock, log } = ports;
      const { span } = told;
      const { metrics } = ports.telemetry;
      const model = budgetedModel(row, steps, ports, (reason) => controller.abort(reason));
      const saveHistory = () => relay.flushInTime();
      const loopPorts = { model, clock, log, saveHistory, span, metrics };
      const loop = runLoop(order, progress, loopPorts, controller.signal);
      for await (const output of loop) {
        if (output.type === "delta") {
          const text = applyDelta(live.text ?? "", output);
          live.text = text;
          deltas.push({ offset: output.offset, text: output.text });
          if (output.broken || ports.clock.now() - draftedAt >= DRAFT_INTERVAL_MS) {
            draftedAt = ports.clock.now();
            runs.saveDraft(row, text.slice(turnOffset(steps)));
          }
        } else {
          deltas.flush();
          if (output.type === "waits") checkpoints.park(row, output.until, steps);
          else {
            const events = checkpoints.commit(row, output, steps);
            this.#parts.tell(events);
            told.hear(events);
          }
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
