/** Model comparison: what each model cost and did, and what its tokens would cost on the others. */
import * as z from "zod";
import { costOf, type PriceLookup } from "./prices.ts";
import { recordsNeeded } from "./statistics/percentiles.ts";
import type { ModelLatency, UsageGroup } from "./store.ts";
import { costPerThousand } from "./summary.ts";
import {
  knownCost,
  knownRequests,
  percent,
  ratio,
  sumUsage,
  tokensOf,
  type UsageSums,
} from "./sums.ts";

const ModelName = z.object({ provider: z.string(), model: z.string() });
type ModelName = z.infer<typeof ModelName>;

/** The same tokens on another model. */
export const Alternative = ModelName.extend({
  cost_usd: z.number(),
  gap_usd: z
    .number()
    .nullable()
    .describe("Against the model's own cost at the same prices; negative is cheaper"),
});
export type Alternative = z.infer<typeof Alternative>;

export const ModelFacts = ModelName.extend({
  n_records: z.number().int(),
  requests: z.number().int().nullable().describe("null where a source does not say how many"),
  cost_usd: z.number().nullable(),
  cost_per_1k_requests_usd: z.number().nullable(),
  tokens_per_request: z.number().nullable(),
  error_rate_pct: z.number().nullable(),
  cache_read_share_pct: z.number().nullable(),
  latency_records: z.number().int().describe("Successful single calls that have a latency"),
  latency_p50_ms: z.number().nullable().describe("null where too few records can say"),
  latency_p95_ms: z.number().nullable().describe("null where too few records can say"),
  same_tokens: z.object({
    basis: z.literal("simulated"),
    note: z.literal("price gap only, quality unknown"),
    own_cost_usd: z.number().nullable(),
    alternatives: z.array(Alternative).describe("The cheapest first"),
  }),
});
export type ModelFacts = z.infer<typeof ModelFacts>;

interface ModelUsage extends ModelName {
  readonly sums: UsageSums;
  readonly byTier: readonly { readonly serviceTier: string | null; readonly sums: UsageSums }[];
}

interface ComparisonOptions {
  readonly prices: PriceLookup;
  /** The moment whose prices count for simulated costs, milliseconds since the Unix epoch. */
  readonly at: number;
  /** The most models to compare. */
  readonly limit: number;
}

/**
 * Compares models, the costliest first.
 * @param groups sums by provider, model and service tier, in this order.
 */
export function compareModels(
  groups: readonly UsageGroup[],
  latencies: readonly ModelLatency[],
  { prices, at, limit }: ComparisonOptions,
): { readonly models: ModelFacts[]; readonly leftOut: number } {
  const all = modelsOf(groups);
  const models = all.slice(0, limit);
  const facts = models.map(({ provider, model, sums, byTier }): ModelFacts => {
    const latency = latencies.find((row) => row.provider === provider && row.model === model);
    const own = simulate(byTier, { provider, model }, prices, at);
    const alternatives = models
      .filter((other) => other.model !== model || other.provider !== provider)
      .flatMap((other): Alternative[] => {
        const cost = simulate(byTier, other, prices, at);
        if (cost === null) return [];
        const gap = own === null ? null : cost - own;
        return [{ provider: other.provider, model: other.model, cost_usd: cost, gap_usd: gap }];
      })
      .toSorted((left, right) => left.cost_usd - right.cost_usd);
    return {
      provider,
      model,
      n_records: sums.records,
      requests: knownRequests(sums),
      cost_usd: knownCost(sums),
      cost_per_1k_requests_usd: costPerThousand(sums),
      tokens_per_request: ratio(tokensOf(sums), knownRequests(sums)),
      error_rate_pct: percent(sums.failed_requests, knownRequests(sums)),
      cache_read_share_pct: percent(sums.cache_read_tokens, sums.input_tokens),
      latency_records: latency?.records ?? 0,
      latency_p50_ms: enough(latency, 50) ? latency.p50_ms : null,
      latency_p95_ms: enough(latency, 95) ? latency.p95_ms : null,
      same_tokens: {
        basis: "simulated",
        note: "price gap only, quality unknown",
        own_cost_usd: own,
        alternatives,
      },
    };
  });
  return { models: facts, leftOut: all.length - models.length };
}

function modelsOf(groups: readonly UsageGroup[]): ModelUsage[] {
  const byModel = Map.groupBy(groups, ({ key }) => JSON.stringify(key.slice(0, 2)));
  return [...byModel.values()]
    .map((tiers): ModelUsage => {
      const [provider, model] = tiers[0]?.key ?? [];
      return {
        provider: provider ?? "",
        model: model ?? "",
        sums: sumUsage(tiers.map(({ sums }) => sums)),
        byTier: tiers.map(({ key, sums }) => ({ serviceTier: key[2] ?? null, sums })),
      };
    })
    .toSorted((left, right) => right.sums.cost_usd - left.sums.cost_usd);
}

/** USD for tokens on a model at its base rates, in the tier they ran in where it has that tier. */
function simulate(
  byTier: ModelUsage["byTier"],
  { provider, model }: ModelName,
  prices: PriceLookup,
  at: number,
): number | null {
  let cost = 0;
  for (const { serviceTier, sums } of byTier) {
    const query = { provider, model, at, contextTokens: 0 };
    const price =
      prices({ ...query, serviceTier }) ?? prices({ ...query, serviceTier: "standard" });
    if (!price) return null;
    cost += costOf(sums, price.rates);
  }
  return cost;
}

function enough(latency: ModelLatency | undefined, percentile: number): latency is ModelLatency {
  return latency !== undefined && latency.records >= recordsNeeded(percentile);
}
