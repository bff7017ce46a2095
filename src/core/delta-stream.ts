/** Joins a model's many small pieces of text into few frames; the first one still leaves without delay. */
import type { Clock } from "./clock.ts";

/** A piece of an answer. It replaces whatever stood at its offset and after it. */
export interface TextPiece {
  /** UTF-16 code units from the start of the answer. */
  readonly offset: number;
  readonly text: string;
}

/** How long pieces are collected after the first frame, in milliseconds. */
const SHORTEST_WINDOW_MS = 10;
/** Each frame doubles that time, up to this. After a pause of this length the next piece counts as the first again. */
const LONGEST_WINDOW_MS = 80;

/**
 * Coalesces text. A piece that comes after a pause is sent at once, so the first token is never late. Pieces that
 * come quickly are sent together, in ever larger frames while they keep coming, because the JSON around a frame
 * weighs as much as 25 tokens. Never splits a surrogate pair.
 */
export class DeltaStream {
  readonly #clock: Clock;
  readonly #send: (piece: TextPiece) => void;
  #pending: TextPiece | null = null;
  #sentAt = Number.NEGATIVE_INFINITY;
  /** How long after the last frame the next one may leave, in milliseconds. */
  #window = 0;
  #timer: AbortController | null = null;

  constructor(clock: Clock, send: (piece: TextPiece) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  /** Adds a piece. One that does not continue the pending text is never joined with it. */
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

  /** Sends what is pending now. Call it before sending an event that must come after the text. */
  flush(): void {
    this.#release(true);
  }

  /** @param whole whether to send half a surrogate pair at the end too (as U+FFFD), not keep it for later. */
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

/** @returns 1 if the text ends in the first half of a surrogate pair, else 0. */
function danglingUnits(text: string): 0 | 1 {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? 1 : 0;
}
