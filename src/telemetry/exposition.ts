/** Metrics as Prometheus reads them: the text exposition format, version 0.0.4. */
import type { HistogramFamily, MetricFamily } from "../protocol/metrics.ts";

export const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** @returns the page that a scrape is answered with. */
export function exposition(families: readonly MetricFamily[]): string {
  return `${families.flatMap(familyLines).join("\n")}\n`;
}

function familyLines(family: MetricFamily): string[] {
  const { name, help, type } = family;
  const lines =
    family.type === "histogram"
      ? family.samples.flatMap((sample) => histogramLines(name, sample))
      : family.samples.map(({ labels, value }) => line(name, labels, value));
  return [`# HELP ${name} ${help}.`, `# TYPE ${name} ${type}`, ...lines];
}

function histogramLines(
  name: string,
  { labels, buckets, sum, count }: HistogramFamily["samples"][number],
): string[] {
  const bucket = (le: string, upTo: number) => line(`${name}_bucket`, { ...labels, le }, upTo);
  return [
    ...buckets.map(({ le, count: upTo }) => bucket(String(le), upTo)),
    bucket("+Inf", count),
    line(`${name}_sum`, labels, sum),
    line(`${name}_count`, labels, count),
  ];
}

function line(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const told = Object.entries(labels)
    .map(([label, text]) => `${label}="${escaped(text)}"`)
    .join(",");
  return `${name}${told === "" ? "" : `{${told}}`} ${value}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
