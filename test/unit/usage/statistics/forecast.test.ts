/** The forecast against days whose future is known. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isWeekend, shiftDay } from "../../../../src/usage/calendar.ts";
import {
  dailyBands,
  FORECAST_DAYS,
  forecast,
  runRate,
  totalBand,
} from "../../../../src/usage/statistics/forecast.ts";
import { chances, daysOf, MONDAY } from "./series.ts";

/** The days after so many from the Monday on. */
const daysAfter = (count: number, horizon: number) =>
  Array.from({ length: horizon }, (_, index) => shiftDay(MONDAY, count + index));

function paths(...args: Parameters<typeof forecast>) {
  const found = forecast(...args);
  if (found === null) throw new Error("the days are enough");
  return found;
}

describe("a forecast", () => {
  it("is refused under 28 days, or where hardly any of them has spend", () => {
    expect(
      forecast(
        daysOf(FORECAST_DAYS - 1, () => 5),
        daysAfter(27, 7),
      ),
    ).toBeNull();
    const seldom = daysOf(60, (index) => (index % 10 === 0 ? 5 : 0));
    expect(forecast(seldom, daysAfter(60, 7))).toBeNull();
  });

  it("goes on exactly where there is no chance: trend and weekend by hand", () => {
    // Weekdays 100, weekend days 40, both growing by 1 % a day.
    const truth = (index: number) =>
      (isWeekend(shiftDay(MONDAY, index)) ? 40 : 100) * 1.01 ** index;
    const bands = dailyBands(paths(daysOf(35, truth), daysAfter(35, 14)));
    expect(bands).toHaveLength(14);
    bands.forEach((band, index) => {
      expect(band.p10).toBeCloseTo(truth(35 + index), 6);
      expect(band.p50).toBeCloseTo(truth(35 + index), 6);
      expect(band.p90).toBeCloseTo(truth(35 + index), 6);
    });
  });

  it("spends nothing on days of a type that never has any", () => {
    const days = daysOf(42, (index) => (isWeekend(shiftDay(MONDAY, index)) ? 0 : 50));
    const bands = dailyBands(paths(days, daysAfter(42, 7)));
    expect(bands.map(({ p50 }) => Math.round(p50))).toEqual([50, 50, 50, 50, 50, 0, 0]);
  });

  it("says the same to the same question, and starts at another day with another pattern", () => {
    const noise = chances(3);
    const days = daysOf(40, () => Math.exp(4 + 0.3 * noise()));
    expect(paths(days, daysAfter(40, 5))).toEqual(paths(days, daysAfter(40, 5)));
    expect(totalBand(paths(days, daysAfter(40, 5)))).not.toEqual(
      totalBand(paths(days, daysAfter(41, 5))),
    );
  });

  it.each([
    [28, 14],
    [60, 30],
    [90, 30],
  ])(
    "from %d days holds between 70 and 90 of 100 futures of %d days in its band",
    (past, horizon) => {
      const trials = 100;
      let held = 0;
      for (let seed = 1; seed <= trials; seed += 1) {
        const noise = chances(seed * 7_919);
        const all = daysOf(past + horizon, (index) => {
          const weekend = isWeekend(shiftDay(MONDAY, index)) ? -0.8 : 0;
          return Math.exp(6 + 0.004 * index + weekend + 0.2 * noise());
        });
        const band = totalBand(paths(all.slice(0, past), daysAfter(past, horizon)));
        const truth = all.slice(past).reduce((sum, { usd }) => sum + usd, 0);
        if (band.p10 <= truth && truth <= band.p90) held += 1;
      }
      expect(held / trials).toBeGreaterThanOrEqual(0.7);
      expect(held / trials).toBeLessThanOrEqual(0.9);
    },
    60_000,
  );

  it("doubles where every price doubled", () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.integer({ min: 2, max: 50 }), (seed, factor) => {
        const noise = chances(seed);
        const days = daysOf(35, () => Math.exp(3 + 0.4 * noise()));
        const dearer = days.map(({ day, usd }) => ({ day, usd: usd * factor }));
        const [one, other] = [days, dearer].map((past) =>
          totalBand(paths(past, daysAfter(35, 10))),
        );
        for (const key of ["p10", "p50", "p90"] as const) {
          expect((other?.[key] ?? 0) / (one?.[key] ?? 0)).toBeCloseTo(factor, 6);
        }
      }),
      { numRuns: 10 },
    );
  });

  it("has bands in order, of finite and positive spend", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 28, maxLength: 60 }),
        (spend) => {
          const found = forecast(
            daysOf(spend.length, (index) => spend[index] ?? 0),
            daysAfter(spend.length, 5),
          );
          for (const { p10, p50, p90 } of found ? dailyBands(found) : []) {
            expect(p10).toBeGreaterThanOrEqual(0);
            expect(p50).toBeGreaterThanOrEqual(p10);
            expect(p90).toBeGreaterThanOrEqual(p50);
            expect(Number.isFinite(p50)).toBe(true);
          }
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe("a run rate", () => {
  it("is the mean day, the idle ones among them", () => {
    expect(runRate(daysOf(4, (index) => index))).toBe(1.5);
    expect(runRate([])).toBeNull();
  });
});
