/** How the benches tell their figures: ranks as they are defined, and no percentile of too few values. */
import { expect, test } from "vitest";
import { median, percentile, spreadLine } from "../../../bench/report.ts";

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 2, 3], 2.5],
  [[7], 7],
])("the median of %j is %d", (values, middle) => {
  expect(median(values)).toBe(middle);
});

test("there is no median of nothing, and no percentile", () => {
  expect(median([])).toBeNaN();
  expect(percentile([], 0.99)).toBeNull();
  expect(spreadLine("nothing", [], "ms")).toMatch(/median – +highest – +of 0$/);
});

test("the 99th percentile is told of a hundred values, and of fewer the highest as such", () => {
  const values = Array.from({ length: 100 }, (_, index) => index + 1);
  expect(spreadLine("a turn", values, "ms")).toMatch(/median 50\.5 ms +p99 99\.0 ms +of 100$/);
  expect(spreadLine("a turn", values.slice(1), "ms")).toMatch(/highest 100\.0 ms +of 99$/);
});
