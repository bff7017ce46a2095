/** The data of a chart as its drawing and its table take it. */
import { expect, test } from "vitest";
import { boundsOf, haveBounds, rowsOf } from "../../../../src/web/report/chart-rows.ts";
import { REPORT } from "./sample-report.ts";

const [spend, breakdown] = REPORT.charts;

test("series share their rows, by x, in the order they tell of it", () => {
  expect(
    spend && rowsOf(spend).map(({ x, points }) => [x, points.map((point) => point?.y)]),
  ).toEqual([
    ["2026-11-20", [70, undefined]],
    ["2026-11-21", [undefined, 80]],
  ]);
});

test("a point whose bounds are itself has none, and neither has one without a value", () => {
  expect(boundsOf({ x: "a", y: 1, low: 0.5, high: 2 })).toEqual([0.5, 2]);
  expect(boundsOf({ x: "a", y: 1, low: 1, high: 1 })).toBeNull();
  expect(boundsOf({ x: "a", y: null, low: null, high: null })).toBeNull();
  expect(boundsOf(null)).toBeNull();
  expect(spend && haveBounds(spend)).toEqual([false, true]);
  expect(breakdown && haveBounds(breakdown)).toEqual([false]);
});
