/** The figures of the operator's page, from metrics as the server tells them. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { METRICS } from "../../../../src/core/metrics.ts";
import type { MetricsSnapshot } from "../../../../src/protocol/metrics.ts";
import { metricFamilies } from "../../../../src/telemetry/families.ts";
import { seriesKey } from "../../../../src/telemetry/series.ts";
import {
  COUNTS,
  type CountRule,
  DURATIONS,
  GAUGES,
  GROUPS,
  PART_EVENTS,
} from "../../../../src/web/operator/figure-rules.ts";
import { countsOf, durationsOf, gaugesOf } from "../../../../src/web/operator/figures.ts";
import { quantileOf } from "../../../../src/web/operator/quantiles.ts";
import { replayOutcome } from "../../../../src/web/operator/replay-outcome.ts";

/** @returns a sample whose buckets up to 1, 2 and 4 hold so many more each, and so many above. */
function sample(...[first = 0, second = 0, third = 0, above = 0]: number[]) {
  const buckets = [
    { le: 1, count: first },
    { le: 2, count: first + second },
    { le: 4, count: first + second + third },
  ];
  return { labels: {}, buckets, sum: 0, count: first + second + third + above };
}

describe("a quantile", () => {
  test("of nothing is none", () => {
    expect(quantileOf([], 0.5)).toBeNull();
    expect(quantileOf([sample()], 0.95)).toBeNull();
  });

  test("above every bound is no figure that could be believed: it is more than the last", () => {
    expect(quantileOf([sample(1, 0, 0, 9)], 0.95)).toEqual({ about: 4, above: 4, upTo: null });
  });

  test("lies in its bucket, in proportion, between its bounds", () => {
    expect(quantileOf([sample(10, 0, 0)], 0.5)).toEqual({ about: 0.5, above: 0, upTo: 1 });
    expect(quantileOf([sample(5, 0, 5)], 0.75)).toEqual({ about: 3, above: 2, upTo: 4 });
    expect(quantileOf([sample(5, 5, 0)], 0.5)).toEqual({ about: 1, above: 0, upTo: 1 });
  });

  test("is of all samples together", () => {
    const [apart, together] = [[sample(2, 1, 0), sample(0, 1, 4, 2)], [sample(2, 2, 4, 2)]];
    for (const share of [0.1, 0.5, 0.8, 0.99])
      expect(quantileOf(apart, share)).toEqual(quantileOf(together, share));
  });
});

/** @returns what the server tells of these counters. */
function snapshot(counters: readonly (readonly [keyof typeof METRICS, object, number])[]) {
  const series = counters.map(
    ([name, labels, value]) => [seriesKey(name, { ...labels }), [value]] as const,
  );
  return { data: metricFamilies(series, []) };
}

const request = (status: string, value: number, route = "/api/threads") =>
  ["apex_http_requests_total", { route, method: "GET", status }, value] as const;
const NOTHING: MetricsSnapshot = { data: [] };

describe("a count", () => {
  test("of which nothing is known yet is nothing, and no bad sign", () => {
    const counts = GROUPS.flatMap((group) => countsOf(group, NOTHING, NOTHING));
    for (const count of counts) expect(count).toMatchObject({ value: 0, since: 0, event: null });
    expect(new Set(counts.map(({ sign }) => sign))).toEqual(new Set(["fine", null]));
  });

  test("of failures is a sign of now where it grew since the first look, and else of earlier", () => {
    const first = snapshot([request("5xx", 2), request("2xx", 10)]);
    const now = snapshot([request("5xx", 2), request("5xx", 1, "/api/runs"), request("2xx", 30)]);
    const failed = (at: MetricsSnapshot) =>
      countsOf("requests", first, at).find(({ name }) => name === "failed");
    expect(failed(first)).toMatchObject({ value: 2, since: 0, sign: "earlier" });
    expect(failed(now)).toEqual({
      ...{ name: "failed", value: 3, since: 1, sign: "rising", event: "request_failed" },
    });
    expect(countsOf("requests", first, now)[0]).toEqual({
      ...{ name: "answered", value: 30, since: 20, sign: null, event: null },
    });
  });

  test("of model calls that failed leaves out those that were well", () => {
    const call = (outcome: string, value: number) =>
      ["apex_model_calls_total", { provider: "openai", model: "m", outcome }, value] as const;
    const now = snapshot([call("ok", 90), call("timed_out", 2), call("unavailable", 1)]);
    expect(countsOf("runs", now, now).find(({ name }) => name === "modelFailed")?.value).toBe(3);
  });
});

