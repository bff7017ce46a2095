/** Groups the series that isolates reported into metric families, for `/metrics`. */
import { METRICS, type MetricName } from "../core/metrics.ts";
import type { HistogramFamily, MetricFamily, ScalarFamily } from "../protocol/metrics.ts";
import { readKey } from "./series.ts";

/** A gauge whose value is read on request. */
export interface ReadGauge {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[];
}

interface Reported {
  readonly labels: Record<string, string>;
  readonly figures: readonly number[];
}

/**
 * Counters whose labels are known in advance start at 0. Prometheus sees an increase only between two samples, so
 * a counter that first appears as 1 would hide the first refused row.
 */
const UNCOUNTED = Object.entries(METRICS).flatMap(([name, metric]) => {
  if (metric.type !== "counter") return [];
  const values = metric.labels.length === 0 ? [[]] : metric.kinds.map((kind) => [kind]);
  return values.map((labels) => [JSON.stringify([name, ...labels]), [0]] as const);
});

/** @returns every metric that has series, sorted by name, then the gauges. */
export function metricFamilies(
  series: Iterable<readonly [key: string, figures: readonly number[]]>,
  gauges: readonly ReadGauge[],
): MetricFamily[] {
  const byName = new Map<MetricName, Reported[]>();
  for (const [key, figures] of new Map([...UNCOUNTED, ...series])) {
    const read = readKey(key);
    if (read === null) continue;
    const of = METRICS[read.name].labels;
    const labels = Object.fromEntries(of.map((label, at) => [label, read.values[at] ?? ""]));
    byName.set(read.name, [...(byName.get(read.name) ?? []), { labels, figures }]);
  }
  const counted = [...byName]
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([name, reported]) => family(name, reported));
  return [...counted, ...gauges.map(gaugeFamily)];
}

function family(name: MetricName, reported: readonly Reported[]): MetricFamily {
  const metric = METRICS[name];
  const { help } = metric;
  if (metric.type !== "histogram")
    return { name, help, type: metric.type, samples: reported.map(scalar) };
  const { type, bounds } = metric;
  return { name, help, type, samples: reported.map((one) => histogram(bounds, one)) };
}

function scalar({ labels, figures: [value = 0] }: Reported): ScalarFamily["samples"][number] {
  return { labels, value };
}

/** Buckets are cumulative: each also counts the observations of those before it. */
function histogram(
  bounds: readonly number[],
  { labels, figures: [sum = 0, ...counts] }: Reported,
): HistogramFamily["samples"][number] {
  let total = 0;
  const buckets = bounds.map((le, index) => {
    total += counts[index] ?? 0;
    return { le, count: total };
  });
  return { labels, buckets, sum, count: total + (counts[bounds.length] ?? 0) };
}

function gaugeFamily({ name, help, samples }: ReadGauge): ScalarFamily {
  const read = samples.map(([labels, value]) => ({ labels: { ...labels }, value }));
  return { name, help, type: "gauge", samples: read };
}
