/** What a lever promises: its saving in the window, how sure that is, and what it takes for granted. */
import type { Basis, Estimate, LatencyEffect, Lever } from "../../protocol/optimization.ts";
import type { LeverStep } from "./joint.ts";
import { type Saving, spreadOf } from "./saving.ts";

/** Days of a mean month: a year's 365.25 over twelve. */
export const DAYS_A_MONTH = 30.4375;

/** A lever, replayed alone. */
export interface Opportunity {
  readonly lever: Lever;
  readonly title: string;
  /** The models it is about, where it is not about all. */
  readonly subject: string | null;
  readonly step: LeverStep;
  readonly saving: Saving;
  /** USD in the window: what the replay gives, and the bounds that its assumptions set. */
  readonly estimate: Estimate;
  readonly basis: Basis;
  readonly latencyEffect: LatencyEffect;
  readonly assumptions: readonly string[];
  /** Why the records cannot say; null where they can. */
  readonly notAssessable: string | null;
  /** Why it is in no total; null where it is in. */
  readonly leftOut: string | null;
}

/**
 * @param days USD by day; bounds of assumptions are widened by how the days spread, as the root of
 *   the sum of squares.
 * @param windowDays the length that the estimate is of.
 * @returns the estimate of a month: the window's mean day, 30.4375 times.
 */
export function monthly(estimate: Estimate, days: Float64Array, windowDays: number): Estimate {
  const factor = DAYS_A_MONTH / windowDays;
  const spread = spreadOf(days) ?? 0;
  return {
    value: factor * estimate.value,
    low: factor * (estimate.value - Math.hypot(estimate.value - estimate.low, spread)),
    high: factor * (estimate.value + Math.hypot(estimate.high - estimate.value, spread)),
  };
}
