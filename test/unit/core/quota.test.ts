/** Quotas: a window never lets more through than it holds, and a limit tells all that is needed to wait for it. */

import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  dayOf,
  FixedWindow,
  firstReached,
  limitState,
  NOTHING_SPENT,
  plus,
  quotaExceeded,
  secondsUntilReset,
  type Uses,
  withReserved,
} from "../../../src/core/quota.ts";
import { Problem } from "../../../src/protocol/problem.ts";
import { problemOf } from "../../../src/protocol/problem-of.ts";
import { LimitName, LimitState, TIER_LIMITS, Tier } from "../../../src/protocol/tiers.ts";

const NOON = Date.parse("2026-11-21T12:00:00.000Z");
const UNUSED: Uses = {
  requests: 0,
  messages: 0,
  live_runs: 0,
  queued_runs: 0,
  sockets: 0,
  tokens: 0,
  usd: 0,
};

describe("a window", () => {
  it("is empty before anything was spent, and again when the next one begins", () => {
    const window = new FixedWindow(60_000);
    expect(window.used(NOON)).toBe(0);
    window.spend(NOON);
    window.spend(NOON + 59_999);
    expect(window.used(NOON + 59_999)).toBe(2);
    expect(window.used(NOON + 60_000)).toBe(0);
  });

  test("counts what was spent since the last round minute, whatever came before", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200_000), { minLength: 1 }), (offsets) => {
        const window = new FixedWindow(60_000);
        const times = offsets.toSorted((a, b) => a - b).map((offset) => NOON + offset);
        for (const time of times) window.spend(time);
        const last = times.at(-1) ?? NOON;
        const since = last - (last % 60_000);
        expect(window.used(last)).toBe(times.filter((time) => time >= since).length);
      }),
    );
  });
});

describe("a budget", () => {
  it("reserves for each run under way what the runs of the day used on average", () => {
    const spent = { tokens: 3_000, usd: 0.3, runs: 3 };
    expect(withReserved(spent, 2)).toEqual({ tokens: 5_000, usd: 0.5, runs: 5 });
  });

  it("reserves something also where no run has shown what runs use", () => {
    const { tokens, usd } = withReserved(NOTHING_SPENT, 4);
    expect(tokens).toBeGreaterThan(0);
    expect(usd).toBeGreaterThan(0);
    expect(withReserved(NOTHING_SPENT, 0)).toEqual(NOTHING_SPENT);
  });

  it("is that of a day in UTC", () => {
    expect(dayOf(Date.parse("2026-11-21T23:59:59.999Z"))).toBe(dayOf(NOON));
    expect(dayOf(Date.parse("2026-11-22T00:00:00.000Z"))).toBe(dayOf(NOON) + 1);
  });

  it("of a team is the sum of its members'", () => {
    expect(plus({ tokens: 1, usd: 2, runs: 3 }, { tokens: 10, usd: 20, runs: 30 })).toEqual({
      tokens: 11,
      usd: 22,
      runs: 33,
    });
  });
});

describe("a limit", () => {
  it.each(Tier.options.flatMap((tier) => LimitName.options.map((name) => [tier, name] as const)))(
    "of tier %s for %s is told whole, also where more is used than it allows",
    (tier, name) => {
      const state = limitState(name, tier, TIER_LIMITS[tier][name] + 1, NOON);
      expect(LimitState.parse(state)).toMatchObject({
        limit: TIER_LIMITS[tier][name],
        remaining: 0,
      });
    },
  );

  it("a minute is whole again at the next minute, one a day at midnight, and what is held soon", () => {
    const reset = (name: LimitName) => limitState(name, "free", 0, NOON + 15_500).resets_at;
    expect(reset("messages")).toBe("2026-11-21T12:01:00.000Z");
    expect(reset("usd")).toBe("2026-11-22T00:00:00.000Z");
    expect(reset("sockets")).toBeNull();
    expect(secondsUntilReset(limitState("messages", "free", 0, NOON + 15_500), NOON + 15_500)).toBe(
      45,
    );
    expect(secondsUntilReset(limitState("sockets", "free", 0, NOON), NOON)).toBeGreaterThan(0);
  });

  it("is reached where nothing remains; the first that is asked for is named", () => {
    const { messages, usd } = TIER_LIMITS.free;
    const names = ["messages", "usd"] as const;
    const reached = (uses: Partial<Uses>) =>
      firstReached(names, "free", { ...UNUSED, ...uses }, NOON)?.name;
    expect(reached({ messages: messages - 1, usd: usd - 0.01 })).toBeUndefined();
    expect(reached({ messages, usd })).toBe("messages");
    expect(reached({ usd: usd + 1 })).toBe("usd");
    expect(reached({ requests: 1e9 })).toBeUndefined();
  });

  it.each(LimitName.options)(
    "for %s is told as a problem, with the limit and when to come back",
    (name) => {
      const state = limitState(name, "free", TIER_LIMITS.free[name], NOON);
      const problem = Problem.parse(problemOf(quotaExceeded(state, NOON)));
      expect(problem).toMatchObject({ status: 429, code: "quota_exceeded", limit: state });
      expect(problem.retry_after).toBeGreaterThan(0);
      expect(problem.detail).toContain(String(state.limit));
    },
  );
});
