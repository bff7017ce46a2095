/** Recovery: three deaths at one step end a run, and nothing else but a long standstill does. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CutOff, recover } from "../../../src/core/recovery.ts";

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;

/** A life that took the run up ten seconds ago, and got a step further five seconds ago. */
function life(known: Partial<CutOff> = {}): CutOff {
  const recent = { claimedAt: NOW - 10_000, progressAt: NOW - 5_000 };
  return { ...recent, codeVersion: "v1", deaths: 0, ...known };
}

describe("a run is given up", () => {
  test("with its third death at one step", () => {
    const { deaths, givenUp } = recover(life({ deaths: 2 }), NOW, "v1");
    expect(deaths).toBe(3);
    expect(givenUp).toMatchObject({ code: "run_interrupted", message: /3 times at the same step/ });
  });

  test("when it got no further for a quarter of an hour, whatever ended its lives", () => {
    const standing = { claimedAt: NOW - 2 * MINUTE, progressAt: NOW - 15 * MINUTE };
    for (const codeVersion of ["v1", "v2"]) {
      const { givenUp } = recover(life({ ...standing, codeVersion }), NOW, "v1");
      expect(givenUp).toMatchObject({ code: "run_interrupted", message: /15 minutes/ });
    }
  });
});

describe("a run carries on", () => {
  test("after its first two deaths, which are counted", () => {
    expect(recover(life(), NOW, "v1")).toEqual({ deaths: 1, givenUp: null });
    expect(recover(life({ deaths: 1 }), NOW, "v1")).toEqual({ deaths: 2, givenUp: null });
  });

  test("after every update of the code, and none is counted", () => {
    expect(recover(life({ deaths: 2 }), NOW, "v2")).toEqual({ deaths: 2, givenUp: null });
  });

  test("after a life so long at one step that only an eviction can have ended it", () => {
    const long = { claimedAt: NOW - MINUTE, progressAt: NOW - MINUTE, deaths: 2 };
    expect(recover(life(long), NOW, "v1")).toEqual({ deaths: 2, givenUp: null });
  });
});

test("whatever ends its lives, deaths never grow by more than one, and never shrink", () => {
  const times = fc.record({
    claimedAt: fc.integer({ min: NOW - 20 * MINUTE, max: NOW }),
    progressAt: fc.integer({ min: NOW - 20 * MINUTE, max: NOW }),
    deaths: fc.nat(2),
    codeVersion: fc.constantFrom("v1", "v2"),
  });
  fc.assert(
    fc.property(times, (cutOff) => {
      const { deaths, givenUp } = recover(cutOff, NOW, "v1");
      expect([cutOff.deaths, cutOff.deaths + 1]).toContain(deaths);
      if (deaths >= 3) expect(givenUp).not.toBeNull();
    }),
  );
});
