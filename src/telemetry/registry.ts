/** Counts metrics in the memory of an isolate, and hands over what was counted since the last time. */
import { METRICS, type MetricName, type Metrics } from "../core/metrics.ts";
import { DROPPED, MAX_SERIES, type Series, seriesKey } from "./series.ts";

/** What an isolate counted. Versions grow by one, and the next is made only after this one was taken. */
export interface MetricsBatch {
  readonly instance: string;
  readonly version: number;
  readonly series: Series;
}

export class MetricsRegistry implements Metrics {
  readonly #instance: string;
  /** What was counted since the last batch. */
  #counted = new Map<string, number[]>();
  /** The batch that was handed over and not confirmed; it is handed over again unchanged. */
  #underWay: MetricsBatch | null = null;
  #version = 0;

  /** @param instance a name that no other isolate has. */
  constructor(instance: string) {
    this.#instance = instance;
  }

  add(name: MetricName, labels: Readonly<Record<string, string>>, by = 1): void {
    const figures = this.#figures(name, labels, 1);
    if (figures !== null) figures[0] = (figures[0] ?? 0) + by;
  }

  observe(name: MetricName, labels: Readonly<Record<string, string>>, value: number): void {
    const metric = METRICS[name];
    if (metric.type !== "histogram") return;
    const { bounds } = metric;
    const figures = this.#figures(name, labels, bounds.length + 2);
    if (figures === null) return;
    const within = bounds.findIndex((bound) => value <= bound);
    const bucket = 1 + (within < 0 ? bounds.length : within);
    figures[0] = (figures[0] ?? 0) + value;
    figures[bucket] = (figures[bucket] ?? 0) + 1;
  }

  /** @returns the batch to hand over now; null if there is nothing. */
  batch(): MetricsBatch | null {
    if (this.#underWay === null && this.#counted.size > 0) {
      this.#version += 1;
      const series = Object.fromEntries(this.#counted);
      this.#underWay = { instance: this.#instance, version: this.#version, series };
      this.#counted = new Map();
    }
    return this.#underWay;
  }

  /** Confirms that a batch has arrived. */
  taken({ version }: Pick<MetricsBatch, "version">): void {
    if (this.#underWay?.version === version) this.#underWay = null;
  }

  #figures(
    name: MetricName,
    labels: Readonly<Record<string, string>>,
    size: number,
  ): number[] | null {
    const key = seriesKey(name, labels);
    const known = this.#counted.get(key);
    if (known !== undefined) return known;
    if (this.#counted.size >= MAX_SERIES && name !== DROPPED) {
      this.add(DROPPED, {});
      return null;
    }
    const figures = new Array<number>(size).fill(0);
    this.#counted.set(key, figures);
    return figures;
  }
}
