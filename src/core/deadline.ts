/** A deadline for any work, also for work that does not look at its signal: nothing may hang. */

/** The time was up before the work was done. */
export class DeadlineExceeded extends Error {
  override readonly name = "DeadlineExceeded";
}

/**
 * Awaits work for so long and no longer. Its signal aborts when the time is up or the outer signal
 * does; work that goes on regardless is left behind, its late outcome ignored.
 * @throws {DeadlineExceeded} when the time is up, or the outer signal's reason when that aborts.
 */
export async function withDeadline<Value>(
  milliseconds: number,
  work: (signal: AbortSignal) => PromiseLike<Value>,
  outer?: AbortSignal,
): Promise<Value> {
  outer?.throwIfAborted();
  const time = new AbortController();
  const timer = setTimeout(() => {
    time.abort(new DeadlineExceeded(`Not done within ${milliseconds} ms`));
  }, milliseconds);
  const signal = outer === undefined ? time.signal : AbortSignal.any([outer, time.signal]);
  const aborted = Promise.withResolvers<never>();
  const stop = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work(signal), aborted.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}
