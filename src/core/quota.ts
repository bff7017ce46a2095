/** Quotas: windows that fill up and begin anew, what runs under way hold back, and how a limit is told. */
import * as z from "zod";
import { ApexError } from "../protocol/errors.ts";
import {
  LIMIT_WINDOW_SECONDS,
  type LimitName,
  type LimitState,
  TIER_LIMITS,
  type Tier,
} from "../protocol/tiers.ts";
import { timestamp } from "./clock.ts";

/** A day, in milliseconds. */
export const DAY_MS = 24 * 60 * 60_000;
/** When to ask again for what is held, not spent: it is free as soon as a run or a socket ends. */
export const HELD_RETRY_SECONDS = 5;

/** What runs used in a while: in a day, or a month. */
export const Spend = z.object({
  tokens: z.number().min(0),
  usd: z.number().min(0),
  /** How many they were. */
  runs: z.number().int().min(0),
});
export type Spend = z.infer<typeof Spend>;

export const NOTHING_SPENT: Spend = { tokens: 0, usd: 0, runs: 0 };

/** What a run is taken to use, where none of that while has shown it. */
const A_RUN: Spend = { tokens: 2_000, usd: 0.01, runs: 1 };

/** How much of each limit is used. */
export type Uses = Readonly<Record<LimitName, number>>;

/** Counts within fixed windows that begin at the round times of UTC, as every clock shows them. */
export class FixedWindow {
  readonly #lengthMs: number;
  #number = 0;
  #used = 0;

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  /** @returns how much was spent in the window that a moment is in. */
  used(now: number): number {
    return this.#number === Math.floor(now / this.#lengthMs) ? this.#used : 0;
  }

  spend(now: number): void {
    this.#used = this.used(now) + 1;
    this.#number = Math.floor(now / this.#lengthMs);
  }
}

/** @returns the number of the day (UTC) that a moment is in. */
export function dayOf(now: number): number {
  return Math.floor(now / DAY_MS);
}

export function plus(one: Spend, other: Spend): Spend {
  return {
    tokens: one.tokens + other.tokens,
    usd: one.usd + other.usd,
    runs: one.runs + other.runs,
  };
}

/**
 * @returns what is spent and what the runs under way are expected to: each as much as the
 *   average of those that were paid. A budget is exceeded by no more than what these runs use beyond it.
 */
export function withReserved(spent: Spend, underWay: number): Spend {
  const { tokens, usd, runs } = spent.runs === 0 ? A_RUN : spent;
  return {
    tokens: spent.tokens + Math.round((tokens / runs) * underWay),
    usd: spent.usd + (usd / runs) * underWay,
    runs: spent.runs + underWay,
  };
}

/** @returns how a limit of a tier stands. */
export function limitState(name: LimitName, tier: Tier, used: number, now: number): LimitState {
  const limit = TIER_LIMITS[tier][name];
  const seconds = LIMIT_WINDOW_SECONDS[name];
  const end = (ms: number) => timestamp((Math.floor(now / ms) + 1) * ms);
  return {
    name,
    limit,
    used,
    remaining: Math.max(0, limit - used),
    window_seconds: seconds,
    resets_at: seconds === null ? null : end(seconds * 1_000),
  };
}

/** @returns the first of some limits of which nothing remains, or null. */
export function firstReached(
  names: readonly LimitName[],
  tier: Tier,
  uses: Uses,
  now: number,
): LimitState | null {
  const states = names.map((name) => limitState(name, tier, uses[name], now));
  return states.find(({ remaining }) => remaining === 0) ?? null;
}

/** @returns seconds until a limit is whole again, or may be. */
export function secondsUntilReset({ resets_at }: LimitState, now: number): number {
  if (resets_at === null) return HELD_RETRY_SECONDS;
  return Math.max(1, Math.ceil((Date.parse(resets_at) - now) / 1_000));
}

const REACHED: Readonly<Record<LimitName, string>> = {
  requests: "requests a minute",
  messages: "messages a minute",
  live_runs: "runs at once",
  queued_runs: "runs waiting at once",
  sockets: "connections at once",
  tokens: "tokens a day",
  usd: "US dollars a day",
};

/** @returns the `quota_exceeded` that a reached limit is told by. */
export function quotaExceeded(limit: LimitState, now: number): ApexError {
  const retryAfter = secondsUntilReset(limit, now);
  const wait = limit.resets_at === null ? "Let one end first." : `Try again in ${retryAfter} s.`;
  const detail = `The account may have ${limit.limit} ${REACHED[limit.name]}. ${wait}`;
  return new ApexError("quota_exceeded", detail, { limit, retryAfter });
}
