/** The chaos bench's state: faults come at their share, never all too late, and one seed repeats them. */
import { expect, test } from "vitest";
import { seeded } from "../../../bench/chaos/random.ts";
import { drawStateFates, NO_FAULTS, strikes } from "../../../bench/chaos/state-faults.ts";

const CALLS = 10_000;
const HURT = { queries: 0.1, lives: 0.2, seed: 7 };

/** How many calls lie between one strike and the next. */
function distances(share: number): number[] {
  const strike = strikes(seeded(1), share);
  const struckAt = Array.from({ length: CALLS }, (_, call) => (strike() ? [call + 1] : [])).flat();
  return struckAt.map((at, index) => at - (struckAt[index - 1] ?? 0));
}

test.each([0.05, 0.2, 0.5])(
  "a share of %s strikes as often, and within twice the distance",
  (share) => {
    const between = distances(share);
    expect(Math.abs(between.length / CALLS / share - 1)).toBeLessThan(0.1);
    expect(Math.max(...between)).toBeLessThan(2 / share);
    expect(Math.min(...between)).toBe(1);
  },
);

test("whatever is to be hurt is hurt, and nothing else is", () => {
  const all = Array.from({ length: 20 }, drawStateFates(HURT).query);
  expect(all.some((fault) => fault !== null)).toBe(true);
  const fates = drawStateFates(NO_FAULTS);
  for (let call = 0; call < CALLS; call += 1) {
    expect(fates.query()).toBeNull();
    expect(fates.death()).toBeNull();
  }
});

test("every kind of fault comes, and a seed repeats them all", () => {
  const drawn = (seed: number) =>
    Array.from({ length: CALLS }, drawStateFates({ ...HURT, seed }).query);
  expect(new Set(drawn(7))).toEqual(new Set([null, "lost", "overloaded", "committed", "late"]));
  expect(drawn(7)).toEqual(drawn(7));
  expect(drawn(7)).not.toEqual(drawn(8));
});
