/** Series of figures: how metrics are kept, added up and handed from isolate to isolate. */
import * as z from "zod";
import { METRICS, type MetricName } from "../core/metrics.ts";

/**
 * By `[name, ...label values]` as JSON. A counter or a gauge is one number; a histogram its sum, and
 * how many observations fell into each of its buckets, the last one without an upper bound.
 */
export const Series = z.record(z.string(), z.array(z.number()));
export type Series = z.infer<typeof Series>;

/** Series that are kept at once: all there could be of a deployment with some models and tools are fewer. */
export const MAX_SERIES = 4_000;

const Key = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(z.tuple([z.string()], z.string()));

/** @returns what a series is kept under. */
export function seriesKey(name: MetricName, labels: Readonly<Record<string, string>>): string {
  return JSON.stringify([name, ...METRICS[name].labels.map((label) => labels[label] ?? "")]);
}

/** @returns the metric and its label values; null where this version of the code has no such metric. */
export function readKey(key: string): { name: MetricName; values: readonly string[] } | null {
  const [name, ...values] = Key.parse(key);
  return isMetric(name) ? { name, values } : null;
}

/** Counts what finds no room, and always has one itself. */
export const DROPPED = "apex_metrics_series_dropped_total";
/** What {@link DROPPED} is kept under. */
export const DROPPED_KEY = seriesKey(DROPPED, {});

/** Adds figures up. @returns how many found no room, because of {@link MAX_SERIES}. */
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
