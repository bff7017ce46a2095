/** Days that cost far more than days of their type do, against a middle that no spike moves. */
import { isWeekend } from "../calendar.ts";
import type { DaySpend } from "./spend-series.ts";

/** The days of the same type, weekday or weekend, that a day is held against: the latest before it. */
const BASELINE_DAYS = 28;
/** Fewer of them than this say nothing of what is usual. */
export const LEAST_BASELINE_DAYS = 8;
/** The median absolute deviation times this is the standard deviation, where chance is normal. */
const NORMAL_MAD = 1.4826;
/** Days alike to the cent are no reason to call three percent more an anomaly. */
const LEAST_SPREAD = 0.03;
export const FLAG_ABOVE_Z = 4;
export const FLAG_ABOVE_RATIO = 1.25;

/** A day that could be assessed. */
export interface AssessedDay extends DaySpend {
  /** What days of its type cost: the median of those before it, USD. */
  readonly expectedUsd: number;
  readonly excessUsd: number;
  /** How far it is above them, in their own robust spread of ln(spend). */
  readonly z: number;
  readonly flagged: boolean;
}

/**
 * @param days whole days without gaps, the earliest first.
 * @param floorUsd an excess up to this is not worth anybody's time.
 * @returns the days that have enough days of their type before them, and spend.
 */
export function assessDays(days: readonly DaySpend[], floorUsd: number): AssessedDay[] {
  const before = { weekday: [] as number[], weekend: [] as number[] };
  return days.flatMap((spent): AssessedDay[] => {
    if (spent.usd <= 0) return [];
    const alike = isWeekend(spent.day) ? before.weekend : before.weekday;
    const baseline = alike.slice(-BASELINE_DAYS);
    const ln = Math.log(spent.usd);
    alike.push(ln);
    return baseline.length < LEAST_BASELINE_DAYS ? [] : [assess(spent, ln, baseline, floorUsd)];
  });
}

function assess(
  spent: DaySpend,
  ln: number,
  baseline: readonly number[],
  floorUsd: number,
): AssessedDay {
  const middle = median(baseline);
  const deviation = median(baseline.map((value) => Math.abs(value - middle)));
  const z = (ln - middle) / Math.max(NORMAL_MAD * deviation, LEAST_SPREAD);
  const expectedUsd = Math.exp(middle);
  const excessUsd = spent.usd - expectedUsd;
  const flagged =
    z > FLAG_ABOVE_Z && spent.usd / expectedUsd > FLAG_ABOVE_RATIO && excessUsd > floorUsd;
  return { ...spent, expectedUsd, excessUsd, z, flagged };
}

/** @returns the middle of numbers, or the mean of the two middle ones; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const half = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(half) - 1], sorted[Math.floor(half)]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}
