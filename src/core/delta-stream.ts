/** Turns a model's many small pieces of text into few frames: the first at once, the next together. */
import type { Clock } from "./clock.ts";

export interface TextPiece {
  /** UTF-16 code units from the start of the answer. */
  readonly offset: number;
  readonly text: string;
}

/** What follows a first piece is gathered for so long, in milliseconds. */
const SHORTEST_WINDOW_MS = 10;
/** Each frame doubles the window up to this; text that comes after such a pause is a first piece. */
const LONGEST_WINDOW_MS = 80;

/**
 * Coalesces text. A piece after a pause leaves at once, so the first token is never late; pieces
 * that come faster leave together, the more of them the longer they keep coming, because an envelope
 * weighs as much as 25 tokens. Surrogate pairs are never split.
 */
export class DeltaStream {
  readonly #clock: Clock;
  readonly #send: (piece: TextPiece) => void;
  #pending: TextPiece | null = null;
  #sentAt = Number.NEGATIVE_INFINITY;
  /** How long after the last frame the next one leaves, in milliseconds. */
  #window = 0;
  #timer: AbortController | null = null;

  constructor(clock: Clock, send: (piece: TextPiece) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  /** Adds a piece; one that does not follow the last takes back what stood after its offset. */
  push(piece: TextPiece): void {
    const pending = this.#pending;
    if (pending !== null && pending.offset + pending.text.length === piece.offset) {
      this.#pending = { offset: pending.offset, text: pending.text + piece.text };
    } else {
      this.flush();
      this.#pending = piece;
    }
    const since = this.#clock.now() - this.#sentAt;
    if (since >= LONGEST_WINDOW_MS && this.#timer === null) this.#window = 0;
    if (since >= this.#window) this.#release(false);
    else this.#schedule(this.#window - since);
  }

  /** Sends what is pending, whole. Call it before any event that must come after the text. */
  flush(): void {
    this.#release(true);
  }

  #release(whole: boolean): void {
    this.#timer?.abort();
    this.#timer = null;
    const pending = this.#pending;
    if (pending === null) return;
    const held = whole ? 0 : danglingUnits(pending.text);
    const text = pending.text.slice(0, pending.text.length - held);
    const wellFormed = whole ? text.toWellFormed() : text;
    this.#pending =
      held === 0
        ? null
        : { offset: pending.offset + text.length, text: pending.text.slice(text.length) };
    if (text === "" && held > 0) return;
    this.#sentAt = this.#clock.now();
    this.#window = Math.min(2 * this.#window || SHORTEST_WINDOW_MS, LONGEST_WINDOW_MS);
    this.#send({ offset: pending.offset, text: wellFormed });
  }

  #schedule(wait: number): void {
    if (this.#timer !== null) return;
    const timer = new AbortController();
    this.#timer = timer;
    this.#clock.sleep(wait, timer.signal).then(
      () => this.#release(false),
      () => undefined,
    );
  }
}

/** @returns 1 where the text ends in the first half of a surrogate pair, else 0. */
function danglingUnits(text: string): 0 | 1 {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? 1 : 0;
}
