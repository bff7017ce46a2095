/**
 * Keeps a failing store from failing everybody: tries again what broke off, gives up what is slow, lets
 * only so many in at once, and leaves alone what keeps failing.
 *
 * The retry and the time-out are cockatiel's: they live and die with one call. Each gets a signal of its
 * own, because the library's default is one for the whole isolate, which workerd binds to the first
 * object that listens to it. Breaker and bulkhead outlive calls, so they are ours: see src/core/breaker.ts.
 */
import {
  ExponentialBackoff,
  handleWhen,
  retry,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
  wrap,
} from "cockatiel";
import { type BreakerStatus, CircuitBreaker, type Verdict } from "../core/breaker.ts";
import { Bulkhead } from "../core/bulkhead.ts";
import type { Clock } from "../core/clock.ts";
import { DeadlineExceeded } from "../core/deadline.ts";
import { ApexError } from "../protocol/errors.ts";
import type { UsageStore } from "./store.ts";

export interface UsageGuardOptions {
  readonly clock: Clock;
  /** How long one question may take, its repetitions included, in milliseconds. */
  readonly deadlineMs: number;
  /** How long an import may take, in milliseconds. */
  readonly ingestDeadlineMs?: number;
  /** Calls at once. */
  readonly slots?: number;
  /** Failures in a row that open the breaker. */
  readonly failures?: number;
  /** How long the breaker stays open before one call may probe the store, in milliseconds. */
  readonly openMs?: number;
  /** Told whenever the breaker opened or closed. */
  readonly onChange: (status: BreakerStatus) => void;
}

/** @returns the same store behind the guard; what it throws says when to try again. */
export function guardedUsageStore(
  inner: UsageStore,
  {
    clock,
    deadlineMs,
    ingestDeadlineMs = 60_000,
    slots = 64,
    failures = 3,
    openMs = 15_000,
    onChange,
  }: UsageGuardOptions,
): UsageStore {
  const breaker = new CircuitBreaker({ clock, failures, openMs, onChange });
  const leaseMs = Math.max(deadlineMs, ingestDeadlineMs);
  const bulkhead = new Bulkhead({ clock, slots, leaseMs });
  const inTime = timeout(deadlineMs, TimeoutStrategy.Aggressive);
  /** A question may be put again; an import is not, so that what it tells of is its own doing. */
  const again = retry(handleWhen(brokeOff), {
    maxAttempts: 2,
    backoff: new ExponentialBackoff({ initialDelay: 100, maxDelay: 1_000 }),
  });
  const question = wrap(inTime, again);
  const ingestion = timeout(ingestDeadlineMs, TimeoutStrategy.Aggressive);

  async function call<Value>(
    policy: typeof question | typeof ingestion,
    work: () => PromiseLike<Value>,
  ): Promise<Value> {
    const leave = breaker.enter();
    if (leave === null) throw paused(breaker.wait);
    const release = bulkhead.enter();
    if (release === null) {
      leave("none");
      throw busy();
    }
    let verdict: Verdict = "none";
    try {
      const value = await policy.execute(work, new AbortController().signal);
      verdict = "success";
      return value;
    } catch (error) {
      const failure = error instanceof TaskCancelledError ? tooSlow(error) : error;
      // What refuses a question is alive.
      verdict = isFailure(failure) ? "failure" : "success";
      throw failure;
    } finally {
      release();
      leave(verdict);
    }
  }

  return {
    ingest: (records) => call(ingestion, () => inner.ingest(records)),
    extent: (workspaceId) => call(question, () => inner.extent(workspaceId)),
    groups: (scope, by) => call(question, () => inner.groups(scope, by)),
    latencies: (scope) => call(question, () => inner.latencies(scope)),
    orderStatistics: (scope, metric, positions) =>
      call(question, () => inner.orderStatistics(scope, metric, positions)),
    async *scan(scope) {
      const pages = inner.scan(scope)[Symbol.asyncIterator]();
      for (;;) {
        // A page is not asked for again: what broke off once gives no more.
        const page = await call(inTime, () => pages.next());
        if (page.done === true) return;
        yield page.value;
      }
    },
    priceVersions: (scope) => call(question, () => inner.priceVersions(scope)),
    examples: (scope, limit) => call(question, () => inner.examples(scope, limit)),
  };
}

function isFailure(error: unknown): error is ApexError {
  return error instanceof ApexError && error.code === "unavailable";
}

/** A time-out is not tried again: the second would make those wait twice who wait already. */
function brokeOff(error: unknown): boolean {
  return isFailure(error) && !(error.cause instanceof DeadlineExceeded);
}

function paused(waitMs: number): ApexError {
  const retryAfter = Math.max(1, Math.ceil(waitMs / 1000));
  const detail = `The usage records could not be reached several times in a row, so they are left alone. Please try again in ${retryAfter} s.`;
  return new ApexError("unavailable", detail, { retryAfter });
}

function busy(): ApexError {
  const detail = "Too many questions about usage records are asked at once. Please try again.";
  return new ApexError("unavailable", detail, { retryAfter: 2 });
}

function tooSlow(cause: Error): ApexError {
  const detail = "The usage records did not answer in time.";
  return new ApexError("unavailable", detail, { retryAfter: 5, cause });
}
