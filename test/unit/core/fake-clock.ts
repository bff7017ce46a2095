/** A clock that stands until it is told to go on, so that no test ever waits. */
import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../../src/core/clock.ts";

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

export class FakeClock implements Clock {
  #now: number;
  #sleepers: readonly Sleeper[] = [];

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** How many wait for their time. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const sleeper = { at: this.#now + milliseconds, wake: resolve };
      this.#sleepers = [...this.#sleepers, sleeper].sort((one, other) => one.at - other.at);
      const stop = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", stop, { once: true });
    });
  }

  /** Lets time pass: whoever wakes on the way does all it can at that very moment. */
  async advance(milliseconds: number): Promise<void> {
    const until = this.#now + milliseconds;
    await setImmediate();
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      this.#now = next.at;
      next.wake();
      await setImmediate();
    }
    this.#now = until;
  }

  #next(until: number): Sleeper | undefined {
    const [first, ...rest] = this.#sleepers;
    if (first === undefined || first.at > until) return undefined;
    this.#sleepers = rest;
    return first;
  }
}
