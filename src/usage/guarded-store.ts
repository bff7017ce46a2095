/**
 * Keeps a failing store from failing everybody: tries again what broke off, gives up what is slow, lets
 * only so many in at once, and leaves alone what keeps failing.
 *
 * None of it is cockatiel's, though it has all four. It makes and aborts an AbortController as it is
 * loaded, which workerd forbids at global scope: a Worker that imports it does not start. Loaded later, its
 * retry and its time-out hold where each call brings a signal of its own; its breaker and its bulkhead do
 * not, see src/core/breaker.ts and src/core/bulkhead.ts. test/worker/policies/cockatiel.test.ts shows it.
 */
import { type BreakerStatus, CircuitBreaker, type Verdict } from "../core/breaker.ts";
import { Bulkhead } from "../core/bulkhead.ts";
import type { Clock } from "../core/clock.ts";
import { DeadlineExceeded, withDeadline } from "../core/deadline.ts";
import { retry } from "../core/retry.ts";
import { ApexError } from "../protocol/errors.ts";
import type { UsageStore } from "./store.ts";

/** A question may be put again; an import is not, so that what it tells of is its own doing. */
const PATIENCE = { tries: 3, initialMs: 100, maxMs: 1_000, isRetryable: brokeOff };

interface Patience {
  readonly tries: number;
  /** Milliseconds. */
  readonly within: number;
  readonly signal?: AbortSignal | undefined;
}

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
    openMs = 10_000,
    onChange,
  }: UsageGuardOptions,
): UsageStore {
  const breaker = new CircuitBreaker({ clock, failures, openMs, onChange });
  const leaseMs = Math.max(deadlineMs, ingestDeadlineMs);
  const bulkhead = new Bulkhead({ clock, slots, leaseMs });

  /** Calls the store within its time; what breaks off is tried again as often as told. */
  async function call<Value>(
    work: () => Promise<Value>,
    { tries, within, signal }: Patience,
  ): Promise<Value> {
    // A store in this process answers without one turn of the event loop: others would never have theirs.
    await clock.sleep(0, signal);
    const leave = breaker.enter();
    if (leave === null) throw paused(breaker.wait);
    const release = bulkhead.enter();
    if (release === null) {
      leave("none");
      throw busy();
    }
    let verdict: Verdict = "none";
    try {
      const value = await withDeadline(
        within,
        (inTime) => retry(work, { ...PATIENCE, tries, clock, signal: inTime }),
        signal,
      );
      verdict = "success";
      return value;
    } catch (error) {
      signal?.throwIfAborted();
      const failure = error instanceof DeadlineExceeded ? tooSlow(error) : error;
      // What refuses a question is alive.
      verdict = isFailure(failure) ? "failure" : "success";
      throw failure;
    } finally {
      release();
      leave(verdict);
    }
  }

  const question = { tries: PATIENCE.tries, within: deadlineMs };
  const once = { tries: 1, within: deadlineMs };
  const ask = <Value>(work: () => Promise<Value>) => call(work, question);

  return {
    ingest: (records) => call(() => inner.ingest(records), { tries: 1, within: ingestDeadlineMs }),
    extent: (workspaceId) => ask(() => inner.extent(workspaceId)),
    groups: (scope, by) => ask(() => inner.groups(scope, by)),
    latencies: (scope) => ask(() => inner.latencies(scope)),
    superseded: (scope) => ask(() => inner.superseded(scope)),
    orderStatistics: (scope, metric, positions) =>
      ask(() => inner.orderStatistics(scope, metric, positions)),
    async *scan(scope, signal) {
      const pages = inner.scan(scope, signal)[Symbol.asyncIterator]();
      for (;;) {
        // A page is not asked for again: what broke off once gives no more.
        const page = await call(() => pages.next(), { ...once, signal });
        if (page.done === true) return;
        yield page.value;
      }
    },
    priceVersions: (scope) => ask(() => inner.priceVersions(scope)),
    examples: (scope, limit) => ask(() => inner.examples(scope, limit)),
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
