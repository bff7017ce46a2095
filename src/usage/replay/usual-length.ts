/** How long a feature's prompts and answers usually are, and from where on one is out of the ordinary. */
import { SLICE, type Sliced } from "../../core/slices.ts";
import type { Workload } from "./workload.ts";

/** Fewer calls than this have no usual length. */
const FEWEST_CALLS = 100;
/** A length this many deviations over the median, on a logarithmic scale, is no chance any more. */
const OUTLYING = 4;
/** Nor is one of less than so many times the median worth a change. */
const LEAST_TIMES = 1.5;
/** Where nearly all are equal, a deviation counts as at least this. */
const LEAST_DEVIATION = 0.03;
/** One in twenty ordinary lengths is beyond the median by so many deviations. */
const TWENTIETH = 1.644854;

/** Tokens. */
export interface UsualLength {
  readonly median: number;
  /** The mean of the ordinary ones: what an outlying one would be, were it ordinary. */
  readonly mean: number;
  /** One in twenty ordinary ones is below, and one above. */
  readonly short: number;
  readonly long: number;
  /** Beyond it one is out of the ordinary. */
  readonly limit: number;
}

/**
 * Describes each feature's lengths by median and median absolute deviation, which outlying ones
 * hardly move; logarithms are taken since lengths scatter by factors.
 * @param length tokens of each call; calls that failed or have none do not count.
 * @returns one for each of the workload's features; null where too few calls can say.
 */
export function* usualLengths(
  workload: Workload,
  length: (call: number) => number,
): Sliced<(UsualLength | null)[]> {
  const lengths = workload.features.map((): number[] => []);
  for (let call = 0; call < workload.size; call++) {
    if (call % SLICE === 0) yield;
    const tokens = length(call);
    if (workload.failed[call] === 0 && tokens > 0) {
      lengths[workload.feature[call] ?? 0]?.push(Math.log(tokens));
    }
  }
  const usual: (UsualLength | null)[] = [];
  for (const logarithms of lengths) {
    usual.push(describe(Float64Array.from(logarithms).sort()));
    yield;
  }
  return usual;
}

function describe(sorted: Float64Array): UsualLength | null {
  if (sorted.length < FEWEST_CALLS) return null;
  const middle = medianOf(sorted);
  const deviations = sorted.map((value) => Math.abs(value - middle)).sort();
  const deviation = Math.max(1.4826 * medianOf(deviations), LEAST_DEVIATION);
  const limit = middle + Math.max(OUTLYING * deviation, Math.log(LEAST_TIMES));
  const ordinary = sorted.filter((value) => value <= limit);
  return {
    median: Math.exp(middle),
    mean: ordinary.reduce((sum, value) => sum + Math.exp(value), 0) / ordinary.length,
    short: Math.exp(middle - TWENTIETH * deviation),
    long: Math.exp(middle + TWENTIETH * deviation),
    limit: Math.exp(limit),
  };
}

function medianOf(sorted: Float64Array): number {
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
