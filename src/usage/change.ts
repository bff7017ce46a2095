/** Why a cost changed between two windows: more requests, more tokens in each, or dearer tokens. */
import * as z from "zod";
import { knownRequests, type UsageSums } from "./sums.ts";

/** A change of cost in USD against a prior window; the three effects add up to it, and are null where nobody knows how many requests there were. */
export const CostChange = z.object({
  prior_usd: z.number(),
  change_usd: z.number(),
  change_pct: z.number().nullable().describe("null where nothing was spent before"),
  volume_effect_usd: z
    .number()
    .nullable()
    .describe("More or fewer requests, at the prior tokens and price"),
  tokens_effect_usd: z
    .number()
    .nullable()
    .describe("More or fewer tokens a request, at the prior price"),
  price_effect_usd: z
    .number()
    .nullable()
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
  const effects = effectsOf(prior, current);
  return {
    prior_usd: prior.cost_usd,
    change_usd: change,
    change_pct: changePercent(prior.cost_usd, change),
    volume_effect_usd: effects?.volume ?? null,
    tokens_effect_usd: effects?.tokens ?? null,
    price_effect_usd: effects && change - effects.volume - effects.tokens,
  };
}

function effectsOf(
  prior: UsageSums,
  current: UsageSums,
): { readonly volume: number; readonly tokens: number } | null {
  if (knownRequests(prior) === null || knownRequests(current) === null) return null;
  if (prior.priced_requests === 0) return { volume: current.cost_usd, tokens: 0 };
  if (current.priced_requests === 0) return { volume: -prior.cost_usd, tokens: 0 };
  const growth = current.priced_requests / prior.priced_requests;
  const volume = prior.cost_usd * (growth - 1);
  // Without tokens before there was no price before: all the rest is tokens.
  if (prior.priced_tokens === 0) {
    return { volume, tokens: current.cost_usd - prior.cost_usd - volume };
  }
  const atPriorPrice = prior.cost_usd * (current.priced_tokens / prior.priced_tokens);
  return { volume, tokens: atPriorPrice - prior.cost_usd * growth };
}

/** @returns the change of several groups together: each effect is the sum of theirs, where all are known. */
export function addChanges(changes: readonly CostChange[]): CostChange {
  const sum = (field: "prior_usd" | "change_usd") =>
    changes.reduce((total, change) => total + change[field], 0);
  const effect = (field: "volume_effect_usd" | "tokens_effect_usd" | "price_effect_usd") =>
    changes.reduce<number | null>((total, { [field]: usd }) => {
      return total === null || usd === null ? null : total + usd;
    }, 0);
  const prior = sum("prior_usd");
  const change = sum("change_usd");
  return {
    prior_usd: prior,
    change_usd: change,
    change_pct: changePercent(prior, change),
    volume_effect_usd: effect("volume_effect_usd"),
    tokens_effect_usd: effect("tokens_effect_usd"),
    price_effect_usd: effect("price_effect_usd"),
  };
}

function changePercent(prior: number, change: number): number | null {
  return prior > 0 ? (100 * change) / prior : null;
}
