/** Tries again what may succeed later, with pauses that grow and never march in step. */
import type { Clock } from "./clock.ts";

export interface BackoffOptions {
  /** The first pause, in milliseconds. */
  readonly initialMs: number;
  /** No pause is longer, in milliseconds. */
  readonly maxMs: number;
}

/**
 * @param failures how often it failed so far, from 1.
 * @returns the pause before the next try, in milliseconds: doubled with each failure, half of it
 *   random, so that those who failed together do not come back together ("equal jitter",
 *   https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 */
export function backoff(failures: number, options: BackoffOptions): number {
  const ceiling = Math.min(options.maxMs, options.initialMs * 2 ** (failures - 1));
  return ceiling / 2 + (Math.random() * ceiling) / 2;
}

export interface RetryOptions extends BackoffOptions {
  /** The most tries, the first one counted. */
  readonly tries: number;
  readonly isRetryable: (error: unknown) => boolean;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/**
 * @returns what the first try that succeeds gives.
 * @throws the last try's error, the first one that is not retryable, or the signal's reason.
 */
export async function retry<Value>(
  attempt: () => Promise<Value>,
  options: RetryOptions,
): Promise<Value> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (failures >= options.tries || !options.isRetryable(error)) throw error;
    }
    await options.clock.sleep(backoff(failures, options), options.signal);
  }
}
