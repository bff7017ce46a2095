/** Usage summary: what was asked of models, what it cost, and how often it failed. */
import { knownCost, percent, tokensOf, type UsageSums } from "./sums.ts";

export interface UsageSummary {
  readonly requests: number;
  readonly failed_requests: number;
  readonly error_rate_pct: number | null;
  readonly tokens: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly reasoning_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_tokens: number;
  /** The part of the input tokens that was read from a cache. */
  readonly cache_read_share_pct: number | null;
  readonly cost_usd: number | null;
  readonly cost_per_1k_requests_usd: number | null;
  /** Reported against computed cost, over the records that have both; null where none has. */
  readonly reconciliation: Reconciliation | null;
}

export interface Reconciliation {
  readonly records: number;
  readonly reported_usd: number;
  readonly computed_usd: number;
  /** How far the computed cost is above (or, negative, below) the reported one. */
  readonly gap_pct: number | null;
}

/** @returns the summary of a set of records. */
export function summarize(sums: UsageSums): UsageSummary {
  return {
    requests: sums.requests,
    failed_requests: sums.failed_requests,
    error_rate_pct: percent(sums.failed_requests, sums.requests),
    tokens: tokensOf(sums),
    input_tokens: sums.input_tokens,
    output_tokens: sums.output_tokens,
    reasoning_tokens: sums.reasoning_tokens,
    cache_read_tokens: sums.cache_read_tokens,
    cache_write_tokens: sums.cache_write_tokens,
    cache_read_share_pct: percent(sums.cache_read_tokens, sums.input_tokens),
    cost_usd: knownCost(sums),
    cost_per_1k_requests_usd: costPerThousand(sums),
    reconciliation: reconcile(sums),
  };
}

/** @returns USD per 1,000 requests, over the requests that have a price. */
export function costPerThousand(sums: UsageSums): number | null {
  return sums.priced_requests > 0 ? (1_000 * sums.cost_usd) / sums.priced_requests : null;
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
