/** The two deadlines of a model call: one for the whole of it, one for the silence between chunks. */
import { ApexError } from "../protocol/errors.ts";

/** In milliseconds. */
export interface DeadlineLimits {
  /** From the request to the last chunk, retries included. */
  readonly totalMs: number;
  /** Without a sign of life: before the response begins, and between two chunks. */
  readonly idleMs: number;
}

export interface Deadlines {
  /** Aborts with the caller's reason, or with a `model_timeout` when a deadline passes. */
  readonly signal: AbortSignal;
  /**
   * Passes the items on. Only waiting for the next one counts as silence, never a slow reader.
   * @throws the signal's reason, also where the source ends quietly on an abort.
   */
  watch<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item>;
  /** Stops the clocks and aborts whatever still listens to the signal. */
  end(): void;
}

/** Starts the clock of one call. */
export function startDeadlines(limits: DeadlineLimits, caller: AbortSignal): Deadlines {
  const own = new AbortController();
  const signal = AbortSignal.any([caller, own.signal]);
  const total = setTimeout(
    () =>
      own.abort(new ApexError("model_timeout", "The model took too long to finish its answer.")),
    limits.totalMs,
  );
  const startSilence = () =>
    setTimeout(
      () => own.abort(new ApexError("model_timeout", "The model fell silent.", { retryAfter: 0 })),
      limits.idleMs,
    );

  return {
    signal,
    async *watch(items) {
      let silence = startSilence();
      try {
        for await (const item of items) {
          clearTimeout(silence);
          yield item;
          silence = startSilence();
        }
      } finally {
        clearTimeout(silence);
      }
      signal.throwIfAborted();
    },
    end() {
      clearTimeout(total);
      own.abort();
    },
  };
}
