/** Which fact a figure opens, where several could be meant. */
import { expect, test } from "vitest";
import { GroundedText } from "../../../src/core/grounding/grounded-text.ts";
import { CallId } from "../../../src/protocol/ids.ts";

const FACTS = [
  {
    id: "portfolio_roi.total",
    name: "total monthly saving",
    value: 48.69,
    unit: "USD a month",
    interval: { low: 46.85, high: 54.38 },
  },
  { id: "action_plan.total", name: "total monthly saving", value: 48.69, unit: "USD a month" },
  { id: "anomaly_scan.days", name: "days of unusual cost", value: 2, unit: "days" },
  { id: "usage_summary.failed", name: "failed calls", value: 107, unit: "calls" },
  { id: "usage_summary.priced", name: "priced share", value: 100, unit: "%" },
  { id: "prompt_cache.reached", name: "reached cache hits", value: 100, unit: "%" },
  { id: "usage_summary.error_rate", name: "error rate", value: 3.458, unit: "%" },
  { id: "waste.share", name: "wasted share of the cost", value: 3.02, unit: "%" },
  { id: "waste.timeout", name: "wasted on timeout", value: 0, unit: "USD" },
  { id: "waste.limit", name: "wasted on rate limit", value: 0, unit: "USD" },
];

function cited(text: string) {
  const content = JSON.stringify({ facts: FACTS });
  const grounded = new GroundedText([{ role: "tool", callId: CallId.parse("call"), content }]);
  const told = grounded.push(text, true);
  return grounded.grounding.citations.map(({ offset, length, fact_id }) => [
    told.slice(offset, offset + length),
    fact_id,
  ]);
}

test.each([
  [
    "of one fact from two tools, the one computed first",
    "It saves $48.69.",
    [["$48.69", "portfolio_roi.total"]],
  ],
  [
    "as a bound, the fact whose interval it bounds",
    "It is $48.69 ($46.85 to $54.38).",
    [
      ["$48.69", "portfolio_roi.total"],
      ["$46.85", "portfolio_roi.total"],
      ["$54.38", "portfolio_roi.total"],
    ],
  ],
  [
    "of two meanings, the one that the sentence names",
    "Some cache. The price is known for 100% of it.",
    [["100%", "usage_summary.priced"]],
  ],
  [
    "of two meanings, the one that the row names",
    "\n| rate limit | $0.00 |",
    [["$0.00", "waste.limit"]],
  ],
  [
    "of two meanings that no word tells apart, the one that is written so",
    "It came to nothing (3% of it, and 3.5% of all).",
    [
      ["3%", "waste.share"],
      ["3.5%", "usage_summary.error_rate"],
    ],
  ],
  [
    "of two meanings, the one that the sentence names before the one that is written so",
    "The error rate is 3%.",
    [["3%", "usage_summary.error_rate"]],
  ],
  ["of two meanings that nothing tells apart, none", "It was 100% or $0.00.", []],
  ["without a unit, none", "\n| 2 | 107 |", []],
  ["of another unit, none", "It is $107 and 2%.", []],
])("%s", (_, text, expected) => {
  expect(cited(text)).toEqual(expected);
});
