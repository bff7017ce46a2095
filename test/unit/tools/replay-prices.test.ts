/** Savings and the spend they are held against are at one list of prices, also where prices changed since the import. */
import { describe, expect, it } from "vitest";
import { duplicateResponseOpportunity } from "../../../src/tools/duplicate-response-opportunity.ts";
import { portfolioRoi } from "../../../src/tools/portfolio-roi.ts";
import { promptCacheOpportunity } from "../../../src/tools/prompt-cache-opportunity.ts";
import type { PriceLookup } from "../../../src/usage/prices.ts";
import { askTool, callsOf, dollars, figureOf } from "./ask-tool.ts";

const HOUR = 3_600_000;
const start = Date.UTC(2026, 8, 1);
/** Ten days of a call an hour, every second of them the one before again: half of it is for nothing. */
const calls = callsOf(240, (index) => ({
  ts: start + index * HOUR,
  request_temperature: 0,
  prompt_hmac: `prompt-${Math.floor(index / 2)}`,
}));
const unpriced: PriceLookup = () => null;
const doubled: PriceLookup = () => ({
  rates: { input: 2, cache_read: 2, cache_write: 2, output: 2 },
  version: "contract@2",
});

describe("calls that cost something else now than when they came in", () => {
  it("save a share of what they cost now, by today's list, and that is said", async () => {
    const as = async (prices: PriceLookup, pricesNow: PriceLookup) =>
      (await askTool(duplicateResponseOpportunity, calls, { prices, pricesNow })).answer;
    const before = await as(dollars, dollars);
    expect(before).toMatchObject({
      window_saving_usd: { value: 120 },
      saving_pct: 50,
      price_version: "test@1",
      coverage_pct: 100,
    });
    expect(before.assumptions.join(" ")).not.toContain("today's");
    for (const then of [dollars, unpriced]) {
      const { assumptions, ...after } = await as(then, doubled);
      expect(after).toMatchObject({
        window_saving_usd: { value: 240 },
        saving_pct: 50,
        price_version: "contract@2",
        coverage_pct: 100,
      });
      const paid = then === unpriced ? "$0.00" : "$240.00";
      expect(assumptions).toContain(
        `The prices of 240 calls are others than when they came in: they are taken at today's, by which the single calls cost $480.00, not ${paid}.`,
      );
    }
  });

  it("have no saving where their price is gone", async () => {
    const { answer } = await askTool(duplicateResponseOpportunity, calls, {
      prices: dollars,
      pricesNow: unpriced,
    });
    expect(answer).toMatchObject({ value: null, saving_pct: null, coverage_pct: 0 });
  });

  it("cost a month what a portfolio's savings are taken from, beside sums, which stay as they were", async () => {
    const sums = callsOf(1, () => ({
      record_id: "bucket",
      ts: start,
      granularity: "bucket",
      n_requests: 9,
    }));
    const { answer, findings } = await askTool(portfolioRoi, [...calls, ...sums], {
      prices: dollars,
      pricesNow: doubled,
    });
    expect(figureOf(findings, "total saving share")).toBeCloseTo((100 * 240) / 481, 4);
    expect(answer.price_version).toBe("contract@2");
  });
});

describe("keeping prompts for an hour", () => {
  const blocks = calls.map((call) => ({
    ...call,
    block_hmacs: [{ hmac: "shared", tokens: 9e5 }],
  }));
  const assumptions = async (cache_write_1h?: number) => {
    const rates = { input: 1, cache_read: 0.1, cache_write: 1.25, cache_write_1h, output: 1 };
    const prices: PriceLookup = () => ({ rates, version: "contract@1" });
    const given = { prices, args: { ttl: "1h" } };
    return (await askTool(promptCacheOpportunity, blocks, given)).answer.assumptions.join(" ");
  };
  const MISSING = "No price for keeping tokens an hour is known of gpt-5.4";

  it("says where no price for that is known", async () => {
    expect(await assumptions()).toContain(MISSING);
    expect(await assumptions(2)).not.toContain(MISSING);
  });
});
