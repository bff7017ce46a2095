/** Measurements by turns: each is first, second and last as often as every other. */
import { expect, test } from "vitest";
import { rotated } from "../../../bench/rotated.ts";

test("each goes first in its turn, and nobody is left out", () => {
  const rounds = [0, 1, 2, 3].map((round) => rotated(["a", "b", "c"], round).join(""));
  expect(rounds).toEqual(["abc", "bca", "cab", "abc"]);
});

test("of nobody there is no turn", () => {
  expect(rotated([], 5)).toEqual([]);
});
