/** Turns a model's many small pieces of text into few frames: the first at once, the next together. */
import type { Clock } from "./clock.ts";

export interface TextPiece {
  /** UTF-16 code units from the start of the answer. */
  readonly offset: number;
  readonly text: string;
}

/**
 * Coalesces text. A piece after a pause leaves at once, so the first token is never late; pieces
 * that come faster than the window leave together. Surrogate pairs are never split.
 */
export class DeltaStream {
  readonly #clock: Clock;
  readonly #windowMs: number;
  readonly #send: (piece: TextPiece) => void;
  #pending: TextPiece | null = null;
  #sentAt = Number.NEGATIVE_INFINITY;
  #timer: AbortController | null = null;

  constructor(clock: Clock, windowMs: number, send: (piece: TextPiece) => void) {
    this.#clock = clock;
    this.#windowMs = windowMs;
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
    const wait = this.#sentAt + this.#windowMs - this.#clock.now();
    if (wait <= 0) this.#release(false);
    else this.#schedule(wait);
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
