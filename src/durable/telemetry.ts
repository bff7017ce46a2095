/** Traces and metrics as a deployment has them, put together once for all that runs in an isolate. */
import { systemClock } from "../core/clock.ts";
import type { Telemetry } from "../core/telemetry.ts";
import { type Config, readConfig } from "../env.ts";
import type { DataPoint } from "../telemetry/data-points.ts";
import { consoleLog } from "../telemetry/log.ts";
import { SpanExporter } from "../telemetry/span-exporter.ts";
import { tracerOf } from "../telemetry/tracer.ts";
import { IsolateMetrics } from "./metrics.ts";

/** Telemetry that has a way out. */
export interface ExportedTelemetry extends Telemetry {
  readonly metrics: IsolateMetrics;
  /**
   * Sends the spans that wait, and, where it is time, what was counted: to be given to `waitUntil` after a
   * run. Never throws.
   */
  flush(): Promise<void>;
  /** As {@link flush}, after an answer: with a moment's pause, so that one flush serves many requests. */
  flushSoon(): Promise<void>;
  /** Writes a data point, where Analytics Engine is bound. Neither throws nor waits. */
  write(point: DataPoint): void;
}

const composed = new WeakMap<Cloudflare.Env, ExportedTelemetry>();

/** @returns the telemetry of this isolate; where the configuration is not valid, nothing is recorded. */
export function telemetryOf(env: Cloudflare.Env): ExportedTelemetry {
  const known = composed.get(env) ?? compose(env);
  composed.set(env, known);
  return known;
}

function compose(env: Cloudflare.Env): ExportedTelemetry {
  const clock = systemClock;
  const metrics = new IsolateMetrics(env, clock, consoleLog);
  const config = configOrNull(env);
  const exporter = config && exporterOf(env, config, metrics);
  const ratio = config?.telemetry.traceSample ?? 0;
  return {
    metrics,
    tracer: tracerOf({ clock, ratio, take: exporter?.take ?? null }),
    async flush() {
      await Promise.all([exporter?.flush(), metrics.isDue && metrics.report()]);
    },
    async flushSoon() {
      await Promise.all([exporter?.flushSoon(), metrics.isDue && metrics.report()]);
    },
    write(point) {
      try {
        env.ANALYTICS?.writeDataPoint(point);
      } catch (error) {
        consoleLog.error("analytics.unwritten", error);
      }
    },
  };
}

/** @returns the way to the collector; null where there is none. */
function exporterOf(
  env: Cloudflare.Env,
  { environment, telemetry: { collector } }: Config,
  metrics: IsolateMetrics,
): SpanExporter | null {
  if (collector === null) return null;
  return new SpanExporter({
    collector,
    resource: {
      "service.name": "apex-edge",
      "service.version": env.CODE_VERSION.id,
      "deployment.environment.name": environment,
    },
    fetch: (request) => fetch(request),
    clock: systemClock,
    log: consoleLog,
    metrics,
  });
}

/** Who asks with settings that are not valid is told so by the app, which reads them too. */
function configOrNull(env: Cloudflare.Env): Config | null {
  try {
    return readConfig(env);
  } catch {
    return null;
  }
}
