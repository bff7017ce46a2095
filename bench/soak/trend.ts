/** Whether memory grows: the slope of samples over time with its confidence interval, and the verdict on it. */
import jstat from "jstat";

/** A reading of memory at a moment. */
export interface Reading {
  /** In hours, from any moment. */
  readonly hours: number;
  readonly bytes: number;
}

export interface Slope {
  /** In bytes an hour, with the ends of its interval; infinite where there is too little to tell. */
  readonly slope: number;
  readonly low: number;
  readonly high: number;
  /** Readings, and how many of them would tell as much if each were independent of the one before. */
  readonly readings: number;
  readonly effective: number;
}

/**
 * - `leak`: the whole interval of the latter half lies above what is tolerated.
 * - `no leak`: the whole interval of all lies below it.
 * - `not proven`: neither, so a longer run must tell.
 */
export type Verdict = "leak" | "no leak" | "not proven";

const CONFIDENCE = 0.95;
/** Two readings always lie on a line, and three hardly tell how far they are off. */
const FEWEST_EFFECTIVE = 3;

/**
 * Fits a line by least squares. Memory now is much as it was a moment ago, so readings tell less than
 * their number: their count is reduced by the autocorrelation of the residuals, in the error of the
 * slope and in the degrees of freedom (Santer et al. 2000, doi:10.1029/1999JD901105, eq. 4 to 6).
 */
export function slopeOf(readings: readonly Reading[]): Slope {
  const count = readings.length;
  const hours = mean(readings.map((reading) => reading.hours));
  const bytes = mean(readings.map((reading) => reading.bytes));
  const spread = sum(readings.map((reading) => (reading.hours - hours) ** 2));
  const unknown = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  if (count < FEWEST_EFFECTIVE || spread === 0) {
    return { slope: Number.NaN, ...unknown, readings: count, effective: count };
  }
  const slope =
    sum(readings.map((reading) => (reading.hours - hours) * (reading.bytes - bytes))) / spread;
  const residuals = readings.map(
    (reading) => reading.bytes - bytes - slope * (reading.hours - hours),
  );
  const effective = count * shareThatTells(residuals);
  if (effective < FEWEST_EFFECTIVE) return { slope, ...unknown, readings: count, effective };
  const freedom = effective - 2;
  const variance = sum(residuals.map((residual) => residual ** 2)) / freedom;
  const margin = jstat.studentt.inv((1 + CONFIDENCE) / 2, freedom) * Math.sqrt(variance / spread);
  return { slope, low: slope - margin, high: slope + margin, readings: count, effective };
}

/** What was fitted of all readings and of the latter half of them, and what follows of the two. */
export interface Growth {
  readonly all: Slope;
  readonly latter: Slope;
  readonly verdict: Verdict;
}

/**
 * Memory that fills up slows down, and a leak goes on: so growth counts as one where it is there in
 * the latter half too, and a leak that begins late is not hidden by what was before.
 * @param tolerated growth that is no matter, in bytes an hour.
 */
export function judgeGrowth(readings: readonly Reading[], tolerated: number): Growth {
  const all = slopeOf(readings);
  const latter = slopeOf(readings.slice(Math.floor(readings.length / 2)));
  if (judgeSlope(latter, tolerated) === "leak") return { all, latter, verdict: "leak" };
  const isFlat = judgeSlope(all, tolerated) === "no leak";
  return { all, latter, verdict: isFlat ? "no leak" : "not proven" };
}

function judgeSlope({ low, high }: Slope, tolerated: number): Verdict {
  if (low > tolerated) return "leak";
  return high < tolerated ? "no leak" : "not proven";
}

/** @returns the readings after the warm-up, in which code is compiled and caches fill. */
export function afterWarmUp(readings: readonly Reading[], hours: number): Reading[] {
  const begin = readings[0]?.hours ?? 0;
  return readings.filter((reading) => reading.hours - begin >= hours);
}

/** By the autocorrelation of neighbours; what swings back and forth counts as independent. */
function shareThatTells(residuals: readonly number[]): number {
  const all = sum(residuals.map((residual) => residual ** 2));
  if (all === 0) return 1;
  const neighbours = sum(
    residuals.slice(1).map((residual, index) => residual * (residuals[index] ?? 0)),
  );
  const correlation = Math.min(Math.max(neighbours / all, 0), 1);
  return (1 - correlation) / (1 + correlation);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
