/** Time and identity as a port, so that every mechanism can be tested without waiting. */
import { v7 } from "uuid";

export interface Clock {
  /** @returns milliseconds since the Unix epoch. */
  now(): number;
  /** @returns after so many milliseconds, or throws the signal's reason when it aborts first. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The clock on the wall. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep(milliseconds, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const timer = setTimeout(finish, milliseconds);
      function finish() {
        signal?.removeEventListener("abort", stop);
        resolve();
      }
      function stop() {
        clearTimeout(timer);
        reject(signal?.reason);
      }
      signal?.addEventListener("abort", stop, { once: true });
    });
  },
};

/** @returns an identifier that sorts by the time it was made (UUIDv7, RFC 9562). */
export function newId(): string {
  return v7();
}

/** The time of a UUIDv7: its first 48 bits, in milliseconds since the Unix epoch (RFC 9562, 5.7). */
const MADE_AT = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** @returns when an identifier was made, in milliseconds since the Unix epoch; null where it does not tell. */
export function madeAt(id: string): number | null {
  const [, high, low] = MADE_AT.exec(id) ?? [];
  return high === undefined || low === undefined ? null : Number.parseInt(high + low, 16);
}

/** @returns a moment in milliseconds as RFC 3339 UTC. */
export function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
