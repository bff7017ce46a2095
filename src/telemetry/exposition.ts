/** Metrics as Prometheus reads them: the text exposition format, version 0.0.4. */
import { METRICS, type MetricName } from "../core/metrics.ts";
import { readKey } from "./series.ts";

export const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** A gauge that is read when it is asked for, rather than counted. */
export interface ReadGauge {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[];
}

interface Sample {
  readonly values: readonly string[];
  readonly figures: readonly number[];
}

/** @returns the page that a scrape is answered with. */
export function exposition(
  series: Iterable<readonly [key: string, figures: readonly number[]]>,
  gauges: readonly ReadGauge[],
): string {
  const byName = new Map<MetricName, Sample[]>();
  for (const [key, figures] of series) {
    const read = readKey(key);
    if (read === null) continue;
    byName.set(read.name, [...(byName.get(read.name) ?? []), { values: read.values, figures }]);
  }
  const counted = [...byName]
    .toSorted(([one], [other]) => one.localeCompare(other))
    .flatMap(([name, samples]) => family(name, samples));
  const read = gauges.flatMap(({ name, help, samples }) => [
    ...heading(name, help, "gauge"),
    ...samples.map(([labels, value]) => line(name, Object.entries(labels), value)),
  ]);
  return `${[...counted, ...read].join("\n")}\n`;
}

function family(name: MetricName, samples: readonly Sample[]): string[] {
  const metric = METRICS[name];
  const lines = samples.flatMap(({ values, figures }) => {
    const labels = metric.labels.map((label, index) => [label, values[index] ?? ""] as const);
    return metric.type === "histogram"
      ? histogram(name, labels, metric.bounds, figures)
      : [line(name, labels, figures[0] ?? 0)];
  });
  return [...heading(name, metric.help, metric.type), ...lines];
}

type Labels = readonly (readonly [name: string, value: string])[];

/** Each bucket counts what is below its bound, so also what the one before it counts. */
function histogram(
  name: string,
  labels: Labels,
  bounds: readonly number[],
  [sum = 0, ...buckets]: readonly number[],
): string[] {
  let total = 0;
  const lines = [...bounds, Number.POSITIVE_INFINITY].map((bound, index) => {
    total += buckets[index] ?? 0;
    const le = bound === Number.POSITIVE_INFINITY ? "+Inf" : String(bound);
    return line(`${name}_bucket`, [...labels, ["le", le]], total);
  });
  return [...lines, line(`${name}_sum`, labels, sum), line(`${name}_count`, labels, total)];
}

function heading(name: string, help: string, type: string): string[] {
  return [`# HELP ${name} ${help}.`, `# TYPE ${name} ${type}`];
}

function line(name: string, labels: Labels, value: number): string {
  const told = labels.map(([label, text]) => `${label}="${escaped(text)}"`).join(",");
  return `${name}${told === "" ? "" : `{${told}}`} ${value}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
