/** Usage summary: what was asked of models, what it cost, and how often it failed. */
import * as z from "zod";
import { knownCost, knownRequests, percent, ratio, tokensOf, type UsageSums } from "./sums.ts";

/** Reported against computed cost, over the records that have both. */
export const Reconciliation = z.object({
  records: z.number().int(),
  reported_usd: z.number(),
  computed_usd: z.number(),
  gap_pct: z
    .number()
    .nullable()
    .describe("How far the computed cost is above (negative: below) the reported one"),
});
export type Reconciliation = z.infer<typeof Reconciliation>;

export const UsageSummary = z.object({
  requests: z.number().int().nullable().describe("null where a source does not say how many"),
  failed_requests: z.number().int(),
  error_rate_pct: z.number().nullable(),
  tokens: z.number().int(),
  input_tokens: z.number().int(),
  output_tokens: z.number().int(),
  reasoning_tokens: z.number().int(),
  cache_read_tokens: z.number().int(),
  cache_write_tokens: z.number().int(),
  cache_read_share_pct: z.number().nullable().describe("Of the input tokens"),
  cost_usd: z.number().nullable(),
  unpriced_records: z.number().int().describe("Have no known price, and are in no cost"),
  cost_per_1k_requests_usd: z.number().nullable().describe("Over the requests with a price"),
  priced_spend_share_pct: z
    .number()
    .nullable()
    .describe("The share of the reported cost whose records have a known price; null without any"),
  reconciliation: Reconciliation.nullable(),
});
export type UsageSummary = z.infer<typeof UsageSummary>;

/** @returns the summary of a set of records. */
export function summarize(sums: UsageSums): UsageSummary {
  return {
    requests: knownRequests(sums),
    failed_requests: sums.failed_requests,
    error_rate_pct: percent(sums.failed_requests, knownRequests(sums)),
    tokens: tokensOf(sums),
    input_tokens: sums.input_tokens,
    output_tokens: sums.output_tokens,
    reasoning_tokens: sums.reasoning_tokens,
    cache_read_tokens: sums.cache_read_tokens,
    cache_write_tokens: sums.cache_write_tokens,
    cache_read_share_pct: percent(sums.cache_read_tokens, sums.input_tokens),
    cost_usd: knownCost(sums),
    unpriced_records: sums.records - sums.priced_records,
    cost_per_1k_requests_usd: costPerThousand(sums),
    priced_spend_share_pct: percent(sums.reconciled_reported_usd, sums.reported_usd),
    reconciliation: reconcile(sums),
  };
}

/** @returns USD per 1,000 requests, over the requests that have a price; null where some are uncounted. */
export function costPerThousand(sums: UsageSums): number | null {
  const requests = knownRequests(sums) === null ? null : sums.priced_requests;
  return ratio(1_000 * sums.cost_usd, requests);
}

function reconcile(sums: UsageSums): Reconciliation | null {
  if (sums.reconciled_records === 0) return null;
  const { reconciled_reported_usd: reported, reconciled_computed_usd: computed } = sums;
  return {
    records: sums.reconciled_records,
    reported_usd: reported,
    computed_usd: computed,
    gap_pct: percent(computed - reported, reported),
  };
}
