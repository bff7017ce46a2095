/** The quotas of a user: what is admitted and reserved, and how every limit stands. */
import type { Clock } from "../core/clock.ts";
import {
  FixedWindow,
  firstReached,
  limitState,
  quotaExceeded,
  type Spend,
  type Uses,
  withReserved,
} from "../core/quota.ts";
import type { ThreadId } from "../protocol/ids.ts";
import { LimitName, type LimitState, type Tier } from "../protocol/tiers.ts";
import type { RunCounts, RunsUnderWay } from "./runs-under-way.ts";

const MINUTE_MS = 60_000;

interface QuotasParts {
  readonly clock: Clock;
  readonly runs: () => RunsUnderWay;
  /** How many sockets the user has open. */
  readonly sockets: () => number;
}

/** Requests and messages are counted in memory: an object that is evicted begins their minute anew. */
export class Quotas {
  readonly #parts: QuotasParts;
  readonly #requests = new FixedWindow(MINUTE_MS);
  readonly #messages = new FixedWindow(MINUTE_MS);

  constructor(parts: QuotasParts) {
    this.#parts = parts;
  }

  /**
   * Counts a request. @returns how the limit stands then.
   * @throws {ApexError} `quota_exceeded`; it was not counted.
   */
  admit(tier: Tier): LimitState {
    const now = this.#parts.clock.now();
    const used = this.#requests.used(now);
    const before = limitState("requests", tier, used, now);
    if (before.remaining === 0) throw quotaExceeded(before, now);
    this.#requests.spend(now);
    return limitState("requests", tier, used + 1, now);
  }

  /**
   * Counts a message, and holds a place for its run.
   * @param waiting the runs of its thread that go before it.
   * @param spent what was spent of the day's budget, by all who share it.
   * @throws {ApexError} `quota_exceeded`; nothing was counted.
   */
  reserve(threadId: ThreadId, waiting: number, tier: Tier, spent: Spend): void {
    const { clock, runs } = this.#parts;
    const now = clock.now();
    const counts = this.#before(threadId, waiting, now);
    const place = waiting === 0 ? "live_runs" : "queued_runs";
    const uses = this.#uses(now, counts, spent);
    const reached = firstReached(["messages", place, "tokens", "usd"], tier, uses, now);
    if (reached !== null) throw quotaExceeded(reached, now);
    this.#messages.spend(now);
    runs().reserve(threadId, waiting, now);
  }

  /** @returns how many runs go before a message's, in all threads. @param waiting those in its own. */
  underWay(threadId: ThreadId, waiting: number): number {
    const { live, queued } = this.#before(threadId, waiting, this.#parts.clock.now());
    return live + queued;
  }

  /** @throws {ApexError} `quota_exceeded` where the user may have no more sockets than these. */
  assertSockets(tier: Tier, open: number): void {
    const now = this.#parts.clock.now();
    const state = limitState("sockets", tier, open, now);
    if (state.remaining === 0) throw quotaExceeded(state, now);
  }

  /** @returns how every limit stands. */
  states(tier: Tier, spent: Spend): LimitState[] {
    const now = this.#parts.clock.now();
    const uses = this.#uses(now, this.#parts.runs().counts(now), spent);
    return LimitName.options.map((name) => limitState(name, tier, uses[name], now));
  }

  #before(threadId: ThreadId, waiting: number, now: number): RunCounts {
    const others = this.#parts.runs().counts(now, threadId);
    return {
      live: others.live + Math.min(waiting, 1),
      queued: others.queued + Math.max(waiting - 1, 0),
    };
  }

  #uses(now: number, runs: RunCounts, spent: Spend): Uses {
    const { tokens, usd } = withReserved(spent, runs.live + runs.queued);
    return {
      requests: this.#requests.used(now),
      messages: this.#messages.used(now),
      live_runs: runs.live,
      queued_runs: runs.queued,
      sockets: this.#parts.sockets(),
      tokens,
      usd,
    };
  }
}
