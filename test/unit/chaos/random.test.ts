/** The chaos bench's chance: what can't be repeated can't be looked into. */
import { expect, test } from "vitest";
import { answerMarks } from "../../../bench/chaos/answer-marks.ts";
import { modelScript } from "../../../bench/chaos/model-faults.ts";
import { drawFate } from "../../../bench/chaos/network-faults.ts";
import { seeded } from "../../../bench/chaos/random.ts";

test("one seed gives a part the same sequence, whatever the others have drawn before", () => {
  const alone = seeded(7).branch("kills");
  const busy = seeded(7);
  busy.next();
  busy.branch("user 1").next();
  const late = busy.branch("kills");
  for (let draw = 0; draw < 10; draw += 1) expect(late.next()).toBe(alone.next());
});

test("another seed, and another name, give another sequence", () => {
  const draws = [seeded(7), seeded(8), seeded(7).branch("a"), seeded(7).branch("b")];
  expect(new Set(draws.map((random) => random.next())).size).toBe(draws.length);
});

test("over many connections every kind of fault comes up, from both sides, short and long", () => {
  const fates = Array.from({ length: 500 }, (_, index) =>
    drawFate(seeded(7).branch(`connection ${index}`), 0.7),
  );
  const faults = fates.flatMap(({ fault }) => (fault ? [fault] : []));
  const kinds = new Set(
    faults.map(
      ({ kind, side, lastsMs }) => `${kind} ${side} ${kind === "cut" || lastsMs > 30_000}`,
    ),
  );
  expect(kinds).toHaveLength(2 + 2 * 4);
  expect(faults.length / fates.length).toBeCloseTo(0.7, 1);
  expect(fates.some(({ delayMs }) => delayMs > 0)).toBe(true);
});

test("a model's script is repeated by its seed, and tears a character in two somewhere", () => {
  const script = modelScript(seeded(7).branch("life 0"));
  expect(modelScript(seeded(7).branch("life 0")).steps).toEqual(script.steps);
  expect(script.faults(0)).toBe(0);
  expect(script.faults(1_000)).toBeGreaterThan(script.faults(100));
  expect(script.steps.some(({ cut_after_bytes }) => cut_after_bytes !== undefined)).toBe(true);
});

test("no two answers of a model are alike, in all of its lives: one that strays is known", () => {
  const lives = ["life 0", "life 1"].map((life) => modelScript(seeded(7).branch(life)).steps);
  const marks = lives.flat().flatMap(({ text = "" }) => answerMarks(text));
  expect(new Set(marks).size).toBe(lives.flat().filter(({ text }) => text !== undefined).length);
});
