/** What failed calls and superseded attempts cost: money without an answer that anybody used. */
import type { Call, GroupBy, UsageGroup } from "../store.ts";
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
 * @param superseded what {@link SupersededCount} came to.
 */
export function wasteReport(
  groups: readonly UsageGroup[],
  superseded: readonly Waste[],
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
  const parts = [...failed, ...superseded];
  return {
    calls: sumUsage(single.map(({ sums }) => sums)).records,
    failedCalls: total(failed, "calls"),
    failedUsd: total(failed, "usd"),
    supersededCalls: total(superseded, "calls"),
    supersededUsd: total(superseded, "usd"),
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

type Attempt = Pick<
  Call,
  "logical_request_id" | "attempt" | "status" | "feature" | "cost_computed"
>;

/** The latest attempts known at a request; those that succeeded may yet be superseded. */
interface Latest {
  readonly attempt: number;
  readonly succeeded: readonly Attempt[];
}

/**
 * Adds up attempts that succeeded and were made again, page after page, in whatever order they come.
 * Attempts alike in number stand side by side: neither took the other's place.
 */
export class SupersededCount {
  readonly #latest = new Map<string, Latest>();
  readonly #byFeature = new Map<string | null, Waste>();

  add(calls: readonly Attempt[]): void {
    for (const call of calls) {
      if (call.logical_request_id !== null) this.#add(call.logical_request_id, call);
    }
  }

  /** @returns what was superseded, by feature. */
  waste(): Waste[] {
    return [...this.#byFeature.values()];
  }

  #add(request: string, call: Attempt): void {
    const succeeded = call.status === "ok" ? [call] : [];
    const latest = this.#latest.get(request) ?? { attempt: call.attempt, succeeded: [] };
    if (call.attempt > latest.attempt) {
      this.#latest.set(request, { attempt: call.attempt, succeeded });
      for (const earlier of latest.succeeded) this.#supersede(earlier);
    } else if (call.attempt < latest.attempt) {
      for (const earlier of succeeded) this.#supersede(earlier);
    } else {
      const both = [...latest.succeeded, ...succeeded];
      this.#latest.set(request, { attempt: call.attempt, succeeded: both });
    }
  }

  #supersede({ feature, cost_computed: usd }: Attempt): void {
    const none = { reason: "superseded", errorType: null, calls: 0, usd: 0, unpriced: 0 } as const;
    const known = this.#byFeature.get(feature) ?? { ...none, feature };
    this.#byFeature.set(feature, {
      ...known,
      calls: known.calls + 1,
      usd: known.usd + (usd ?? 0),
      unpriced: known.unpriced + (usd === null ? 1 : 0),
    });
  }
}
