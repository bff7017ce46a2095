/** Which days stand out, and which only seem to. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isWeekend, shiftDay } from "../../../../src/usage/calendar.ts";
import { assessDays, median } from "../../../../src/usage/statistics/anomalies.ts";
import { driversOf } from "../../../../src/usage/statistics/drivers.ts";
import { NO_USAGE } from "../../../../src/usage/sums.ts";
import { chances, daysOf, MONDAY } from "./series.ts";

const flaggedOf = (...args: Parameters<typeof assessDays>) =>
  assessDays(...args)
    .filter(({ flagged }) => flagged)
    .map(({ day }) => day);

describe("the middle", () => {
  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[7], 7],
    [[], Number.NaN],
  ])("of %j is %d", (values, expected) => {
    expect(median(values)).toBe(expected);
  });
});

describe("a day", () => {
  it("is assessed once eight of its type stand before it", () => {
    const assessed = assessDays(
      daysOf(35, () => 100),
      0,
    ).map(({ day }) => day);
    expect(assessed[0]).toBe(shiftDay(MONDAY, 10));
    expect(assessed.find(isWeekend)).toBe(shiftDay(MONDAY, 33));
  });

  it("has the score that was computed by hand", () => {
    // Eight weekdays 90 and 110 in turn: ln has the median 4.60012…, and a MAD of 0.10034.
    const days = daysOf(11, (index) => (index === 10 ? 200 : index % 2 === 0 ? 90 : 110));
    const [day] = assessDays(days, 10);
    const middle = (Math.log(90) + Math.log(110)) / 2;
    const spread = 1.4826 * (Math.log(110) - middle);
    expect(day?.expectedUsd).toBeCloseTo(Math.sqrt(90 * 110), 9);
    expect(day?.z).toBeCloseTo((Math.log(200) - middle) / spread, 9);
    expect(day?.excessUsd).toBeCloseTo(200 - Math.sqrt(9_900), 9);
    expect(day?.flagged).toBe(true);
  });

  it("is not flagged for a few percent, though all before are alike to the cent", () => {
    expect(
      flaggedOf(
        daysOf(12, (index) => (index === 11 ? 112 : 100)),
        0,
      ),
    ).toEqual([]);
    expect(
      flaggedOf(
        daysOf(12, (index) => (index === 11 ? 126 : 100)),
        0,
      ),
    ).toEqual([shiftDay(MONDAY, 11)]);
  });

  it("is not flagged for cents", () => {
    const days = daysOf(12, (index) => (index === 11 ? 9 : 1));
    expect(flaggedOf(days, 10)).toEqual([]);
    expect(flaggedOf(days, 7.5)).toEqual([shiftDay(MONDAY, 11)]);
  });

  it("is held against its own type: a weekend is no anomaly, a weekday's spend on one is", () => {
    const usual = (index: number) => (isWeekend(shiftDay(MONDAY, index)) ? 20 : 100);
    expect(flaggedOf(daysOf(60, usual), 1)).toEqual([]);
    const sunday = 55;
    expect(isWeekend(shiftDay(MONDAY, sunday))).toBe(true);
    const days = daysOf(60, (index) => (index === sunday ? 100 : usual(index)));
    expect(flaggedOf(days, 1)).toEqual([shiftDay(MONDAY, sunday)]);
  });

  it("is not hidden by the spikes before it", () => {
    const days = daysOf(40, (index) => ([21, 24, 30].includes(index) ? 500 : 100));
    expect(flaggedOf(days, 10)).toEqual([21, 24, 30].map((index) => shiftDay(MONDAY, index)));
  });

  it("of mere chance is seldom flagged", () => {
    let [flagged, assessed] = [0, 0];
    for (let seed = 1; seed <= 40; seed += 1) {
      const noise = chances(seed);
      const days = assessDays(
        daysOf(90, () => Math.exp(5 + 0.2 * noise())),
        0,
      );
      assessed += days.length;
      flagged += days.filter((day) => day.flagged).length;
    }
    expect(flagged / assessed).toBeLessThan(0.01);
  });

  it("without spend is neither assessed nor held against", () => {
    const days = daysOf(20, (index) => (index % 2 === 0 ? 0 : 100));
    expect(assessDays(days, 0).every(({ usd, expectedUsd }) => usd > 0 && expectedUsd > 99)).toBe(
      true,
    );
  });

  it("is flagged alike where every price doubled", () => {
    fc.assert(
      fc.property(fc.nat(10_000), (seed) => {
        const noise = chances(seed);
        const days = daysOf(50, (index) => Math.exp(4 + 0.2 * noise() + (index === 33 ? 2 : 0)));
        const dearer = days.map(({ day, usd }) => ({ day, usd: 2 * usd }));
        const [one, two] = [assessDays(days, 10), assessDays(dearer, 20)];
        expect(two.map(({ day, flagged }) => [day, flagged])).toEqual(
          one.map(({ day, flagged }) => [day, flagged]),
        );
        const excess = (list: typeof one) => list.reduce((sum, day) => sum + day.excessUsd, 0);
        expect(excess(two)).toBeCloseTo(2 * excess(one), 6);
      }),
      { numRuns: 30 },
    );
  });
});

describe("the drivers of a day", () => {
  const of = (cost: number) => ({ ...NO_USAGE, cost_usd: cost });

  it("are what cost more than on the days before, the most first, and at most three", () => {
    const before = [
      { key: ["chat", "a"], sums: of(280) },
      { key: ["search", "a"], sums: of(28) },
    ];
    const then = [
      { key: ["chat", "a"], sums: of(9) },
      { key: ["search", "a"], sums: of(5) },
      { key: [null, "b"], sums: of(30) },
      { key: ["agent", "b"], sums: of(1) },
      { key: ["agent", "c"], sums: of(2) },
    ];
    expect(driversOf(then, before, 1 / 28)).toEqual([
      { feature: null, model: "b", usd: 30, usual_usd: 0, excess_usd: 30 },
      { feature: "search", model: "a", usd: 5, usual_usd: 1, excess_usd: 4 },
      { feature: "agent", model: "c", usd: 2, usual_usd: 0, excess_usd: 2 },
    ]);
  });
});
