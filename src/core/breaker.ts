/**
 * Stops calling what keeps failing, and tries it again with one call at a time.
 *
 * Our own, because it may hold neither timer nor signal: workerd binds those to one request
 * (workerd#3657), and what one request learned here has to hold for the next.
 */
import type { Clock } from "./clock.ts";

/** How a call ended; "none" says nothing about the other side: it was aborted, or left. */
export type Verdict = "success" | "failure" | "none";

export interface CircuitBreakerOptions {
  readonly clock: Clock;
  /** Failures in a row that open it. */
  readonly failures: number;
  /** How long it stays open before a call may probe the other side, in milliseconds. */
  readonly openMs: number;
  readonly onOpen: () => void;
  readonly onClose: () => void;
}

export class CircuitBreaker {
  readonly #options: CircuitBreakerOptions;
  #failuresInRow = 0;
  /** When a probe may go through; null while closed. */
  #openUntil: number | null = null;
  #probing = false;

  constructor(options: CircuitBreakerOptions) {
    this.#options = options;
  }

  /** Milliseconds until a probe may go through; 0 while closed or due. */
  get wait(): number {
    return Math.max(0, (this.#openUntil ?? 0) - this.#options.clock.now());
  }

  /** @returns how to leave again, to be called once with the verdict; null where it is open. */
  enter(): ((verdict: Verdict) => void) | null {
    if (this.#openUntil === null) return (verdict) => this.#leave(verdict);
    if (this.#probing || this.wait > 0) return null;
    this.#probing = true;
    return (verdict) => this.#leaveProbe(verdict);
  }

  #leave(verdict: Verdict): void {
    // A call from before it opened comes too late to change anything.
    if (this.#openUntil !== null || verdict === "none") return;
    this.#failuresInRow = verdict === "failure" ? this.#failuresInRow + 1 : 0;
    if (this.#failuresInRow >= this.#options.failures) this.#open();
  }

  #leaveProbe(verdict: Verdict): void {
    this.#probing = false;
    if (verdict === "failure") this.#open();
    if (verdict === "success") {
      this.#failuresInRow = 0;
      this.#openUntil = null;
      this.#options.onClose();
    }
  }

  #open(): void {
    this.#openUntil = this.#options.clock.now() + this.#options.openMs;
    this.#options.onOpen();
  }
}
