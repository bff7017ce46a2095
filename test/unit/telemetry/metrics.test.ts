/** Metrics from the counting to the page: added up across isolates, once each, as Prometheus reads them. */
import { describe, expect, test } from "vitest";
import { METRICS } from "../../../src/core/metrics.ts";
import { MetricsSnapshot } from "../../../src/protocol/metrics.ts";
import { exposition } from "../../../src/telemetry/exposition.ts";
import { metricFamilies } from "../../../src/telemetry/families.ts";
import { MetricsRegistry } from "../../../src/telemetry/registry.ts";
import { addSeries, MAX_SERIES, seriesKey } from "../../../src/telemetry/series.ts";
import { MetricsPage } from "../../telemetry/metrics-page.ts";
import { shownMetrics } from "./recorded.ts";

describe("an isolate", () => {
  test("counts, and shows each metric by its labels", () => {
    const { metrics, page } = shownMetrics();
    metrics.add("apex_runs_ended_total", { agent: "data", status: "completed" });
    metrics.add("apex_runs_ended_total", { agent: "data", status: "completed" }, 2);
    metrics.add("apex_runs_ended_total", { agent: "data", status: "failed" });
    metrics.add("apex_sockets_open", {}, 3);
    metrics.add("apex_sockets_open", {}, -1);
    const shown = page();
    expect(shown.value("apex_runs_ended_total", { status: "completed" })).toBe(3);
    expect(shown.value("apex_runs_ended_total")).toBe(4);
    expect(shown.families.get("apex_runs_ended_total")?.type).toBe("COUNTER");
    expect(shown.value("apex_sockets_open")).toBe(2);
  });

  test("puts what it observes into buckets, each of which holds those below it", () => {
    const { metrics, page } = shownMetrics();
    for (const seconds of [0.004, 0.005, 0.3, 7, 10_000]) {
      metrics.observe("apex_tool_call_duration_seconds", { tool: "usage_summary" }, seconds);
    }
    const shown = page();
    const name = "apex_tool_call_duration_seconds";
    const below = (le: string) => shown.value(`${name}_bucket`, { tool: "usage_summary", le });
    expect(["0.005", "0.25", "0.5", "600", "+Inf"].map(below)).toEqual([2, 2, 3, 4, 5]);
    expect(shown.value(`${name}_count`)).toBe(5);
    expect(shown.value(`${name}_sum`)).toBeCloseTo(10_007.309);
    expect(shown.families.get(name)?.type).toBe("HISTOGRAM");
  });

  test("hands over the same until it has arrived, and what came meanwhile after it", () => {
    const metrics = new MetricsRegistry("one");
    metrics.add("apex_outbox_postponed_total", {});
    const first = metrics.batch();
    metrics.add("apex_outbox_postponed_total", {}, 5);
    expect(metrics.batch()).toBe(first);
    if (first !== null) metrics.taken(first);
    const second = metrics.batch();
    expect(second).toMatchObject({ version: 2, series: { [POSTPONED]: [5] } });
    if (first !== null) metrics.taken(first);
    expect(metrics.batch()).toBe(second);
    if (second !== null) metrics.taken(second);
    expect(metrics.batch()).toBeNull();
  });

  test("keeps no more series than it may, and counts what it leaves out", () => {
    const metrics = new MetricsRegistry("one");
    for (let index = 0; index < MAX_SERIES + 7; index += 1) {
      metrics.add("apex_rate_limited_requests_total", { code: `made-up-${index}` });
    }
    const { series = {} } = metrics.batch() ?? {};
    expect(series[seriesKey("apex_metrics_series_dropped_total", {})]).toEqual([7]);
    expect(Object.keys(series)).toHaveLength(MAX_SERIES + 1);
  });
});

/** @returns the page of a scrape, without gauges that are read. */
function shown(series: Iterable<readonly [string, readonly number[]]>): string {
  return exposition(metricFamilies(series, []));
}

/** What alerts ask the growth of, one by one. */
const BORN_AT_ZERO = [
  'apex_d1_failures_total{during="history"} 0',
  'apex_d1_failures_total{during="request"} 0',
  "apex_metrics_series_dropped_total 0",
  "apex_outbox_postponed_total 0",
  'apex_outbox_rows_total{outcome="refused"} 0',
  'apex_outbox_rows_total{outcome="saved"} 0',
  'apex_trace_spans_dropped_total{reason="breaker_open"} 0',
  'apex_trace_spans_dropped_total{reason="queue_full"} 0',
  'apex_trace_spans_dropped_total{reason="refused"} 0',
  'apex_trace_spans_dropped_total{reason="unreachable"} 0',
];
const POSTPONED = seriesKey("apex_outbox_postponed_total", {});

