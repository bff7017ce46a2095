/**
 * Keeps one slow part from holding up everything: so many calls to it at once, and no more.
 *
 * Our own, though cockatiel has one, because a slot of that one is lost for good when the object that
 * holds it dies, and what waits in its queue would be run by another object than its own
 * (test/worker/policies/cockatiel.test.ts shows it). Here a slot is a lease, and nobody waits.
 */
import type { Clock } from "./clock.ts";

export interface BulkheadOptions {
  readonly clock: Clock;
  /** Calls at once. */
  readonly slots: number;
  /** The longest that a call can take, in milliseconds: past it its slot is free again. */
  readonly leaseMs: number;
}

export class Bulkhead {
  readonly #options: BulkheadOptions;
  /** When the lease of each call under way ends. */
  readonly #leases = new Map<symbol, number>();

  constructor(options: BulkheadOptions) {
    this.#options = options;
  }

  /** @returns how to leave again; null where all slots are taken. */
  enter(): (() => void) | null {
    const now = this.#options.clock.now();
    for (const [call, end] of this.#leases) if (end <= now) this.#leases.delete(call);
    if (this.#leases.size >= this.#options.slots) return null;
    const call = Symbol("call");
    this.#leases.set(call, now + this.#options.leaseMs);
    return () => void this.#leases.delete(call);
  }
}
