/** The answer that a run is writing: streamed to the sockets, and stored now and then in case the process dies. */
import { answerText, type Step, turnOffset } from "../core/checkpoint.ts";
import type { Clock } from "../core/clock.ts";
import { DeltaStream } from "../core/delta-stream.ts";
import type { LoopOutput } from "../core/run-work.ts";
import type { Sockets } from "../durable/sockets.ts";
import type { ServerFrame } from "../protocol/events.ts";
import { applyDelta } from "../protocol/projection.ts";
import type { RunRow } from "./run-row.ts";
import type { RunRows } from "./run-rows.ts";

/** How often the text of a turn under way is stored, in milliseconds: at most this much is lost by a crash. */
const DRAFT_INTERVAL_MS = 5_000;

interface LiveAnswerParts {
  readonly clock: Clock;
  readonly runs: Pick<RunRows, "saveDraft">;
  readonly sockets: Pick<Sockets<ServerFrame>, "broadcast">;
}

export class LiveAnswer {
  readonly #row: RunRow;
  readonly #steps: readonly Step[];
  readonly #parts: LiveAnswerParts;
  readonly #deltas: DeltaStream;
  #text: string | null;
  #draftedAt: number;

  /** @param steps the steps of the run; this array grows as they are committed. */
  constructor(row: RunRow, steps: readonly Step[], parts: LiveAnswerParts) {
    this.#row = row;
    this.#steps = steps;
    this.#parts = parts;
    this.#text = steps.length > 0 ? answerText(steps) : null;
    this.#draftedAt = parts.clock.now();
    this.#deltas = new DeltaStream(parts.clock, (piece) =>
      parts.sockets.broadcast([{ type: "message_delta", message_id: row.answer_id, ...piece }]),
    );
  }

  /** The whole text so far; null before its first piece. */
  get text(): string | null {
    return this.#text;
  }

  /** Adds a piece. Frames that carry it may leave a moment later: see {@link flush}. */
  write({ offset, text, broken }: Extract<LoopOutput, { type: "delta" }>): void {
    const { clock, runs } = this.#parts;
    const written = applyDelta(this.#text ?? "", { offset, text });
    this.#text = written;
    this.#deltas.push({ offset, text });
    if (!broken && clock.now() - this.#draftedAt < DRAFT_INTERVAL_MS) return;
    this.#draftedAt = clock.now();
    runs.saveDraft(this.#row, written.slice(turnOffset(this.#steps)));
  }

  /** Sends what is still held back. Call it before any event is sent, so that events and text keep their order. */
  flush(): void {
    this.#deltas.flush();
  }
}
