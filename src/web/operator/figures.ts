/** Figures of the metrics, with what each of them is a sign of. */
import type { MetricsSnapshot } from "../../protocol/metrics.ts";
import {
  COUNTS,
  type CountName,
  type CountRule,
  DURATIONS,
  type DurationName,
  GAUGES,
  type GaugeName,
  type GaugeRule,
  type Group,
} from "./figure-rules.ts";
import { type Quantile, quantileOf } from "./quantiles.ts";

/** `rising` and `now` are of this moment; what is `earlier` has stood still since the first look. */
export type Sign = "fine" | "earlier" | "rising" | "now";

interface Figure<Name> {
  readonly name: Name;
  readonly value: number;
  /** null where it is no sign of anything, however large it is. */
  readonly sign: Sign | null;
  /** The line of the runbooks to read, where the sign is no good one. */
  readonly event: string | null;
}

/** What is counted up. */
export interface Count extends Figure<CountName> {
  /** By how much it grew since the first look. */
  readonly since: number;
}

type Gauge = Figure<GaugeName>;

/** How long something takes, in seconds. */
interface Duration {
  readonly name: DurationName;
  readonly count: number;
  readonly p50: Quantile | null;
  readonly p95: Quantile | null;
}

/** @param first what was counted at the first look. @returns the counts of a group. */
export function countsOf(group: Group, first: MetricsSnapshot, now: MetricsSnapshot): Count[] {
  const rules: readonly (CountRule & { readonly name: CountName })[] = COUNTS[group];
  return rules.map(({ name, event = null, ...source }) => {
    const value = sumOf(now, source);
    const since = value - sumOf(first, source);
    if (event === null) return { name, value, since, sign: null, event };
    if (value === 0) return { name, value, since, sign: "fine", event: null };
    return { name, value, since, sign: since > 0 ? "rising" : "earlier", event };
  });
}

/** @returns the gauges, as they stand. */
export function gaugesOf(now: MetricsSnapshot): Gauge[] {
  const rules: readonly (GaugeRule & { readonly name: GaugeName })[] = GAUGES;
  return rules.map(({ name, event = null, least, most, ...source }) => {
    const value = sumOf(now, source);
    if (event === null) return { name, value, sign: null, event };
    const isOut = value < (least ?? value) || value > (most ?? value);
    return isOut ? { name, value, sign: "now", event } : { name, value, sign: "fine", event: null };
  });
}

/** @returns how long things took, over all that was ever counted. */
export function durationsOf({ data }: MetricsSnapshot): Duration[] {
  return DURATIONS.map(({ name, metric }) => {
    const family = data.find((one) => one.name === metric);
    const samples = family?.type === "histogram" ? family.samples : [];
    return {
      name,
      count: samples.reduce((sum, { count }) => sum + count, 0),
      p50: quantileOf(samples, 0.5),
      p95: quantileOf(samples, 0.95),
    };
  });
}

type Labels = Readonly<Record<string, string>>;

/** What has no samples yet was never counted: it is nothing. */
function sumOf({ data }: MetricsSnapshot, { metric, of = {}, but }: CountRule): number {
  const family = data.find(({ name }) => name === metric);
  if (family === undefined || family.type === "histogram") return 0;
  return family.samples
    .filter(({ labels }) => fits(labels, of) && !(but && fits(labels, but)))
    .reduce((sum, { value }) => sum + value, 0);
}

function fits(labels: Labels, asked: Labels): boolean {
  return Object.entries(asked).every(([label, value]) => labels[label] === value);
}