describe("a gauge", () => {
  const gauges = (model: number, reporters: number): MetricsSnapshot => ({
    data: metricFamilies(
      [],
      [
        { name: "apex_breaker_open", help: "", samples: [[{ part: "model" }, model]] },
        { name: "apex_metrics_reporters", help: "", samples: [[{}, reporters]] },
      ],
    ),
  });

  test("out of its bounds leads to the runbooks", () => {
    const signs = gaugesOf(gauges(1, 0)).filter(({ sign }) => sign === "now");
    expect(signs.map(({ name, event }) => [name, event])).toEqual([
      ["reporters", "metrics.unreported"],
      ["modelBreaker", "model_breaker_opened"],
    ]);
  });

  test("within them is fine, and one without bounds is no sign", () => {
    const signs = gaugesOf(gauges(0, 3)).map(({ name, sign }) => [name, sign]);
    expect(signs.slice(0, 2)).toEqual([
      ["sockets", null],
      ["reporters", "fine"],
    ]);
    expect(signs.filter(([, sign]) => sign === "now")).toEqual([]);
  });
});

test("durations are told of every histogram, with how much they rest on", () => {
  const key = seriesKey("apex_run_queue_seconds", {});
  const now = { data: metricFamilies([[key, [1, 0, 0, 0, 0, 0, 4]]], []) };
  const queue = durationsOf(now).find(({ name }) => name === "queue");
  expect(queue).toMatchObject({ count: 4, p50: { above: 0.1, upTo: 0.25 } });
  expect(durationsOf(now).find(({ name }) => name === "request")).toMatchObject({
    ...{ count: 0, p50: null, p95: null },
  });
});

/** All rules, whatever they are of. */
const RULES: readonly CountRule[] = [...Object.values(COUNTS).flat(), ...GAUGES, ...DURATIONS];

test("every figure is of a metric, and of labels, that the server counts or reads", () => {
  const read = readFileSync("src/http/routes/metrics.ts", "utf8");
  for (const { metric, of = {}, but = {} } of RULES) {
    const counted = Object.entries(METRICS).find(([name]) => name === metric)?.[1];
    if (counted === undefined) expect(read).toContain(`"${metric}"`);
    else expect(counted.labels).toEqual(expect.arrayContaining(Object.keys({ ...of, ...but })));
  }
});

test("every figure that is shown for how long something takes is of a histogram", () => {
  const types = Object.fromEntries(Object.entries(METRICS).map(([name, { type }]) => [name, type]));
  expect(DURATIONS.map(({ metric }) => types[metric])).toEqual(DURATIONS.map(() => "histogram"));
});

test("what leads to the runbooks leads to a line that is there", () => {
  const rows = readFileSync("docs/runbooks.md", "utf8").match(/^\| `.*? \|/gm) ?? [];
  const events = [...RULES.map(({ event }) => event), ...Object.values(PART_EVENTS)];
  for (const event of events.filter((one) => one !== undefined))
    expect([event, rows.some((row) => row.includes(`\`${event}\``))]).toEqual([event, true]);
});

describe("letters that were sent again", () => {
  const letter = (id: number, refused_at = "2026-11-21T08:00:00.000Z") => ({
    ...{ id, kind: "message" as const, subject_id: `m${id}`, version: id, characters: 10 },
    ...{ reason: "SQLITE_CONSTRAINT", refused_at },
  });
  const sent = { data: [letter(1), letter(2), letter(3)], total: 3 };

  test("are on the way until D1 took them or refused them once more", () => {
    expect(replayOutcome(sent, sent)).toEqual({ arrived: 0, refused: 0, waiting: 3 });
  });

  test("are told apart by what became of each", () => {
    const now = { data: [letter(2, "2026-11-21T08:01:00.000Z"), letter(3)], total: 2 };
    expect(replayOutcome(sent, now)).toEqual({ arrived: 1, refused: 1, waiting: 1 });
    expect(replayOutcome(sent, { data: [], total: 0 })).toEqual({
      ...{ arrived: 3, refused: 0, waiting: 0 },
    });
  });
});
