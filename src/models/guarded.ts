/** Keeps a failing model from failing everybody: a circuit breaker, and a fresh start mid-stream. */
import { type BreakerStatus, CircuitBreaker, type Verdict } from "../core/breaker.ts";
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { Model, ModelChunk, ModelRequest } from "../core/model.ts";
import { backoff } from "../core/retry.ts";
import { ApexError } from "../protocol/errors.ts";

/** The pauses before a turn begins anew. */
const PAUSES = { initialMs: 250, maxMs: 4_000 };

export interface GuardOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Failures in a row that open the breaker. */
  readonly failures?: number;
  /** How long the breaker stays open before one call may probe the endpoint, in milliseconds. */
  readonly openMs?: number;
  /** Told whenever the breaker opened or closed. */
  readonly onChange?: ((status: BreakerStatus) => void) | undefined;
  /** How often one turn may begin anew. */
  readonly restarts?: number;
}

/**
 * @returns the same model behind a breaker, whose turns begin anew when they break half-way: a
 * `restart` chunk says so. A call that never began is not repeated, since the inner model has
 * already tried again. Neither an abort nor a refusal counts as a failure.
 */
export function guardedModel(inner: Model, options: GuardOptions): Model {
  const { clock, log, failures = 5, openMs = 30_000, restarts = 2, onChange } = options;
  const { provider, models } = inner;
  const breaker = new CircuitBreaker({
    clock,
    failures,
    openMs,
    onChange(status) {
      if (status.state === "closed") log.info("model_breaker_closed", { provider });
      else log.warn("model_breaker_opened", { provider, open_ms: openMs });
      onChange?.(status);
    },
  });

  /** One attempt at the turn; the breaker learns how it ended. */
  async function* attempt(request: ModelRequest): AsyncGenerator<ModelChunk> {
    const leave = breaker.enter();
    if (!leave) throw paused(breaker.wait);
    let verdict: Verdict = "none";
    try {
      yield* inner.stream(request);
      verdict = "success";
    } catch (error) {
      // What refuses a request is alive.
      if (!request.signal.aborted) verdict = isFailure(error) ? "failure" : "success";
      throw error;
    } finally {
      leave(verdict);
    }
  }

  async function* stream(request: ModelRequest): AsyncGenerator<ModelChunk> {
    for (let failures = 1; ; failures += 1) {
      let begun = false;
      try {
        for await (const chunk of attempt(request)) {
          begun = true;
          yield chunk;
        }
        return;
      } catch (error) {
        request.signal.throwIfAborted();
        if (failures > restarts || !isFailure(error) || !(begun || error.retryAfter === 0))
          throw error;
        log.warn("model_turn_restarted", {
          model: request.model,
          code: error.code,
          trace_id: request.trace?.traceId,
        });
        yield { type: "restart", reason: error.message };
      }
      await clock.sleep(backoff(failures, PAUSES), request.signal);
    }
  }

  return {
    provider,
    models,
    stream,
    cost: (model, usage) => inner.cost(model, usage),
    window: (model) => inner.window?.(model) ?? null,
  };
}

/** Failures of the endpoint itself: they count for the breaker and may pass by themselves. */
function isFailure(error: unknown): error is ApexError {
  return (
    error instanceof ApexError &&
    (error.code === "model_unavailable" || error.code === "model_timeout")
  );
}

function paused(waitMs: number): ApexError {
  const retryAfter = Math.max(1, Math.ceil(waitMs / 1000));
  const detail = `The model failed several times in a row, so calls to it are paused. Please try again in ${retryAfter} s.`;
  return new ApexError("model_unavailable", detail, { retryAfter });
}