test("figures of isolates add up, a histogram bucket by bucket", () => {
  const totals = new Map<string, number[]>();
  const key = seriesKey("apex_outbox_lag_seconds", {});
  expect(addSeries(totals, { [key]: [1.5, 1, 0, 2] })).toBe(0);
  expect(addSeries(totals, { [key]: [0.5, 0, 3, 1], [POSTPONED]: [1] })).toBe(0);
  expect(Object.fromEntries(totals)).toEqual({ [key]: [2, 1, 3, 3], [POSTPONED]: [1] });
});

test("what finds no room in the totals is counted there, however full they are", () => {
  const totals = new Map<string, number[]>();
  for (let index = 0; index < MAX_SERIES; index += 1)
    totals.set(`["apex_gone_total","${index}"]`, [1]);
  expect(addSeries(totals, { [POSTPONED]: [1] })).toBe(1);
  const dropped = seriesKey("apex_metrics_series_dropped_total", {});
  expect(addSeries(totals, { [dropped]: [1] })).toBe(0);
  expect(totals.get(dropped)).toEqual([1]);
});

describe("the page", () => {
  test("has counters of few kinds from the beginning, so that the first of a kind is a growth", () => {
    const lines = shown([]).split("\n");
    expect(lines).toEqual(expect.arrayContaining(BORN_AT_ZERO));
    const postponed = shown([[POSTPONED, [3]]]).split("\n");
    const others = BORN_AT_ZERO.filter((line) => !line.startsWith("apex_outbox_postponed_total"));
    expect(postponed).toEqual(expect.arrayContaining(["apex_outbox_postponed_total 3", ...others]));
    expect(postponed).not.toContain("apex_outbox_postponed_total 0");
  });

  test("says what a label says, whatever stands in it", () => {
    const code = 'a"quote\\ and\na line';
    const page = shown([[seriesKey("apex_rate_limited_requests_total", { code }), [1]]]);
    expect(page).toContain('{code="a\\"quote\\\\ and\\na line"} 1\n');
  });

  test("passes over what an older version of the code counted", () => {
    expect(shown([['["apex_gone_total","x"]', [1]]])).toBe(shown([]));
  });

  test("can show every metric there is, as its grammar has it", () => {
    const series = Object.entries(METRICS).map(([name, { labels }]) => {
      const values = labels.map((label) => `some ${label}`);
      return [JSON.stringify([name, ...values]), [1, 1]] as const;
    });
    const page = new MetricsPage(shown(series));
    expect(new Set(page.families.keys())).toEqual(new Set(Object.keys(METRICS)));
    for (const [name, { type }] of Object.entries(METRICS)) {
      expect(page.families.get(name)?.type).toBe(type.toUpperCase());
    }
  });
});

test("who asks for JSON is told the same series, bucket by bucket", () => {
  const lag = seriesKey("apex_outbox_lag_seconds", {});
  const failed = seriesKey("apex_runs_ended_total", { agent: "data", status: "failed" });
  const families = metricFamilies(
    [
      [lag, [7.5, 2, 0, 1]],
      [failed, [3]],
    ],
    [{ name: "apex_breaker_open", help: "1 where open", samples: [[{ part: "model" }, 1]] }],
  );
  expect(MetricsSnapshot.parse(JSON.parse(JSON.stringify({ data: families })))).toEqual({
    data: families,
  });
  const [outbox, runs, breaker] = [
    "apex_outbox_lag_seconds",
    "apex_runs_ended_total",
    "apex_breaker_open",
  ].map((name) => families.find((family) => family.name === name));
  expect(outbox).toMatchObject({ name: "apex_outbox_lag_seconds", type: "histogram" });
  const [sample] = outbox?.type === "histogram" ? outbox.samples : [];
  expect(sample?.buckets.slice(0, 4).map(({ count }) => count)).toEqual([2, 2, 3, 3]);
  expect([sample?.sum, sample?.count]).toEqual([7.5, 3]);
  expect(runs?.samples).toEqual([{ labels: { agent: "data", status: "failed" }, value: 3 }]);
  expect(breaker?.samples).toEqual([{ labels: { part: "model" }, value: 1 }]);
  const page = new MetricsPage(exposition(families));
  expect(page.value("apex_outbox_lag_seconds_bucket", { le: "+Inf" })).toBe(3);
  expect(page.value("apex_runs_ended_total", { status: "failed" })).toBe(3);
});
