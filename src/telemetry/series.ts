/** Time series: how metrics are stored, added up and passed between isolates. */
import * as z from "zod";
import { METRICS, type MetricName } from "../core/metrics.ts";

/**
 * The key is `[name, ...label values]` as JSON. The value of a counter or gauge is one number. That of a
 * histogram is its sum, then the number of observations in each bucket, the last one without an upper bound.
 */
export const Series = z.record(z.string(), z.array(z.number()));
export type Series = z.infer<typeof Series>;

/** The most series that are kept. A deployment with some models and tools has fewer. */
export const MAX_SERIES = 4_000;

const Key = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(z.tuple([z.string()], z.string()));

/** @returns the key of a series. */
export function seriesKey(name: MetricName, labels: Readonly<Record<string, string>>): string {
  return JSON.stringify([name, ...METRICS[name].labels.map((label) => labels[label] ?? "")]);
}

/** @returns the metric and its label values; null if this version of the code does not know the metric. */
export function readKey(key: string): { name: MetricName; values: readonly string[] } | null {
  const [name, ...values] = Key.parse(key);
  return isMetric(name) ? { name, values } : null;
}

/** Counts the series that were dropped at the limit. It is itself never dropped. */
export const DROPPED = "apex_metrics_series_dropped_total";
/** The key of {@link DROPPED}. */
export const DROPPED_KEY = seriesKey(DROPPED, {});

/**
 * Adds series to others.
 * @returns how many were dropped because of {@link MAX_SERIES}.
 */
export function addSeries(to: Map<string, number[]>, added: Readonly<Series>): number {
  let left = 0;
  for (const [key, figures] of Object.entries(added)) {
    const known = to.get(key);
    if (known !== undefined) {
      figures.forEach((figure, index) => {
        known[index] = (known[index] ?? 0) + figure;
      });
    } else if (to.size < MAX_SERIES || key === DROPPED_KEY) to.set(key, [...figures]);
    else left += 1;
  }
  return left;
}

function isMetric(name: string): name is MetricName {
  return Object.hasOwn(METRICS, name);
}
