/** Percentiles of a sorted list: which position holds one, and within which positions it surely lies. */

/** A percentile stands on at least this many records on either side of it, or it is not given. */
export const RECORDS_BEYOND = 10;

/** Standard deviations to either side of the middle that hold 95 % of a normal distribution. */
const Z_95 = 1.96;

/** Positions in a sorted list, from 1. */
export interface Ranks {
  /** Of the percentile itself, by nearest rank. */
  readonly position: number;
  /** Between these two lies the percentile of the whole population, in 95 of 100 samples. */
  readonly low: number;
  readonly high: number;
}

/**
 * How many of n independent records fall below a percentile is binomial: about np, give or take
 * 1.96·√(np(1−p)). Those positions bound it without a word on how latencies are distributed
 * (Hahn and Meeker, Statistical Intervals, 5.2).
 * @param percentile in percent, with one decimal at most: 95, 99.9.
 * @returns where it is in a sorted list of n, or null where too few records are beyond it.
 */
export function ranksOf(percentile: number, n: number): Ranks | null {
  if (n < recordsNeeded(percentile)) return null;
  const tenths = Math.round(percentile * 10);
  const expected = (tenths * n) / 1_000;
  const spread = Z_95 * Math.sqrt(expected * (1 - tenths / 1_000));
  return {
    position: Math.ceil(expected),
    low: Math.max(1, Math.floor(expected - spread)),
    high: Math.min(n, Math.ceil(expected + spread)),
  };
}

/** @returns how many records a percentile takes: 1,000 for p99, 200 for p95. */
export function recordsNeeded(percentile: number): number {
  const tenths = Math.round(percentile * 10);
  return Math.ceil((1_000 * RECORDS_BEYOND) / Math.min(tenths, 1_000 - tenths));
}
