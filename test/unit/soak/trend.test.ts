/** The soak's verdict on memory: planted leaks are found, noise and warm-up are none, and little data proves nothing. */
import { expect, test } from "vitest";
import { seeded } from "../../../bench/chaos/random.ts";
import { afterWarmUp, judgeGrowth, type Reading, slopeOf } from "../../../bench/soak/trend.ts";

const MIB = 2 ** 20;
/** What is tolerated in these tests, in bytes an hour. */
const TOLERATED = 8 * MIB;

interface Planted {
  readonly seed?: number;
  readonly minutes?: number;
  /** Growth in MiB an hour. */
  readonly leak?: number;
  /** Standard deviation in MiB of each step, and how much of the last step's stays. */
  readonly noise?: number;
  readonly memory?: number;
  /** What a collector lets grow in MiB before it takes it away, in cycles of so many minutes. */
  readonly sawtooth?: number;
  /** What caches fill up to in MiB, by half every two minutes. */
  readonly warmUp?: number;
}

/** A reading every ten seconds. */
function planted(options: Planted): Reading[] {
  const { seed = 1, minutes = 60, leak = 0, noise = 1, memory = 0 } = options;
  const { sawtooth = 0, warmUp = 0 } = options;
  const random = seeded(seed);
  let wandering = 0;
  return Array.from({ length: minutes * 6 }, (_, index) => {
    const minute = index / 6;
    // Of a normal distribution, by Box and Muller.
    const normal =
      Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
    wandering = memory * wandering + noise * normal;
    const bytes =
      200 +
      wandering +
      (leak * minute) / 60 +
      sawtooth * ((minute / 3) % 1) +
      warmUp * (1 - 0.5 ** (minute / 2));
    return { hours: minute / 60, bytes: bytes * MIB };
  });
}

const verdictOf = (readings: readonly Reading[]) => judgeGrowth(readings, TOLERATED).verdict;

test("a line without noise is known exactly", () => {
  const { slope, low, high } = slopeOf(planted({ leak: 30, noise: 0 }));
  for (const each of [slope, low, high]) expect(each / MIB).toBeCloseTo(30, 6);
});

test.each<[string, Planted]>([
  ["a slow one", { leak: 14 }],
  ["one in noise that lasts", { leak: 60, memory: 0.9, noise: 2 }],
  ["one below a collector's saw", { leak: 40, sawtooth: 20 }],
  ["one behind a warm-up", { leak: 30, warmUp: 80 }],
])("a planted leak is found: %s", (_, options) => {
  expect(verdictOf(afterWarmUp(planted(options), 0.25))).toBe("leak");
});

test("a leak that begins late is found", () => {
  const late = planted({}).map(({ hours, bytes }) => ({
    hours,
    bytes: bytes + Math.max(0, hours - 0.6) * 200 * MIB,
  }));
  expect(verdictOf(late)).toBe("leak");
});

test.each<[string, Planted]>([
  ["noise", { noise: 3 }],
  ["noise that lasts", { memory: 0.8, noise: 1 }],
  ["a collector's saw", { sawtooth: 20 }],
  ["a leak too slow to matter", { leak: 3 }],
  ["memory that is given back", { leak: -30 }],
])("no leak is seen in %s over an hour", (_, options) => {
  expect(verdictOf(planted(options))).toBe("no leak");
});

test("warm-up looks like growth: it is left out, and where it is not, it slows down", () => {
  const readings = planted({ warmUp: 80 });
  expect(slopeOf(readings).slope).toBeGreaterThan(TOLERATED);
  expect(verdictOf(readings)).toBe("not proven");
  expect(verdictOf(afterWarmUp(readings, 0.25))).toBe("no leak");
});

test.each<[string, Reading[]]>([
  ["nothing", []],
  ["two readings, which always lie on a line", planted({}).slice(0, 2)],
  ["readings of one moment", [1, 2, 3, 4].map((bytes) => ({ hours: 1, bytes }))],
  ["ten minutes of much noise", planted({ minutes: 10, noise: 10 })],
  ["an hour of noise that hardly changes", planted({ memory: 0.999, noise: 2 })],
])("%s proves nothing", (_, readings) => {
  expect(verdictOf(readings)).toBe("not proven");
});

test("the interval holds the true slope about as often as it says, where noise lasts", () => {
  const slopes = Array.from({ length: 200 }, (_, seed) =>
    slopeOf(planted({ seed, leak: 20, memory: 0.8 })),
  );
  const held = slopes.filter(({ low, high }) => low <= 20 * MIB && high >= 20 * MIB);
  expect(held.length).toBeGreaterThan(0.9 * slopes.length);
  // Intervals of any width would hold it.
  const widths = slopes.map(({ low, high }) => (high - low) / MIB);
  expect(Math.max(...widths)).toBeLessThan(10);
});
