/** What failed calls and superseded attempts cost: money without an answer that anybody used. */
import type { GroupBy, Superseded, UsageGroup } from "../store.ts";
import { sumUsage } from "../sums.ts";

/** What failures are read from: sums by these. */
export const FAILURES_BY = [
  "granularity",
  "status",
  "error_type",
  "feature",
] as const satisfies readonly GroupBy[];

/** Calls that came to nothing, and what they cost; USD over the priced ones. */
export interface Waste {
  /** It failed, or a later attempt took its place though it had succeeded: never both. */
  readonly reason: "failed" | "superseded";
  readonly errorType: string | null;
  readonly feature: string | null;
  readonly calls: number;
  readonly usd: number;
  /** Those of the calls without a known price: they are in no sum. */
  readonly unpriced: number;
}

export interface WasteReport {
  /** Single calls, of whatever outcome. */
  readonly calls: number;
  readonly failedCalls: number;
  readonly failedUsd: number;
  readonly supersededCalls: number;
  readonly supersededUsd: number;
  readonly unpricedCalls: number;
  /** By reason, error and feature, the costliest first. */
  readonly parts: readonly Waste[];
}

/**
 * @param groups sums by {@link FAILURES_BY}; those of buckets tell no calls apart and count nothing.
 * @param superseded attempts that were made again, by feature.
 */
export function wasteReport(
  groups: readonly UsageGroup[],
  superseded: readonly Superseded[],
): WasteReport {
  const single = groups.filter(({ key: [granularity] }) => granularity === "request");
  const failed = single.flatMap(({ key, sums }): Waste[] => {
    const [, status, errorType = null, feature = null] = key;
    if (status !== "error") return [];
    const unpriced = sums.records - sums.priced_records;
    return [
      { reason: "failed", errorType, feature, calls: sums.records, usd: sums.cost_usd, unpriced },
    ];
  });
  const again = superseded.map(
    (part): Waste => ({ ...part, reason: "superseded", errorType: null }),
  );
  const parts = [...failed, ...again];
  return {
    calls: sumUsage(single.map(({ sums }) => sums)).records,
    failedCalls: total(failed, "calls"),
    failedUsd: total(failed, "usd"),
    supersededCalls: total(again, "calls"),
    supersededUsd: total(again, "usd"),
    unpricedCalls: total(parts, "unpriced"),
    parts: parts.toSorted(costliestFirst),
  };
}

function total(parts: readonly Waste[], field: "calls" | "usd" | "unpriced"): number {
  return parts.reduce((sum, part) => sum + part[field], 0);
}

function costliestFirst(left: Waste, right: Waste): number {
  return (
    right.usd - left.usd ||
    right.calls - left.calls ||
    (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1)
  );
}
