/** What a call costs: the catalogue's rates, the tiers it does not hold, and what stays unpriced. */
import { calcPrice } from "@pydantic/genai-prices";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import manifest from "../../../package.json" with { type: "json" };
import { PriceBody } from "../../../src/protocol/usage.ts";
import { withOverrides } from "../../../src/usage/price-overrides.ts";
import {
  CATALOGUE_VERSION,
  cataloguePrices,
  costOf,
  type PriceLookup,
  type PriceQuery,
  priceRecord,
  TIERS_VERSION,
} from "../../../src/usage/prices.ts";
import { usageRecord } from "./records.ts";

const query: PriceQuery = {
  provider: "openai",
  model: "gpt-5.4",
  serviceTier: null,
  at: Date.UTC(2026, 9, 20),
  contextTokens: 1_000,
};

const mixes = fc
  .record({
    plain: fc.nat(400_000),
    read: fc.nat(200_000),
    write: fc.nat(100_000),
    out: fc.nat(50_000),
  })
  .map(({ plain, read, write, out }) => ({
    input_tokens: plain + read + write,
    cache_read_tokens: read,
    cache_write_tokens: write,
    output_tokens: out,
  }));

describe("a price", () => {
  it.each([
    ["a model no list knows", { model: "atlas-70b-instruct" }],
    ["a provider no list knows, even for a known model", { provider: "self-hosted" }],
    ["a tier whose factor is not known", { serviceTier: "priority" }],
    [
      "a tier the provider does not offer",
      { provider: "anthropic", model: "claude-sonnet-5", serviceTier: "flex" },
    ],
  ])("is unknown for %s", (_, change) => {
    expect(cataloguePrices({ ...query, ...change })).toBeNull();
  });

  it.each(["standard", "default", "auto", null])("is the list price in the tier %s", (tier) => {
    expect(cataloguePrices({ ...query, serviceTier: tier })).toEqual({
      rates: { input: 2.5, cache_read: 0.25, cache_write: 2.5, output: 15 },
      version: CATALOGUE_VERSION,
    });
  });

  it.each([
    ["openai", "gpt-5.4", "batch"],
    ["openai", "gpt-5.4", "flex"],
    ["anthropic", "claude-sonnet-5", "batch"],
    ["google", "gemini-3.5-flash", "batch"],
  ])("is half for %s %s in the tier %s, and names the tier list", (provider, model, tier) => {
    const listed = cataloguePrices({ ...query, provider, model });
    const discounted = cataloguePrices({ ...query, provider, model, serviceTier: tier });
    expect(discounted?.version).toBe(`${CATALOGUE_VERSION}+${TIERS_VERSION}`);
    const mix = {
      input_tokens: 900,
      cache_read_tokens: 300,
      cache_write_tokens: 200,
      output_tokens: 77,
    };
    if (!listed || !discounted) throw new Error("both prices are known");
    expect(costOf(mix, discounted.rates)).toBeCloseTo(costOf(mix, listed.rates) / 2, 12);
  });

  it("rises with the context where the model's price does", () => {
    expect(cataloguePrices({ ...query, contextTokens: 300_000 })?.rates.input).toBe(5);
  });

  it("names the release of the catalogue that is installed", () => {
    expect(CATALOGUE_VERSION).toBe(
      `genai-prices@${manifest.dependencies["@pydantic/genai-prices"]}`,
    );
  });
});

