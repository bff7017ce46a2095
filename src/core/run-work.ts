/** A run under way in this process: what it has behind it, and how it says what comes. */

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

/** The user ended the run: the abort reason that ends it as cancelled. */
export class RunCancelled extends Error {
  override readonly name = "RunCancelled";
}

export interface LoopPorts {
  readonly model: Model;
  readonly clock: Clock;
  readonly log: Log;
  /** Gives the history a bounded chance to catch up. @returns whether it has everything now. */
  readonly saveHistory: () => Promise<boolean>;
  /** What this life of the run is traced by; the steps it takes become its children. */
  readonly span?: Span;
  readonly metrics?: Metrics;
}

export type LoopOutput =
  /** `broken`: what the piece takes back is no part of the answer, though the run ends here. */
  | ({ readonly type: "delta"; readonly broken: boolean } & TextPiece)
  /** To be committed in one transaction, and only then sent. */
  | {
      readonly type: "checkpoint";
      readonly events: readonly NewEvent[];
      readonly steps: readonly Step[];
    }
  /** The last output, though the run has not ended: see {@link RunWaits}. */
  | { readonly type: "waits"; readonly until: number };

/**
 * An output that is made in the moment it leaves: agents that work side by side see in their own
 * whatever left before it, so that every id in it is new to the run.
 */
export type Telling = () => LoopOutput;

export class RunWork {
  readonly order: RunOrder;
  readonly ports: LoopPorts;
  readonly signal: AbortSignal;
  readonly span: Span;
  readonly metrics: Metrics;
  /** The checkpoints so far. */
  readonly steps: Step[];
  /** The turns under way. */
  readonly #turns = new Set<ModelTurn>();
  /** The one of them that writes the answer. */
  #speaking: ModelTurn | null = null;

  constructor(order: RunOrder, steps: readonly Step[], ports: LoopPorts, signal: AbortSignal) {
    this.order = order;
    this.steps = [...steps];
    this.ports = ports;
    this.signal = signal;
    this.span = ports.span ?? NO_SPAN;
    this.metrics = ports.metrics ?? NO_METRICS;
  }

  /** Takes note of a turn, so that what it wrote and used is kept wherever the run ends. */
  begin(turn: ModelTurn, speaks: boolean): void {
    if (speaks && this.#speaking !== null) this.#turns.delete(this.#speaking);
    if (speaks) this.#speaking = turn;
    this.#turns.add(turn);
  }

  /** A turn is over: it becomes a checkpoint, or its part has failed. @returns whether it was under way. */
  leave(turn: ModelTurn): boolean {
    if (this.#speaking === turn) this.#speaking = null;
    return this.#turns.delete(turn);
  }

  /** What the turn that writes the answer has written so far. */
  get text(): string {
    return this.#speaking?.text.toWellFormed() ?? "";
  }

  /** Where that text states figures. */
  get grounded(): ModelTurn["grounded"] {
    return this.#speaking?.grounded ?? {};
  }

  /** What the turns under way have used; null where nothing came of them. */
  get usage(): ModelUsage | null {
    return [...this.#turns].reduce<ModelUsage | null>((sum, { usage }) => {
      return sum === null || usage === null ? (sum ?? usage) : addUsage(sum, usage);
    }, null);
  }

  /** @param events told of the run as it stands with the steps. */
  commit(steps: readonly Step[], events: () => readonly NewEvent[]): LoopOutput {
    this.assertHeld();
    this.steps.push(...steps);
    return { type: "checkpoint", events: events(), steps };
  }

  delta({ offset, text }: TextPiece, broken = false): LoopOutput {
    this.assertHeld();
    return { type: "delta", offset, text, broken };
  }

  /** @throws the signal's reason where this process must not touch the run any more. */
  assertHeld(): void {
    const { aborted, reason } = this.signal;
    if (aborted && !(reason instanceof RunCancelled || reason instanceof ApexError)) throw reason;
  }
}
