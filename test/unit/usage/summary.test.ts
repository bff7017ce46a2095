/** What a usage summary says of a set of records, and what it cannot say. */
import { describe, expect, it } from "vitest";
import { cataloguePrices, priceRecord } from "../../../src/usage/prices.ts";
import { summarize } from "../../../src/usage/summary.ts";
import { NO_USAGE } from "../../../src/usage/sums.ts";
import { sumsOf, usageRecord } from "./records.ts";

describe("a usage summary", () => {
  it("has no rate of nothing", () => {
    expect(summarize(NO_USAGE)).toMatchObject({
      requests: 0,
      error_rate_pct: null,
      cache_read_share_pct: null,
      cost_usd: null,
      cost_per_1k_requests_usd: null,
      reconciliation: null,
    });
  });

  it("leaves unpriced requests out of the cost of a request", () => {
    const known = priceRecord(usageRecord(), cataloguePrices);
    const unknown = priceRecord(usageRecord({ provider: "self-hosted" }), cataloguePrices);
    expect(summarize(sumsOf([known, unknown])).cost_per_1k_requests_usd).toBeCloseTo(
      1_000 * (known.cost_computed ?? Number.NaN),
      9,
    );
  });

  it("leaves out every figure of a request where nobody knows how many there were", () => {
    const bucket = usageRecord({ granularity: "bucket", n_requests: 0, context_tokens: 200_000 });
    const records = [usageRecord(), bucket].map((record) => priceRecord(record, cataloguePrices));
    expect(summarize(sumsOf(records))).toMatchObject({
      requests: null,
      error_rate_pct: null,
      cost_per_1k_requests_usd: null,
      tokens: 2_200,
      cost_usd: expect.any(Number),
    });
  });

  it("reconciles the records that have both costs, and no others", () => {
    const computed = priceRecord(usageRecord(), cataloguePrices).cost_computed ?? Number.NaN;
    const records = [
      usageRecord({ cost_reported: computed / 2 }),
      usageRecord({ cost_reported: null }),
      usageRecord({ cost_reported: 9, provider: "self-hosted" }),
    ].map((record) => priceRecord(record, cataloguePrices));
    expect(summarize(sumsOf(records)).reconciliation).toEqual({
      records: 1,
      reported_usd: computed / 2,
      computed_usd: computed,
      gap_pct: 100,
    });
  });
});