describe("a cost", () => {
  it.each([
    ["openai", "gpt-5.4"],
    ["openai", "gpt-5.4-mini"],
    ["anthropic", "claude-sonnet-4-5"],
    ["google", "gemini-3.5-flash"],
  ])("is what the catalogue's own calculation says, for any tokens on %s %s", (provider, model) => {
    fc.assert(
      fc.property(mixes, (mix) => {
        const record = priceRecord(
          usageRecord({ ...mix, provider, request_model: model }),
          cataloguePrices,
        );
        const listed = calcPrice(mix, model, {
          providerId: provider,
          timestamp: new Date(record.ts),
        });
        if (!listed) throw new Error("the model has a price");
        expect(record.cost_computed).toBeCloseTo(listed.total_price, 9);
      }),
    );
  });

  it("doubles when prices double", () => {
    const doubled: PriceLookup = (asked) => {
      const price = cataloguePrices(asked);
      if (!price) return null;
      const { input, cache_read, cache_write, output } = price.rates;
      return {
        ...price,
        rates: {
          input: 2 * input,
          cache_read: 2 * cache_read,
          cache_write: 2 * cache_write,
          output: 2 * output,
        },
      };
    };
    fc.assert(
      fc.property(mixes, (mix) => {
        const once = priceRecord(usageRecord(mix), cataloguePrices).cost_computed ?? Number.NaN;
        expect(priceRecord(usageRecord(mix), doubled).cost_computed).toBeCloseTo(2 * once, 9);
      }),
    );
  });

  it("is that of the model that answered, or of the one asked for where that has no price", () => {
    const cost = (changes: Parameters<typeof usageRecord>[0]) =>
      priceRecord(usageRecord(changes), cataloguePrices).cost_computed;
    expect(cost({ response_model: "gpt-5.4-mini" })).toBe(cost({ request_model: "gpt-5.4-mini" }));
    expect(cost({ response_model: "gpt-internal-x" })).toBe(cost({}));
  });

  it("takes a bucket's context to be that of its average request", () => {
    const request = priceRecord(usageRecord({ input_tokens: 200_000 }), cataloguePrices);
    const bucket = priceRecord(
      usageRecord({
        input_tokens: 400_000,
        output_tokens: 200,
        n_requests: 2,
        granularity: "bucket",
      }),
      cataloguePrices,
    );
    expect(bucket.cost_computed).toBeCloseTo(2 * (request.cost_computed ?? Number.NaN), 9);
  });

  it("takes the context that a bucket states where nobody knows how many calls it sums up", () => {
    const bucket = { granularity: "bucket", n_requests: 0, input_tokens: 3_000_000 } as const;
    const model = { provider: "anthropic", request_model: "claude-sonnet-4-5" };
    const cost = (context_tokens: number) =>
      priceRecord(usageRecord({ ...model, ...bucket, context_tokens }), cataloguePrices)
        .cost_computed;
    const single = (input_tokens: number) =>
      priceRecord(usageRecord({ ...model, input_tokens, output_tokens: 0 }), cataloguePrices)
        .cost_computed ?? Number.NaN;
    const output = (rate: number) => (100 * rate) / 1e6;
    expect(cost(200_000)).toBeCloseTo(15 * single(200_000) + output(15), 9);
    expect(cost(1_000_000)).toBeCloseTo(10 * single(300_000) + output(22.5), 9);
  });

  it("stays unknown without a price, and says so", () => {
    const record = priceRecord(usageRecord({ provider: "self-hosted" }), cataloguePrices);
    expect(record).toMatchObject({ cost_computed: null, price_version: "unpriced" });
  });
});

describe("a price by contract", () => {
  const stated = (rates: object) => {
    const body = PriceBody.parse({
      ...{ provider: "anthropic", model_pattern: "claude-*", source: "contract 7" },
      ...{ valid_from: "2026-01-01T00:00:00.000Z", rates },
    });
    const lookup = withOverrides([{ ...body, id: "7", checked_at: body.valid_from }]);
    const written = { cache_write_tokens: 1_000, cache_write_1h_tokens: 600, output_tokens: 0 };
    const record = usageRecord({ provider: "anthropic", request_model: "claude-x", ...written });
    return priceRecord(record, lookup).cost_computed;
  };
  const rates = { input: 1, cache_read: 0.1, cache_write: 1.25, output: 5 };

  it("may hold what it costs to keep tokens for an hour", () => {
    expect(stated({ ...rates, cache_write_1h: 2 })).toBeCloseTo((400 * 1.25 + 600 * 2) / 1e6, 12);
    expect(stated(rates)).toBeCloseTo((1_000 * 1.25) / 1e6, 12);
  });
});
