/** Runs the thread's queue: wires the agent loop to its ports, commits what it yields, resumes it. */
import { answerText, type EndStep, type Step, turnOffset, usageOf } from "../core/checkpoint.ts";
import { withDeadline } from "../core/deadline.ts";
import { DeltaStream } from "../core/delta-stream.ts";
import { type LoopOutput, RunCancelled, runLoop } from "../core/loop.ts";
import { isFinal } from "../core/run-machine.ts";
import type { ThreadLog } from "../core/thread-log.ts";
import type { Sockets } from "../durable/sockets.ts";
import { ApexError } from "../protocol/errors.ts";
import type { LoggedEvent, MessageDelta } from "../protocol/events.ts";
import type { RunId, ThreadId, UserId } from "../protocol/ids.ts";
import { applyDelta } from "../protocol/projection.ts";
import { rowsOfEnded } from "./history-rows.ts";
import type { OutboxRows } from "./outbox-rows.ts";
import type { Ports } from "./ports.ts";
import type { Relay } from "./relay.ts";
import { orderOf } from "./run-order.ts";
import type { RunRow, RunRows } from "./run-rows.ts";
import type { ThreadJournal } from "./thread-journal.ts";

/** Pieces of text that come faster than this leave together, in milliseconds. */
const DELTA_WINDOW_MS = 25;
/** What a live turn wrote is stored this often, in milliseconds. */
const DRAFT_INTERVAL_MS = 1_000;
/** A run takes at most this long, in milliseconds; then it fails. */
const RUN_DEADLINE_MS = 10 * 60_000;
/** How long a cancel waits for its run to end, in milliseconds. */
const CANCEL_PATIENCE_MS = 2_000;
/** A run that dies this often at one step is not tried again. */
const MAX_DEATHS = 3;

interface LiveRun {
  readonly row: RunRow;
  readonly controller: AbortController;
  /** Resolves when nothing of the run is under way here any more. */
  readonly over: PromiseWithResolvers<void>;
  /** The answer as the sockets have it. */
  text: string;
}

export interface RunnerParts {
  readonly ctx: DurableObjectState;
  readonly userId: UserId;
  readonly threadId: ThreadId;
  readonly journal: ThreadJournal;
  readonly log: ThreadLog<never>;
  readonly runs: RunRows;
  readonly outbox: OutboxRows;
  readonly relay: Relay;
  readonly sockets: Sockets;
  readonly ports: Ports;
  /** Called whenever the thread may have become busy or idle, to set the alarm accordingly. */
  readonly onChange: () => void;
}

