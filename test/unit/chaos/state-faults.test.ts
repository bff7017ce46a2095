/** The chaos bench's state: faults come at their share, never all too late, and one seed repeats them. */
import { expect, test } from "vitest";
import { seeded } from "../../../bench/chaos/random.ts";
import {
  ASKED,
  drawStateFates,
  failureOf,
  NO_FAULTS,
  strikes,
} from "../../../bench/chaos/state-faults.ts";

const CALLS = 10_000;

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

test.each(ASKED)("of %s whatever is to be hurt is hurt, and nothing else is", (asked) => {
  const { fault } = drawStateFates({ ...NO_FAULTS, [asked]: 0.1 });
  const others = ASKED.filter((other) => other !== asked);
  const drawn = Array.from({ length: CALLS }, () => fault(asked));
  expect(drawn.slice(0, 20).some((each) => each !== null)).toBe(true);
  expect(new Set(drawn)).toEqual(new Set([null, "lost", "overloaded", "committed", "late"]));
  for (const other of others) expect(fault(other)).toBeNull();
});

test("where nothing is to be hurt, nothing is", () => {
  const fates = drawStateFates(NO_FAULTS);
  for (let call = 0; call < CALLS; call += 1) {
    for (const asked of ASKED) expect(fates.fault(asked)).toBeNull();
    expect(fates.death()).toBeNull();
  }
});

test("a seed repeats them all", () => {
  const drawn = (seed: number) => {
    const { fault } = drawStateFates({ ...NO_FAULTS, queries: 0.1, seed });
    return Array.from({ length: CALLS }, () => fault("queries"));
  };
  expect(drawn(7)).toEqual(drawn(7));
  expect(drawn(7)).not.toEqual(drawn(8));
});

test("what failed says so as the platform would: whether it may be tried again", () => {
  expect(failureOf("calls", "lost")).toMatchObject({ retryable: true });
  expect(failureOf("calls", "overloaded")).toMatchObject({ overloaded: true });
  expect(failureOf("calls", "committed")).not.toHaveProperty("retryable");
  expect(failureOf("queries", "lost").message).toMatch(/^D1_ERROR/);
  expect(failureOf("cache", "overloaded").message).toMatch(/^KV .*429/);
});
