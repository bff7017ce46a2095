/** Long computations in slices: between two of them whatever else is due on the thread gets its turn. */
import type { Clock } from "./clock.ts";

/** A computation that yields wherever it may be interrupted, and returns its result. */
export type Sliced<Value> = Generator<undefined, Value, undefined>;

/** Steps of a loop from one yield to the next: by count, since a Worker's clock stands still meanwhile. */
export const SLICE = 8_192;

/** What slices are worked off by. */
export interface Pace {
  readonly clock: Pick<Clock, "sleep">;
  readonly signal: AbortSignal;
}

/**
 * Works a computation off, giving way after each of its slices.
 * @throws the signal's reason, at most a slice after it aborts; and what the computation throws.
 */
export async function inSlices<Value>(
  work: Sliced<Value>,
  { clock, signal }: Pace,
): Promise<Value> {
  for (;;) {
    signal.throwIfAborted();
    const step = work.next();
    if (step.done === true) return step.value;
    await clock.sleep(0, signal);
  }
}