export class Runner {
  readonly #parts: RunnerParts;
  #live: LiveRun | null = null;
  #released = false;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  get liveRunId(): RunId | null {
    return this.#live?.row.run_id ?? null;
  }

  /** @returns the whole text of the answer being written, as a delta from its beginning. */
  snapshot(): MessageDelta | null {
    if (this.#live === null || this.#live.text === "") return null;
    const { row, text } = this.#live;
    return { type: "message_delta", message_id: row.answer_id, offset: 0, text };
  }

  /** Starts, or takes up again, the run whose turn it is, unless one is under way here. */
  ensure(): void {
    if (this.#live !== null || this.#released) return;
    const row = this.#parts.runs.next();
    if (row === null) return;
    const over = Promise.withResolvers<void>();
    const live = { row, controller: new AbortController(), over, text: "" };
    this.#live = live;
    const done = this.#run(live)
      .catch((error: unknown) => {
        if (!this.#released) this.#parts.ports.log.error("run.died", error, { run_id: row.run_id });
        return false;
      })
      .then((ended) => {
        this.#live = null;
        over.resolve();
        // A run that died here is taken up by the alarm: at once would be a hot loop.
        if (ended) this.ensure();
        if (!this.#released) this.#parts.onChange();
      });
    this.#parts.ctx.waitUntil(done);
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
    runs.requestCancel(runId);
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

  /** @returns true: the run has ended. */
  async #run(live: LiveRun): Promise<boolean> {
    const { runs, relay, ports, sockets } = this.#parts;
    const { row, controller } = live;
    const attempt = runs.claim(row);
    const steps = runs.steps(row.run_id);
    const deadline = setTimeout(() => controller.abort(tooLong()), RUN_DEADLINE_MS);
    if (row.cancelled) controller.abort(new RunCancelled());
    else if (row.deaths + 1 >= MAX_DEATHS && row.started_at !== null) {
      controller.abort(diedTooOften());
    }
    const deltas = new DeltaStream(ports.clock, DELTA_WINDOW_MS, (piece) =>
      sockets.broadcast([{ type: "message_delta", message_id: row.answer_id, ...piece }]),
    );
    live.text = answerText(steps);
    let draftedAt = ports.clock.now();
    try {
      const draft = runs.draft(row.run_id);
      const progress = { startedAt: row.started_at, steps, draft };
      const loopPorts = {
        model: ports.model,
        clock: ports.clock,
        log: ports.log,
        saveHistory: () => relay.flushInTime(),
      };
      for await (const output of runLoop(
        orderOf(row, this.#parts),
        progress,
        loopPorts,
        controller.signal,
      )) {
        if (output.type === "delta") {
          live.text = applyDelta(live.text, output);
          deltas.push({ offset: output.offset, text: output.text });
          if (ports.clock.now() - draftedAt >= DRAFT_INTERVAL_MS) {
            draftedAt = ports.clock.now();
            runs.saveDraft(row.run_id, live.text.slice(turnOffset(steps)));
          }
        } else {
          deltas.flush();
          sockets.broadcast(this.#commit(row.run_id, attempt, output, steps));
        }
      }
      return true;
    } finally {
      clearTimeout(deadline);
    }
  }

  /** Stores a checkpoint with its events, unless another attempt has taken the run over. */
  #commit(
    runId: RunId,
    attempt: number,
    output: Extract<LoopOutput, { type: "checkpoint" }>,
    steps: Step[],
  ): readonly LoggedEvent[] {
    const { ctx, runs, log, outbox, journal, threadId, ports } = this.#parts;
    return ctx.storage.transactionSync(() => {
      const row = runs.held(runId, attempt);
      if (row === null) throw new Error("Another attempt holds the run.");
      const logged = log.append(output.events);
      for (const event of logged) {
        if (event.type === "agent_started") {
          runs.start(row, event.seq, Date.parse(event.context.timestamp));
        }
        if (event.type === "agent_completed") {
          const outcome = this.#outcome(row, endOf(steps), steps);
          runs.finish(row, { ...outcome, endedSeq: event.seq });
          journal.trimOld();
        }
      }
      if (output.step !== null) {
        runs.addStep(row, steps.length, output.step);
        steps.push(output.step);
        if (output.step.kind === "end") {
          const end = this.#outcome(row, output.step, steps);
          const ended = { ...row, ...end, ended_at: end.endedAt };
          outbox.add(rowsOfEnded(ended, threadId, log.lastSeq));
          ports.log.info("run.ended", { run_id: runId, status: end.status });
        }
      }
      return logged;
    });
  }

  #outcome(row: RunRow, end: EndStep, steps: readonly Step[]) {
    return {
      status: end.status,
      endedAt: end.at,
      answer: answerText(steps),
      usage: usageOf(steps, row.model, this.#parts.ports.model.cost),
      problem: end.problem,
    };
  }
}

function endOf(steps: readonly Step[]): EndStep {
  const last = steps.at(-1);
  if (last?.kind !== "end") throw new Error("A run is completed before it has ended.");
  return last;
}

function tooLong(): ApexError {
  const minutes = RUN_DEADLINE_MS / 60_000;
  return new ApexError(
    "run_timeout",
    `The run did not end within ${minutes} minutes. Ask for less.`,
  );
}

function diedTooOften(): ApexError {
  const detail = `The run was interrupted ${MAX_DEATHS} times at the same step and is given up. Please send the message again.`;
  return new ApexError("run_interrupted", detail);
}
