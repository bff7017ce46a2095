/** The chaos bench's catch-ups: what a user waited, and what of it was not the kill's. */
import { expect, test } from "vitest";
import { timesOfCatchUps } from "../../../bench/chaos/catch-up.ts";

const OUTAGES = [
  { killedAt: 1_000, readyAt: 1_400 },
  { killedAt: 2_000, readyAt: 2_500 },
];

const timesOf = (lostAt: number, caughtUpAt: number) =>
  timesOfCatchUps([{ lostAt, caughtUpAt }], OUTAGES);

test("a loss while the product is up is all the client's", () => {
  expect(timesOf(1_500, 1_900)).toEqual({ up: [400], down: [], downLessOutages: [] });
});

test.each<[string, number, number, number]>([
  ["noticed by a kill counts from the product's being there again", 1_000, 1_450, 50],
  ["noticed before a kill counts that time too", 900, 1_450, 150],
  ["noticed after a kill counts from the product's being there again", 1_200, 1_450, 50],
  ["that two kills meet counts all for which the product was there", 1_000, 2_600, 700],
  ["caught up with before /health answers kept nobody waiting", 1_000, 1_300, 0],
])("a loss %s", (_, lostAt, caughtUpAt, left) => {
  expect(timesOf(lostAt, caughtUpAt)).toEqual({
    up: [],
    down: [caughtUpAt - lostAt],
    downLessOutages: [left],
  });
});
