/** Keeps a failing model from failing everybody: a circuit breaker, and a fresh start mid-stream. */
import {
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  isBrokenCircuitError,
} from "cockatiel";
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { Model, ModelChunk, ModelRequest } from "../core/model.ts";
import { ApexError } from "../protocol/errors.ts";

export interface GuardOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Consecutive failures that open the breaker. */
  readonly failures?: number;
  /** How long the breaker stays open before one call may probe the endpoint, in milliseconds. */
  readonly openMs?: number;
  /** How often one turn may begin anew. */
  readonly restarts?: number;
}

/**
 * @returns the same model behind a breaker, whose turns begin anew when they break half-way: a
 * `restart` chunk says so. A call that never began is not repeated, since the inner model has
 * already tried again. Neither an abort nor a refusal counts as a failure.
 */
export function guardedModel(inner: Model, options: GuardOptions): Model {
  const { clock, log, failures = 5, openMs = 30_000, restarts = 2 } = options;
  let openUntil = 0;
  const breaker = circuitBreaker(handleWhen(isFailure), {
    breaker: new ConsecutiveBreaker(failures),
    halfOpenAfter: openMs,
  });
  breaker.onBreak(() => {
    openUntil = clock.now() + openMs;
    log.warn("model_breaker_opened", { provider: inner.provider, open_ms: openMs });
  });
  breaker.onReset(() => log.info("model_breaker_closed", { provider: inner.provider }));

  /** One attempt at the turn; the breaker learns how it ended. */
  async function* attempt(request: ModelRequest): AsyncGenerator<ModelChunk> {
    // The breaker would let others wait for the probe's end: a whole answer, so they are told instead.
    if (breaker.state === CircuitState.HalfOpen) throw paused();
    const admission = Promise.withResolvers<void>();
    const ending = Promise.withResolvers<void>();
    const verdict = breaker
      .execute(() => {
        admission.resolve();
        return ending.promise;
      })
      .catch(admission.reject);
    await admission.promise;
    try {
      yield* inner.stream(request);
      ending.resolve();
    } catch (error) {
      if (!request.signal.aborted) ending.reject(error);
      throw error;
    } finally {
      // An abort, or a reader that left, says nothing of the endpoint. What is settled stays settled.
      ending.reject(new Error("The turn was left"));
      await verdict;
    }
  }

  async function* stream(request: ModelRequest): AsyncGenerator<ModelChunk> {
    let backoff = new ExponentialBackoff({ initialDelay: 250, maxDelay: 4_000 }).next();
    for (let left = restarts; ; left--) {
      let begun = false;
      try {
        for await (const chunk of attempt(request)) {
          begun = true;
          yield chunk;
        }
        return;
      } catch (error) {
        request.signal.throwIfAborted();
        if (isBrokenCircuitError(error)) throw paused();
        if (left === 0 || !isFailure(error) || !(begun || error.retryAfter === 0)) throw error;
        log.warn("model_turn_restarted", { model: request.model, code: error.code });
        yield { type: "restart", reason: error.message };
      }
      await clock.sleep(backoff.duration, request.signal);
      backoff = backoff.next(undefined);
    }
  }

  function paused(): ApexError {
    const retryAfter = Math.max(1, Math.ceil((openUntil - clock.now()) / 1000));
    const detail = `The model failed several times in a row, so calls to it are paused. Please try again in ${retryAfter} s.`;
    return new ApexError("model_unavailable", detail, { retryAfter });
  }

  return {
    provider: inner.provider,
    models: inner.models,
    stream,
    cost: (model, usage) => inner.cost(model, usage),
  };
}

/** Failures of the endpoint itself: they count for the breaker and may pass by themselves. */
function isFailure(error: unknown): error is ApexError {
  return (
    error instanceof ApexError &&
    (error.code === "model_unavailable" || error.code === "model_timeout")
  );
}
