/** The way of metrics out of the isolates that count them: to one object, which has them all added up. */
import { type Clock, newId } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { type MetricsBatch, MetricsRegistry } from "../telemetry/registry.ts";
import type { Series } from "../telemetry/series.ts";
import { METRICS_OBJECT_NAME } from "./names.ts";
import { reach } from "./reach.ts";

/** What an isolate counted leaves it this often at most, in milliseconds. */
const INTERVAL_MS = 15_000;
/** How long the object may take, in milliseconds. */
const DEADLINE_MS = 2_000;

/** What others ask of the Metrics object. Every call is bounded, and safe to repeat. */
export interface MetricsRpc {
  /** Adds a batch up, once. @param at milliseconds since the Unix epoch. */
  report(batch: MetricsBatch, at: number): Promise<void>;
  /** @returns all that was ever reported, and by how many isolates in the last while. */
  read(at: number): Promise<{ readonly series: Series; readonly reporters: number }>;
}

type Namespace = Pick<Cloudflare.Env, "METRICS">;

/** @returns a stub of the object. */
export function metricsObject({ METRICS }: Namespace): MetricsRpc {
  return METRICS.getByName(METRICS_OBJECT_NAME);
}

/** The metrics of an isolate, and when they are handed over. */
export class IsolateMetrics extends MetricsRegistry {
  readonly #env: Namespace;
  readonly #clock: Clock;
  readonly #log: Log;
  /** The first report leaves at once: where little happens, so does every other. */
  #reportedAt = Number.NEGATIVE_INFINITY;
  /** Until when somebody waits to report; whoever did may have died with its object. */
  #waitedUntil = Number.NEGATIVE_INFINITY;

  constructor(env: Namespace, clock: Clock, log: Log) {
    super(newId());
    this.#env = env;
    this.#clock = clock;
    this.#log = log;
  }

  /** Whether it is time to {@link report} again. */
  get isDue(): boolean {
    return this.#clock.now() - this.#reportedAt >= INTERVAL_MS;
  }

  /**
   * Hands over what was counted as soon as it is time, and waits for that: for changes of a gauge, which is
   * wrong for ever where one is lost because its isolate ended before anything else was reported. Never throws.
   */
  async reportInTime(): Promise<void> {
    const now = this.#clock.now();
    if (this.isDue) return await this.report();
    if (now < this.#waitedUntil) return;
    this.#waitedUntil = this.#reportedAt + INTERVAL_MS;
    await this.#clock.sleep(this.#waitedUntil - now);
    await this.report();
  }

  /** Hands over what was counted. Never throws: what did not arrive is handed over the next time. */
  async report(): Promise<void> {
    this.#reportedAt = this.#clock.now();
    const batch = this.batch();
    if (batch === null) return;
    try {
      const object = () => metricsObject(this.#env);
      await reach(object, (it) => it.report(batch, this.#clock.now()), DEADLINE_MS);
      this.taken(batch);
    } catch (error) {
      this.#log.error("metrics.unreported", error);
    }
  }
}
