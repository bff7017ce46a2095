/** What a model comparison may say, and what it leaves unsaid. */
import { describe, expect, it } from "vitest";
import { compareModels } from "../../../src/usage/comparison.ts";
import { cataloguePrices, priceRecord } from "../../../src/usage/prices.ts";
import type { PricedRecord } from "../../../src/usage/record.ts";
import type { ModelLatency, UsageGroup } from "../../../src/usage/store.ts";
import { sumsOf, usageRecord } from "./records.ts";

const options = { prices: cataloguePrices, at: Date.UTC(2026, 9, 21), limit: 10 };

const gpt = priceRecord(
  usageRecord({ input_tokens: 4_000, cache_read_tokens: 1_000, output_tokens: 500 }),
  cataloguePrices,
);
const claude = priceRecord(
  usageRecord({
    provider: "anthropic",
    request_model: "claude-haiku-4-5",
    service_tier: "batch",
    input_tokens: 2_000,
    output_tokens: 100,
  }),
  cataloguePrices,
);
const own = priceRecord(
  usageRecord({ provider: "self-hosted", request_model: "atlas-70b-instruct", status: "error" }),
  cataloguePrices,
);

function groupsOf(records: readonly PricedRecord[]): UsageGroup[] {
  return records.map((record) => ({
    key: [record.provider, record.request_model, record.service_tier],
    sums: sumsOf([record]),
  }));
}

function latency(records: number): ModelLatency {
  return { provider: "openai", model: "gpt-5.4", records, p50_ms: 1_000, p95_ms: 3_000 };
}

describe("a model comparison", () => {
  it.each([
    [0, null, null],
    [19, null, null],
    [20, 1_000, null],
    [199, 1_000, null],
    [200, 1_000, 3_000],
  ])("of %i latencies gives p50 %s and p95 %s", (records, p50, p95) => {
    const { models } = compareModels(groupsOf([gpt]), records ? [latency(records)] : [], options);
    expect(models[0]).toMatchObject({
      latency_records: records,
      latency_p50_ms: p50,
      latency_p95_ms: p95,
    });
  });

  it("never prices a model without a price, neither its own tokens nor others' on it", () => {
    const { models } = compareModels(groupsOf([gpt, own]), [], options);
    const [first, second] = models;
    expect(first?.same_tokens.alternatives).toEqual([]);
    expect(second).toMatchObject({ cost_usd: null, cost_per_1k_requests_usd: null });
    expect(second?.same_tokens).toMatchObject({
      own_cost_usd: null,
      alternatives: [{ model: "gpt-5.4", gap_usd: null }],
    });
  });

  it("simulates the same tokens on the other models, as a price gap and nothing more", () => {
    const { models } = compareModels(groupsOf([gpt, claude]), [], options);
    // 3,000 uncached at $1, 1,000 read at $0.10 and 500 out at $5 a million.
    const onClaude = (3_000 * 1 + 1_000 * 0.1 + 500 * 5) / 1e6;
    expect(models[0]?.same_tokens).toEqual({
      basis: "simulated",
      note: "price gap only, quality unknown",
      own_cost_usd: gpt.cost_computed,
      alternatives: [
        {
          provider: "anthropic",
          model: "claude-haiku-4-5",
          cost_usd: expect.closeTo(onClaude, 12),
          gap_usd: expect.closeTo(onClaude - (gpt.cost_computed ?? 0), 12),
        },
      ],
    });
  });

  it("keeps a batch a batch on the other model", () => {
    const { models } = compareModels(groupsOf([gpt, claude]), [], options);
    const [alternative] = models[1]?.same_tokens.alternatives ?? [];
    expect(alternative?.cost_usd).toBeCloseTo((0.5 * (2_000 * 2.5 + 100 * 15)) / 1e6, 12);
  });

  it("adds a model's tiers up, and says how many models it leaves out", () => {
    const batch = priceRecord({ ...gpt, service_tier: "batch" }, cataloguePrices);
    const { models, leftOut } = compareModels(groupsOf([gpt, claude, batch]), [], {
      ...options,
      limit: 1,
    });
    expect(leftOut).toBe(1);
    expect(models).toHaveLength(1);
    expect(models[0]).toMatchObject({
      requests: 2,
      cost_usd: expect.closeTo((gpt.cost_computed ?? 0) * 1.5, 12),
      tokens_per_request: 4_500,
      cache_read_share_pct: 25,
      error_rate_pct: 0,
    });
  });
});
