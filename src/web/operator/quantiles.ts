/** Quantiles of a histogram, as far as its buckets tell them. */
import type { HistogramFamily } from "../../protocol/metrics.ts";

type Samples = HistogramFamily["samples"];

/** Where a quantile lies. */
export interface Quantile {
  /** Between the bounds in proportion, as Prometheus' `histogram_quantile` puts it. */
  readonly about: number;
  readonly above: number;
  /** null where it lies above the last bound: then it is more than `about`. */
  readonly upTo: number | null;
}

/**
 * @param samples of one metric, so of the same buckets: they are taken together.
 * @param share from 0 to 1: 0.95 for p95.
 * @returns the quantile, in the metric's unit; null where nothing was observed.
 */
export function quantileOf(samples: Samples, share: number): Quantile | null {
  const total = samples.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return null;
  const rank = share * total;
  let above = 0;
  let below = 0;
  for (const [le, count] of upTo(samples)) {
    if (count >= rank && count > below) {
      return { about: above + ((le - above) * (rank - below)) / (count - below), above, upTo: le };
    }
    above = le;
    below = count;
  }
  return { about: above, above, upTo: null };
}

/** @returns how many observations each bound includes, over all samples, from the lowest bound on. */
function upTo(samples: Samples): (readonly [le: number, count: number])[] {
  const counts = new Map<number, number>();
  for (const { buckets } of samples)
    for (const { le, count } of buckets) counts.set(le, (counts.get(le) ?? 0) + count);
  return [...counts].toSorted(([one], [other]) => one - other);
}
