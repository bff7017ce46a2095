/** Percentiles by rank: where they are, when they are refused, and how often their bounds hold. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RandomSource } from "../../../../src/usage/random-source.ts";
import { ranksOf, recordsNeeded } from "../../../../src/usage/statistics/percentiles.ts";

describe("a percentile", () => {
  it.each([
    [99, 1_000],
    [99.9, 10_000],
    [95, 200],
    [50, 20],
    [1, 1_000],
    [5, 200],
  ])("p%d is refused under %d records, and given from there on", (p, needed) => {
    expect(recordsNeeded(p)).toBe(needed);
    expect(ranksOf(p, needed - 1)).toBeNull();
    expect(ranksOf(p, needed)).not.toBeNull();
  });

  it.each([
    // np = 50, 1.96·√25 = 9.8
    [50, 100, { position: 50, low: 40, high: 60 }],
    // np = 95, 1.96·√4.75 = 4.27 of 200: np = 190, 1.96·√9.5 = 6.04
    [95, 200, { position: 190, low: 183, high: 197 }],
    // np = 990, 1.96·√9.9 = 6.17
    [99, 1_000, { position: 990, low: 983, high: 997 }],
    // np = 50.5: the next position is the first with half of the records at or below it
    [50, 101, { position: 51, low: 40, high: 61 }],
    [99.9, 10_000, { position: 9_990, low: 9_983, high: 9_997 }],
  ])("p%d of %d records is where it was computed by hand", (p, n, ranks) => {
    expect(ranksOf(p, n)).toEqual(ranks);
  });

  it("lies within its bounds, which lie within the records", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 999 }),
        fc.integer({ min: 0, max: 300_000 }),
        (tenths, more) => {
          const p = tenths / 10;
          const n = recordsNeeded(p) + more;
          const ranks = ranksOf(p, n);
          if (ranks === null) throw new Error("there are enough records");
          expect(ranks.low).toBeGreaterThanOrEqual(1);
          expect(ranks.low).toBeLessThanOrEqual(ranks.position);
          expect(ranks.position).toBeLessThanOrEqual(ranks.high);
          expect(ranks.high).toBeLessThanOrEqual(n);
        },
      ),
    );
  });

  it.each([
    [50, 60],
    [95, 400],
    [99, 1_200],
  ])("p%d of %d records has bounds that hold about 95 times in 100", (p, n) => {
    const random = new RandomSource(7);
    const ranks = ranksOf(p, n);
    if (ranks === null) throw new Error("there are enough records");
    const trials = 1_000;
    let held = 0;
    for (let trial = 0; trial < trials; trial += 1) {
      // Of a uniform latency from 0 to 100 the percentile is p itself, whatever the shape.
      const sample = Array.from({ length: n }, () => 100 * random.next()).toSorted((a, b) => a - b);
      const [low, high] = [sample[ranks.low - 1] ?? 0, sample[ranks.high - 1] ?? 0];
      if (low <= p && p <= high) held += 1;
    }
    expect(held / trials).toBeGreaterThan(0.93);
    expect(held / trials).toBeLessThan(0.995);
  });
});
