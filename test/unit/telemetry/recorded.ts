/** A tracer that keeps what it is told, and a clock that a test turns. */

import { exposition } from "../../../src/telemetry/exposition.ts";
import { metricFamilies } from "../../../src/telemetry/families.ts";
import { MetricsRegistry } from "../../../src/telemetry/registry.ts";
import { type EndedSpan, tracerOf } from "../../../src/telemetry/tracer.ts";
import { MetricsPage } from "../../telemetry/metrics-page.ts";
import { FakeClock } from "../core/fake-clock.ts";

/** @returns the tracer, and the spans that ended, in the order of their ends. */
export function recordingTracer({ ratio = 1, clock = new FakeClock() } = {}) {
  const spans: EndedSpan[] = [];
  const tracer = tracerOf({ clock, ratio, take: (span) => spans.push(span) });
  return { clock, spans, tracer };
}

/** @returns metrics, and the page that a scrape would show of them. */
export function shownMetrics() {
  const metrics = new MetricsRegistry("test");
  const page = () => {
    const { series = {} } = metrics.batch() ?? {};
    return new MetricsPage(exposition(metricFamilies(Object.entries(series), [])));
  };
  return { metrics, page };
}
