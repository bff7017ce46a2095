/** What fails a soak: a leak, a loss, and a soak that could not have seen either. */
import { expect, test } from "vitest";
import { NOTHING_WRONG } from "../../../bench/chaos/verdict.ts";
import { judgeMemory } from "../../../bench/soak/memory.ts";
import { asText, faultsOf, type Soaked } from "../../../bench/soak/report.ts";

const MEBIBYTE = 2 ** 20;
const TURNS_AN_HOUR = 12_000;

/** Memory over an hour, read every 15 s. @param growth in MiB an hour. */
function memory(growth: number) {
  const uses = Array.from({ length: 240 }, (_, index) => {
    const hours = index / 240;
    // What a collector leaves is never quite the same.
    const bytes = (100 + growth * hours + Math.sin(index ** 2)) * MEBIBYTE;
    return { at: hours * 3_600_000, liveBytes: bytes, residentBytes: bytes };
  });
  return judgeMemory(uses, TURNS_AN_HOUR);
}

const TALK = {
  turns: 12_000,
  failedTurns: 0,
  failures: [],
  cuts: 1_200,
  verified: 480,
  violations: NOTHING_WRONG,
};
const SOUND: Soaked = {
  talk: TALK,
  parts: memory(0),
  turnsAnHour: TURNS_AN_HOUR,
  restarts: 0,
  failedReadings: 0,
};

test("a soak in which nothing grew, failed or was lost has nothing against it", () => {
  expect(faultsOf(SOUND)).toEqual([]);
  expect(asText(SOUND)).toMatch(/live in the isolate .* no leak$/m);
});

test.each<[string, Partial<Soaked>, string]>([
  ["a leak", { parts: memory(60) }, "live in the isolate: leak"],
  ["a turn that came to nothing", { talk: { ...TALK, failedTurns: 1 } }, "1 turns came to nothing"],
  [
    "a loss",
    { talk: { ...TALK, violations: { ...NOTHING_WRONG, lost: ["thread x: a gap"] } } },
    "lost: 1",
  ],
  ["memory that nobody could read", { parts: judgeMemory([], TURNS_AN_HOUR) }, "was never read"],
  ["memory that began anew", { restarts: 1 }, "workerd ended 1 times"],
  ["nobody who talked", { talk: { ...TALK, turns: 0 } }, "nothing was said"],
])("%s fails it", (_, planted, fault) => {
  expect(faultsOf({ ...SOUND, ...planted }).join()).toContain(fault);
});

test("an interval that is too wide fails nothing: a longer soak must tell", () => {
  const readings = [0, 40, 0, 40, 0, 40, 0, 40].map((bytes, index) => ({
    at: index * 450_000,
    liveBytes: bytes * MEBIBYTE,
    residentBytes: bytes * MEBIBYTE,
  }));
  const parts = judgeMemory(readings, TURNS_AN_HOUR);
  expect(parts.map(({ growth }) => growth.verdict)).toEqual(["not proven", "not proven"]);
  expect(faultsOf({ ...SOUND, parts })).toEqual([]);
});
