/** Why a cost changed between two windows: more requests, more tokens in each, or dearer tokens. */
import * as z from "zod";
import type { UsageSums } from "./sums.ts";

/** A change of cost in USD against a prior window; the three effects add up to it. */
export const CostChange = z.object({
  prior_usd: z.number(),
  change_usd: z.number(),
  change_pct: z.number().nullable().describe("null where nothing was spent before"),
  volume_effect_usd: z.number().describe("More or fewer requests, at the prior tokens and price"),
  tokens_effect_usd: z.number().describe("More or fewer tokens a request, at the prior price"),
  price_effect_usd: z
    .number()
    .describe("Dollars a token: prices, and the mix of input, cached and output tokens"),
});
export type CostChange = z.infer<typeof CostChange>;

/**
 * Splits the change of one group's cost, which is requests × tokens per request × price per token,
 * one factor after the other. Only priced records count, so a model that gains or loses its price
 * moves the volume and nothing else. A group that is new, or gone, is volume alone.
 */
export function costChange(prior: UsageSums, current: UsageSums): CostChange {
  const change = current.cost_usd - prior.cost_usd;
  const [volume, tokens] = effects(prior, current);
  return {
    prior_usd: prior.cost_usd,
    change_usd: change,
    change_pct: changePercent(prior.cost_usd, change),
    volume_effect_usd: volume,
    tokens_effect_usd: tokens,
    price_effect_usd: change - volume - tokens,
  };
}

function effects(prior: UsageSums, current: UsageSums): [volume: number, tokens: number] {
  if (prior.priced_requests === 0) return [current.cost_usd, 0];
  if (current.priced_requests === 0) return [-prior.cost_usd, 0];
  const growth = current.priced_requests / prior.priced_requests;
  const volume = prior.cost_usd * (growth - 1);
  // Without tokens before there was no price before: all the rest is tokens.
  if (prior.priced_tokens === 0) return [volume, current.cost_usd - prior.cost_usd - volume];
  const atPriorPrice = prior.cost_usd * (current.priced_tokens / prior.priced_tokens);
  return [volume, atPriorPrice - prior.cost_usd * growth];
}

/** @returns the change of several groups together: each effect is the sum of theirs. */
export function addChanges(changes: readonly CostChange[]): CostChange {
  const sum = (field: keyof CostChange) =>
    changes.reduce((total, change) => total + (change[field] ?? 0), 0);
  const prior = sum("prior_usd");
  const change = sum("change_usd");
  return {
    prior_usd: prior,
    change_usd: change,
    change_pct: changePercent(prior, change),
    volume_effect_usd: sum("volume_effect_usd"),
    tokens_effect_usd: sum("tokens_effect_usd"),
    price_effect_usd: sum("price_effect_usd"),
  };
}

function changePercent(prior: number, change: number): number | null {
  return prior > 0 ? (100 * change) / prior : null;
}
