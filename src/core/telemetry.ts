/** What tells operators how the product does: traces and metrics, always as ports. */
import { type Metrics, NO_METRICS } from "./metrics.ts";
import { NO_TRACER, type Tracer } from "./trace.ts";

export interface Telemetry {
  readonly tracer: Tracer;
  readonly metrics: Metrics;
}

/** Where nobody listens. */
export const NO_TELEMETRY: Telemetry = { tracer: NO_TRACER, metrics: NO_METRICS };
