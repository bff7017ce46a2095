/** What a lever promises: its saving in the window, how sure that is, and what it takes for granted. */
import type { Basis, Estimate, LatencyEffect, Lever } from "../../protocol/optimization.ts";
import { MONTH_DAYS } from "../statistics/monthly.ts";
import type { LeverStep } from "./joint.ts";
import { atMost, type Saving, scaled, spreadOf } from "./saving.ts";

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

/** What a saving is part of. */
export interface Window {
  /** Days that there are records from. */
  readonly days: number;
  /** USD that they cost: no more can be saved. */
  readonly spendUsd: number;
}

/**
 * @param days USD by day; bounds of assumptions are widened by how the days spread, as the root of
 *   the sum of squares. Under a week nobody knows how they do: the bounds are then what is certain,
 *   that nothing may be saved or all that is spent.
 * @returns the estimate of a month: the window's mean day, 30.4375 times.
 */
export function monthlySaving(
  { value, low, high }: Estimate,
  days: Float64Array,
  window: Window,
): Estimate {
  const spread = spreadOf(days, window.days);
  const bounds =
    spread === null
      ? { low: Math.min(0, low), high: Math.max(window.spendUsd, high) }
      : {
          low: value - Math.hypot(value - low, spread),
          high: value + Math.hypot(high - value, spread),
        };
  return scaled(atMost(window.spendUsd, { value, ...bounds }), MONTH_DAYS / window.days);
}
