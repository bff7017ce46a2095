/**
 * Stops calling what keeps failing, and tries it again with one call at a time.
 *
 * Our own, though cockatiel has one, because workerd binds timers, signals and promises to the object
 * they were made in (workerd#3657) while a breaker serves every object of the isolate. Cockatiel's lets
 * whoever comes during a probe await that probe's promise, and an object that dies while it probes never
 * settles it: then everybody waits for ever (test/worker/policies/cockatiel.test.ts shows it). This one holds
 * neither timer nor signal nor promise, refuses at once, and lets a lost probe be followed by another.
 */
import type { Clock } from "./clock.ts";

/** How a call ended; "none" says nothing about the other side: it was aborted, or left. */
export type Verdict = "success" | "failure" | "none";

/** How a breaker stands. */
export interface BreakerStatus {
  /** Half-open: the next call, or one that is under way, shows whether the other side is back. */
  readonly state: "closed" | "half_open" | "open";
  /** When it opened, or closed again; milliseconds since the Unix epoch, null where it never opened. */
  readonly since: number | null;
  readonly failuresInRow: number;
  /** When a call may probe the other side; null while closed. */
  readonly nextProbeAt: number | null;
}

export interface CircuitBreakerOptions {
  readonly clock: Clock;
  /** Failures in a row that open it. */
  readonly failures: number;
  /** How long it stays open before a call may probe the other side, in milliseconds. */
  readonly openMs: number;
  /** Told whenever it opened, opened once more after a failed probe, or closed again. */
  readonly onChange: (status: BreakerStatus) => void;
}

export class CircuitBreaker {
  readonly #options: CircuitBreakerOptions;
  #failuresInRow = 0;
  #since: number | null = null;
  /** When a probe may go through; null while closed. */
  #nextProbeAt: number | null = null;
  /** Until when a probe that is under way is waited for; null where none is. */
  #probeEndsAt: number | null = null;

  constructor(options: CircuitBreakerOptions) {
    this.#options = options;
  }

  /** Milliseconds until a probe may go through; 0 while closed or due. */
  get wait(): number {
    return Math.max(0, (this.#nextProbeAt ?? 0) - this.#options.clock.now());
  }

  /** @returns how to leave again, to be called once with the verdict; null where it is open. */
  enter(): ((verdict: Verdict) => void) | null {
    if (this.#nextProbeAt === null) return (verdict) => this.#leave(verdict);
    const now = this.#options.clock.now();
    if (this.wait > 0 || (this.#probeEndsAt ?? 0) > now) return null;
    // A probe that never comes back, since its object died, is followed by another.
    this.#probeEndsAt = now + this.#options.openMs;
    return (verdict) => this.#leaveProbe(verdict);
  }

  #leave(verdict: Verdict): void {
    // A call from before it opened comes too late to change anything.
    if (this.#nextProbeAt !== null || verdict === "none") return;
    this.#failuresInRow = verdict === "failure" ? this.#failuresInRow + 1 : 0;
    if (this.#failuresInRow >= this.#options.failures) this.#open();
  }

  #leaveProbe(verdict: Verdict): void {
    // Another probe closed it meanwhile.
    if (this.#nextProbeAt === null) return;
    this.#probeEndsAt = null;
    if (verdict === "failure") {
      this.#failuresInRow += 1;
      this.#open();
    }
    if (verdict === "success") {
      this.#failuresInRow = 0;
      this.#nextProbeAt = null;
      this.#since = this.#options.clock.now();
      this.#tell("closed");
    }
  }

  #open(): void {
    const now = this.#options.clock.now();
    if (this.#nextProbeAt === null) this.#since = now;
    this.#nextProbeAt = now + this.#options.openMs;
    this.#tell("open");
  }

  #tell(state: BreakerStatus["state"]): void {
    this.#options.onChange({
      state,
      since: this.#since,
      failuresInRow: this.#failuresInRow,
      nextProbeAt: this.#nextProbeAt,
    });
  }
}
