/** The state of a run that is under way in this process, shared by all agents that work on it. */
import { ApexError } from "../protocol/errors.ts";
import type { NewEvent } from "../protocol/events.ts";
import type { Step } from "./checkpoint.ts";
import type { Clock } from "./clock.ts";
import type { TextPiece } from "./delta-stream.ts";
import type { Log } from "./log.ts";
import { type Metrics, NO_METRICS } from "./metrics.ts";
import type { Model, ModelUsage } from "./model.ts";
import type { ModelTurn } from "./model-turn.ts";
import type { RunOrder } from "./run-order.ts";
import { addUsage } from "./tokens.ts";
import { NO_SPAN, type Span } from "./trace.ts";

/** Abort a run's signal with this to end it as cancelled. */
export class RunCancelled extends Error {
  override readonly name = "RunCancelled";
}

/** What the loop needs from outside. */
export interface LoopPorts {
  readonly model: Model;
  readonly clock: Clock;
  readonly log: Log;
  /** Writes what is committed to the history, waiting a bounded time. @returns whether it has everything now. */
  readonly saveHistory: () => Promise<boolean>;
  /** The run's span in its trace; model turns and tool calls become its children. */
  readonly span?: Span;
  readonly metrics?: Metrics;
}

/** What the loop yields. */
export type LoopOutput =
  /** A piece of the answer. `broken` if it replaces text of a stream that failed and began anew. */
  | ({ readonly type: "delta"; readonly broken: boolean } & TextPiece)
  /** To be committed in one transaction; its events may be sent only after that. */
  | {
      readonly type: "checkpoint";
      readonly events: readonly NewEvent[];
      readonly steps: readonly Step[];
    }
  /** The run has to wait for a person, until a time in milliseconds since the Unix epoch: see {@link RunWaits}. */
  | { readonly type: "waits"; readonly until: number };

/**
 * Makes an output, at the moment when it is yielded. Agents work side by side, so each output must take into
 * account what the others yielded just before it; for example, its ids must be new to the whole run.
 */
export type Telling = () => LoopOutput;

export class RunWork {
  readonly order: RunOrder;
  readonly ports: LoopPorts;
  readonly signal: AbortSignal;
  readonly span: Span;
  readonly metrics: Metrics;
  /** All steps so far, of every agent, in the order they were committed. */
  readonly steps: Step[];
  /** The model turns under way; agents of a team may take theirs at the same time. */
  readonly #turns = new Set<ModelTurn>();
  /** The one among them whose text is the answer. */
  #speaking: ModelTurn | null = null;

  constructor(order: RunOrder, steps: readonly Step[], ports: LoopPorts, signal: AbortSignal) {
    this.order = order;
    this.steps = [...steps];
    this.ports = ports;
    this.signal = signal;
    this.span = ports.span ?? NO_SPAN;
    this.metrics = ports.metrics ?? NO_METRICS;
  }

  /** Registers a turn, so that its text and token use are kept even if the run ends in the middle of it. */
  begin(turn: ModelTurn, speaks: boolean): void {
    if (speaks && this.#speaking !== null) this.#turns.delete(this.#speaking);
    if (speaks) this.#speaking = turn;
    this.#turns.add(turn);
  }

  /** Removes a turn that has become a step, or whose agent has failed. @returns whether it was registered. */
  leave(turn: ModelTurn): boolean {
    if (this.#speaking === turn) this.#speaking = null;
    return this.#turns.delete(turn);
  }

  /** What the turn that writes the answer has written so far; empty if there is none. */
  get text(): string {
    return this.#speaking?.text.toWellFormed() ?? "";
  }

  /** Where that text states figures, and what each of them stands on. */
  get grounded(): ModelTurn["grounded"] {
    return this.#speaking?.grounded ?? {};
  }

  /** The tokens that the turns under way have used; null if they have used none. */
  get usage(): ModelUsage | null {
    return [...this.#turns].reduce<ModelUsage | null>((sum, { usage }) => {
      return sum === null || usage === null ? (sum ?? usage) : addUsage(sum, usage);
    }, null);
  }

  /**
   * Takes steps into the run.
   * @param events makes the events that tell of them. Called once the steps are part of the run.
   * @returns the checkpoint.
   */
  commit(steps: readonly Step[], events: () => readonly NewEvent[]): LoopOutput {
    this.assertHeld();
    this.steps.push(...steps);
    return { type: "checkpoint", events: events(), steps };
  }

  /** @returns a piece of the answer as an output. */
  delta({ offset, text }: TextPiece, broken = false): LoopOutput {
    this.assertHeld();
    return { type: "delta", offset, text, broken };
  }

  /** @throws the signal's reason if this process must not touch the run any more. */
  assertHeld(): void {
    const { aborted, reason } = this.signal;
    if (aborted && !(reason instanceof RunCancelled || reason instanceof ApexError)) throw reason;
  }
}
