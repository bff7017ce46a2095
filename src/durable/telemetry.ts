/** Traces and metrics as a deployment has them, put together once for all that runs in an isolate. */
import { systemClock } from "../core/clock.ts";
import { consoleLog } from "../core/log.ts";
import type { Telemetry } from "../core/telemetry.ts";
import type { Tracer } from "../core/trace.ts";
import { type Config, readConfig } from "../env.ts";
import type { DataPoint } from "../telemetry/data-points.ts";
import { SpanExporter } from "../telemetry/span-exporter.ts";
import { tracerOf } from "../telemetry/tracer.ts";
import { IsolateMetrics } from "./metrics.ts";

/** Telemetry that has a way out. */
export interface ExportedTelemetry extends Telemetry {
  readonly metrics: IsolateMetrics;
  /**
   * Sends the spans that wait, and, where it is time, what was counted: to be given to `waitUntil`, after
   * an answer or a run. Never throws.
   */
  flush(): Promise<void>;
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
  const traces = tracesOf(env, metrics);
  return {
    metrics,
    tracer: traces.tracer,
    async flush() {
      await Promise.all([traces.flush(), metrics.isDue && metrics.report()]);
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

function tracesOf(
  env: Cloudflare.Env,
  metrics: IsolateMetrics,
): { readonly tracer: Tracer; readonly flush: () => Promise<void> } {
  const clock = systemClock;
  const config = configOrNull(env);
  const collector = config?.telemetry.collector ?? null;
  const ratio = config?.telemetry.traceSample ?? 0;
  if (config === null || collector === null) {
    return { tracer: tracerOf({ clock, ratio, take: null }), flush: () => Promise.resolve() };
  }
  const exporter = new SpanExporter({
    collector,
    resource: {
      "service.name": "apex-edge",
      "service.version": env.CODE_VERSION.id,
      "deployment.environment.name": config.environment,
    },
    fetch: (request) => fetch(request),
    clock,
    log: consoleLog,
    metrics,
  });
  const tracer = tracerOf({ clock, ratio, take: exporter.take });
  return { tracer, flush: () => exporter.flush() };
}

/** Who asks with settings that are not valid is told so by the app, which reads them too. */
function configOrNull(env: Cloudflare.Env): Config | null {
  try {
    return readConfig(env);
  } catch {
    return null;
  }
}
