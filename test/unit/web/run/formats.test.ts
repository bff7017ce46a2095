/** Figures as the page writes them. */
import { describe, expect, test } from "vitest";
import {
  formatCost,
  formatDuration,
  formatFigure,
  formatUsage,
} from "../../../src/web/run/format.ts";
import { USAGE } from "../client/frames.ts";

describe("a figure is written so that", () => {
  test.each([
    [0.4, "0 ms"],
    [999.4, "999 ms"],
    [1_000, "1.0 s"],
    [59_949, "59.9 s"],
    [59_950, "1 min 0 s"],
    [125_000, "2 min 5 s"],
  ])("a duration of %d ms reads %s", (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });

  test.each([
    [0, "$0"],
    [0.00001, "< $0.0001"],
    [0.0123, "$0.0123"],
    [12.3, "$12.30"],
  ])("a cost of %d dollars reads %s", (dollars, text) => {
    expect(formatCost(dollars)).toBe(text);
  });

  test("a finding's value keeps six digits and no noise", () => {
    expect(formatFigure(1234.5)).toBe("1,234.5");
    expect(formatFigure(0.1 + 0.2)).toBe("0.3");
  });

  test("an unknown price is said to be unknown, never shown as free", () => {
    expect(formatUsage({ ...USAGE, cost_usd: null })).toBe(
      "1,200 tokens in, 34 out · cost unknown",
    );
  });

  test("an estimate is called one", () => {
    expect(formatUsage({ ...USAGE, estimated: true })).toBe(
      "about 1,200 tokens in, 34 out · about $0.0123",
    );
  });
});
