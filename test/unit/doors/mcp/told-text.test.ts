import { expect, it } from "vitest";
import { SAMPLE_NOTICE } from "../../../../src/core/sample-notice.ts";
import { toldText, toldTogether } from "../../../../src/doors/mcp/tools/told-text.ts";

const SUMMARY = "It cost $5.00.";
const SAMPLE = { assumptions: [SAMPLE_NOTICE], summary: SUMMARY };
const STALE = {
  summary: SUMMARY,
  degraded: { reason: "ClickHouse is away.", action: "The last good answer is given." },
};

it("tells an analysis as its summary, or as all of it where there is none", () => {
  expect(toldText({ summary: SUMMARY })).toBe(SUMMARY);
  expect(toldText({ value: 5 })).toBe('{"value":5}');
});

it("says first that the records are the sample company's, or that the answer is an older one", () => {
  expect(toldText(SAMPLE)).toBe(`${SAMPLE_NOTICE}\n\n${SUMMARY}`);
  expect(toldText(STALE)).toBe(`ClickHouse is away. The last good answer is given.\n\n${SUMMARY}`);
});

it("says so once of several, and of each that failed why", () => {
  const part = (tool: string, output: typeof SAMPLE | null, problem: string | null = null) => ({
    tool,
    output,
    problem,
  });
  const told = toldTogether([
    part("cost_breakdown", SAMPLE),
    part("usage_summary", SAMPLE),
    part("anomaly_scan", null, "It took too long."),
  ]);
  expect(told).toBe(
    `${SAMPLE_NOTICE}\n\n### cost breakdown\n\n${SUMMARY}\n\n### usage summary\n\n${SUMMARY}\n\n### anomaly scan\n\nIt took too long.`,
  );
});
