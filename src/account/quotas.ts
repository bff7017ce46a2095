/** The quotas of a user: counts requests, messages, runs and sockets, and tells what is left. */
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

/** Requests and messages are counted in memory only, so a restart of the object starts their minute anew. */
export class Quotas {
  readonly #parts: QuotasParts;
  readonly #requests = new FixedWindow(MINUTE_MS);
  readonly #messages = new FixedWindow(MINUTE_MS);

  constructor(parts: QuotasParts) {
    this.#parts = parts;
  }

  /**
   * Counts a request.
   * @returns the state of the limit after it.
   * @throws {ApexError} `quota_exceeded`; then it was not counted.
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
   * Counts a message, and reserves a place for its run.
   * @param waiting the number of runs in its thread that come first.
   * @param spent what all who share the day's budget have spent of it.
   * @throws {ApexError} `quota_exceeded`; then nothing was counted.
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

  /**
   * @param waiting the number of runs in the message's own thread that come first.
   * @returns how many runs in all threads come before that of a new message.
   */
  underWay(threadId: ThreadId, waiting: number): number {
    const { live, queued } = this.#before(threadId, waiting, this.#parts.clock.now());
    return live + queued;
  }

  /** @throws {ApexError} `quota_exceeded` if the user may not open one more socket. */
  assertSockets(tier: Tier, open: number): void {
    const now = this.#parts.clock.now();
    const state = limitState("sockets", tier, open, now);
    if (state.remaining === 0) throw quotaExceeded(state, now);
  }

  /** @returns the state of every limit. */
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
