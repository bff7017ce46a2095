/** How a budget's period stands, by hand. */
import { describe, expect, it } from "vitest";
import {
  endings,
  likelihoodPct,
  periodOf,
  progressOf,
  thresholds,
} from "../../../../src/usage/statistics/budget.ts";
import { outlookOf } from "../../../../src/usage/statistics/budget-outlook.ts";
import type { SpendSeries } from "../../../../src/usage/statistics/spend-series.ts";
import { NO_USAGE } from "../../../../src/usage/sums.ts";
import { daysOf } from "./series.ts";

const september = { first: "2026-09-01", end: "2026-10-01" };

/** So many days at 10 dollars from Monday, August 31st, and what of the next one is known. */
function seriesOf(days: number, begunUsd: number | null = null): SpendSeries {
  const all = daysOf(days + 1, () => 10);
  const next = all.at(-1)?.day ?? "";
  return {
    days: all.slice(0, days),
    begun: begunUsd === null ? null : { day: next, usd: begunUsd },
    opening: null,
    sums: NO_USAGE,
  };
}

describe("a period", () => {
  it.each([
    ["2026-11-21", "week", "2026-11-16", "2026-11-23"],
    ["2026-11-22", "week", "2026-11-16", "2026-11-23"],
    ["2026-11-23", "week", "2026-11-23", "2026-11-30"],
    ["2026-11-21", "month", "2026-11-01", "2026-12-01"],
    ["2026-12-31", "month", "2026-12-01", "2027-01-01"],
    ["2028-02-29", "month", "2028-02-01", "2028-03-01"],
    ["2026-11-21", "quarter", "2026-10-01", "2027-01-01"],
  ] as const)("of %s is the %s from %s up to %s", (day, kind, first, end) => {
    expect(periodOf(day, kind)).toEqual({ first, end });
  });

  it("has spent its own days, and the part of the day begun", () => {
    const progress = progressOf(seriesOf(11, 4), september);
    expect(progress).toMatchObject({ spentUsd: 104, begunUsd: 4 });
    expect(progress.ahead).toHaveLength(20);
    expect(progress.ahead[0]).toBe("2026-09-11");
  });

  it("has spent what is known of its first day, though records begin within it", () => {
    const opening = { day: "2026-09-01", usd: 6 };
    const days = seriesOf(11).days.slice(2);
    const progress = progressOf({ ...seriesOf(0), days, opening }, september);
    expect(progress.spentUsd).toBe(96);
    expect(thresholds(progress, 10, null)[0]).toMatchObject({ crossed_on: "2026-09-01" });
    const before = progressOf(
      { ...seriesOf(0), days, opening: { day: "2026-08-31", usd: 6 } },
      september,
    );
    expect(before.spentUsd).toBe(90);
  });

  it("has nothing ahead once it is over", () => {
    const progress = progressOf(seriesOf(31), september);
    expect(progress.ahead).toEqual([]);
    expect(endings(progress, [[]])).toEqual([300]);
  });

  it("knows only the day begun where no whole day is there", () => {
    const begun = { day: "2026-09-11", usd: 4 };
    const progress = progressOf({ ...seriesOf(0), begun }, september);
    expect(progress).toMatchObject({ spent: [], spentUsd: 4, begunUsd: 4 });
    expect(progress.ahead[0]).toBe("2026-09-11");
  });

  it("ends with what is spent and what is to come, the day begun never below its cost", () => {
    const progress = progressOf(seriesOf(11, 4), september);
    expect(endings(progress, [[1, 7, 8]])).toEqual([100 + 4 + 15]);
    expect(endings(progress, [[9, 7, 8]])).toEqual([100 + 9 + 15]);
  });
});

describe("an alert", () => {
  const progress = progressOf(seriesOf(11), september);

  it("is crossed on the day by whose end it was passed, or likely, or clear", () => {
    // 100 spent of 150: half was passed by the eighth day of the month.
    const outcomes = [110, 125, 140, 160];
    expect(thresholds(progress, 150, outcomes)).toEqual([
      {
        threshold_pct: 50,
        threshold_usd: 75,
        state: "crossed",
        crossed_on: "2026-09-08",
        likelihood_pct: 100,
      },
      {
        threshold_pct: 80,
        threshold_usd: 120,
        state: "forecast",
        crossed_on: null,
        likelihood_pct: 75,
      },
      {
        threshold_pct: 100,
        threshold_usd: 150,
        state: "clear",
        crossed_on: null,
        likelihood_pct: 25,
      },
    ]);
  });

  it("has no likelihood without a forecast", () => {
    expect(thresholds(progress, 150, null).map(({ likelihood_pct }) => likelihood_pct)).toEqual([
      null,
      null,
      null,
    ]);
  });

  it("is crossed on the day begun where no whole day passed it", () => {
    const [half] = thresholds(progressOf(seriesOf(11, 9), september), 210, null);
    expect(half).toMatchObject({ state: "crossed", crossed_on: "2026-09-11" });
  });

  it("counts outcomes above the limit, not those at it", () => {
    expect(likelihoodPct([1, 2, 3, 4], 2)).toBe(50);
  });
});

describe("an outlook", () => {
  it("is at the run rate, without a likelihood, under 28 days", () => {
    expect(outlookOf(seriesOf(11, 4), september, 250)).toMatchObject({
      spentUsd: 104,
      daysLeft: 20,
      endingUsd: 300,
      band: null,
      overLimitPct: null,
    });
  });

  it("is sure where days are alike", () => {
    const october = { first: "2026-10-01", end: "2026-11-01" };
    const [within, above] = [320, 300].map((limit) => outlookOf(seriesOf(40), october, limit));
    expect(within).toMatchObject({ overLimitPct: 0, spentUsd: 90, daysLeft: 22 });
    expect(within?.band?.p50).toBeCloseTo(310, 9);
    expect(above?.overLimitPct).toBe(100);
  });
});
