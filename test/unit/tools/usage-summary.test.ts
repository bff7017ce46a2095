/** How the usage summary puts unusual records into words. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { systemClock } from "../../../src/core/clock.ts";
import { usageSummary } from "../../../src/tools/usage-summary.ts";
import { cataloguePrices, priceRecord } from "../../../src/usage/prices.ts";
import type { UsageRecord } from "../../../src/usage/record.ts";
import type { UsageStore } from "../../../src/usage/store.ts";
import { absentStore, absentWorkspaces } from "../usage/absent-store.ts";
import { sumsOf, usageRecord } from "../usage/records.ts";
import { toolContext } from "./context.ts";

/** A store of the given records, all of them in every scope. */
function storeOf(records: readonly UsageRecord[]): UsageStore {
  const sums = sumsOf(records.map((record) => priceRecord(record, cataloguePrices)));
  const extent = { first: 0, last: systemClock.now(), records: records.length };
  return absentStore({
    extent: () => Promise.resolve({ ...extent, imported: extent }),
    groups: () => Promise.resolve([{ key: [], sums }]),
    priceVersions: () => Promise.resolve([]),
    examples: () => Promise.resolve([]),
  });
}

function answerOf(records: readonly UsageRecord[]) {
  const tool = usageSummary({
    usage: storeOf(records),
    workspaces: absentWorkspaces(),
    clock: systemClock,
  });
  return tool.execute({}, toolContext());
}

async function summaryOf(records: readonly UsageRecord[]): Promise<string> {
  const { output } = await answerOf(records);
  return z.object({ summary: z.string() }).parse(output).summary;
}

describe("the summary", () => {
  it("gives no number of requests, and says why, where a source does not tell it", async () => {
    const bucket = { granularity: "bucket", n_requests: 0, context_tokens: 200_000 } as const;
    const records = [usageRecord(), usageRecord({ ...bucket, record_id: "bucket" })];
    const { output, findings } = await answerOf(records);
    expect(output).toMatchObject({ requests: null, error_rate_pct: null });
    expect(JSON.stringify(output)).toContain(
      "1 record is a sum of calls whose number its source does not tell",
    );
    expect(findings.map(({ name }) => name)).not.toContain("requests");
    expect(await summaryOf(records)).toContain("an unknown number of requests used");
  });

  it("leads with a computed cost that is far from the reported one", async () => {
    expect(await summaryOf([usageRecord({ cost_reported: 0.008 })])).toMatch(
      /^\*\*The computed cost does not match the reported one\*\*: \$0\.004 computed against \$0\.008 reported, over 1 record \(-50%\)\./,
    );
  });

  it("does not mention a cost that matches within five percent", async () => {
    expect(await summaryOf([usageRecord({ cost_reported: 0.0041 })])).not.toContain(
      "does not match",
    );
  });

  it("tells the share of the reported cost whose price is known, where any is reported", async () => {
    const records = [
      usageRecord({ record_id: "known", cost_reported: 3 }),
      usageRecord({ record_id: "unknown", provider: "self-hosted", cost_reported: 1 }),
    ];
    expect(await summaryOf(records)).toContain(
      "The price is known for 75% of the cost that was reported.",
    );
    expect(await summaryOf([usageRecord()])).not.toContain("reported");
  });

  it("says how many records have no known price, however little of the cost is theirs", async () => {
    const records = [
      usageRecord({ record_id: "known", cost_reported: 3 }),
      usageRecord({ record_id: "unknown", provider: "self-hosted" }),
    ];
    expect(await summaryOf(records)).toContain(
      "The price is known for 100% of the cost that was reported. 1 of 2 records has no known price and is in no cost.",
    );
    expect(await summaryOf([usageRecord()])).not.toContain("no known price");
  });

  it("calls a cost unknown that no price list can compute", async () => {
    expect(await summaryOf([usageRecord({ provider: "self-hosted" })])).toContain(
      "at an unknown cost: no record has a known price.",
    );
  });
});
