/** How figures and names are written: with units, with honest digits, and as plain text. */
import { describe, expect, it } from "vitest";
import {
  count,
  milliseconds,
  percentage,
  signedUsd,
  usd,
} from "../../../src/core/grounding/figures.ts";

describe("a figure", () => {
  it.each([
    [usd(null), "unknown"],
    [usd(0), "$0.00"],
    [usd(1_234.5), "$1,234.50"],
    [usd(0.0123456), "$0.0123"],
    [usd(-3), "-$3.00"],
    [signedUsd(null), "unknown"],
    [signedUsd(1.2), "+$1.20"],
    [signedUsd(-0.004), "-$0.004"],
    [count(1_234_567.4), "1,234,567"],
    [count(null), "unknown"],
    [percentage(12.345), "12.3%"],
    [percentage(null), "unknown"],
    [milliseconds(1_499.6), "1,500 ms"],
    [milliseconds(null), "unknown"],
  ])("is written %s", (written, expected) => {
    expect(written).toBe(expected);
  });
});
