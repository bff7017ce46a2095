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

async function summaryOf(records: readonly UsageRecord[]): Promise<string> {
  const tool = usageSummary({
    usage: storeOf(records),
    workspaces: absentWorkspaces(),
    clock: systemClock,
  });
  const { output } = await tool.execute({}, toolContext());
  return z.object({ summary: z.string() }).parse(output).summary;
}

describe("the summary", () => {
  it("leads with a computed cost that is far from the reported one", async () => {
    expect(await summaryOf([usageRecord({ cost_reported: 0.008 })])).toMatch(
      /^\*\*The computed cost does not match the reported one\*\*: \$0\.004 computed against \$0\.008 reported, over 1 records \(-50%\)\./,
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

  it("calls a cost unknown that no price list can compute", async () => {
    expect(await summaryOf([usageRecord({ provider: "self-hosted" })])).toContain(
      "at an unknown cost: no record has a known price.",
    );
  });
});
