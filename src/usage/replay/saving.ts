/** A saving: the cost of a workload less the cost of its counterfactual, call by call. */
import { SLICE, type Sliced } from "../../core/slices.ts";
import type { Estimate } from "../../protocol/optimization.ts";
import { DAY_MS } from "../calendar.ts";
import { BOUNDED_DAYS, wholeDays } from "../statistics/monthly.ts";
import type { Workload } from "./workload.ts";

/** Below a billionth of a dollar a difference is the noise of binary fractions. */
const NOTHING = 1e-9;
const EXAMPLES = 5;

/** The part of a saving that one feature makes. */
export interface FeatureSaving {
  readonly feature: string | null;
  readonly usd: number;
  readonly records: number;
}

/** What a change would have saved in the window; negative where it would have cost more. */
export interface Saving {
  readonly usd: number;
  /** Calls whose cost changes. */
  readonly records: number;
  /** USD by day of the window, from its start on. */
  readonly days: Float64Array;
  /** The largest first. */
  readonly features: readonly FeatureSaving[];
  /** The records that would have saved most, as evidence. */
  readonly examples: readonly string[];
}

/** A window in milliseconds since the Unix epoch; the end is exclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** @returns what the second costs, call by call, save against the first. */
export function* savingBetween(
  workload: Workload,
  before: Float64Array,
  after: Float64Array,
  { from, to }: Span,
): Sliced<Saving> {
  const days = new Float64Array(Math.max(1, Math.ceil((to - from) / DAY_MS)));
  const features = workload.features.map((feature) => ({ feature, usd: 0, records: 0 }));
  const best: { call: number; usd: number }[] = [];
  let records = 0;
  let usd = 0;
  for (let call = 0; call < workload.size; call++) {
    if (call % SLICE === 0) yield;
    const saved = (before[call] ?? 0) - (after[call] ?? 0);
    if (Math.abs(saved) < NOTHING) continue;
    usd += saved;
    records += 1;
    const day = Math.floor(((workload.ts[call] ?? from) - from) / DAY_MS);
    days[day] = (days[day] ?? 0) + saved;
    const part = features[workload.feature[call] ?? 0];
    if (part) {
      part.usd += saved;
      part.records += 1;
    }
    keepBest(best, { call, usd: saved });
  }
  return {
    usd,
    records,
    days,
    features: features
      .filter((part) => part.records > 0)
      .toSorted((left, right) => right.usd - left.usd),
    examples: best.map(({ call }) => workload.recordIds[call] ?? ""),
  };
}

function keepBest(best: { call: number; usd: number }[], candidate: { call: number; usd: number }) {
  const place = best.findIndex(({ usd }) => candidate.usd > usd);
  if (place === -1 && best.length === EXAMPLES) return;
  best.splice(place === -1 ? best.length : place, 0, candidate);
  best.length = Math.min(best.length, EXAMPLES);
}

/**
 * @param windowDays the length that the sum is over; what is beyond its last whole day says nothing.
 * @returns the 95 % half-width of a sum over days, from how the days differ: 1.96 · s · √n. Null
 *   under seven days, which say too little about each other.
 */
export function spreadOf(days: Float64Array, windowDays: number): number | null {
  const n = wholeDays(windowDays);
  if (n < BOUNDED_DAYS) return null;
  const whole = days.subarray(0, n);
  const mean = whole.reduce((sum, day) => sum + day, 0) / n;
  const squares = whole.reduce((sum, day) => sum + (day - mean) ** 2, 0);
  return 1.96 * Math.sqrt((squares / (n - 1)) * windowDays);
}

/** @returns the estimate of another length of time, every day of it alike. */
export function scaled({ value, low, high }: Estimate, factor: number): Estimate {
  return { value: value * factor, low: low * factor, high: high * factor };
}

/** @returns the estimate and its bounds, none of them above the most there is: no more is saved than is spent. */
export function atMost(most: number, { value, low, high }: Estimate): Estimate {
  return { value: Math.min(most, value), low: Math.min(most, low), high: Math.min(most, high) };
}
