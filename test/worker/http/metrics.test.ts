/** The page of metrics: what isolates report is counted once and kept, and nobody but operators reads it. */
import { abortAllDurableObjects } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { newId, systemClock } from "../../../src/core/clock.ts";
import { Breakers } from "../../../src/durable/breakers-object.ts";
import { IsolateMetrics, metricsObject } from "../../../src/durable/metrics.ts";
import { Metrics } from "../../../src/durable/metrics-object.ts";
import { Credentials } from "../../../src/protocol/api.ts";
import { MetricsSnapshot } from "../../../src/protocol/metrics.ts";
import { seriesKey } from "../../../src/telemetry/series.ts";
import { MetricsPage } from "../../telemetry/metrics-page.ts";
import { memoryLog } from "../../unit/core/memory-log.ts";
import { ask, problemOf, signUp } from "./ask.ts";

const TOKEN = "a-scrape-token-of-more-than-32-characters";
const bindings = { METRICS_TOKEN: TOKEN };
const REFUSED = seriesKey("apex_outbox_rows_total", { outcome: "refused" });

/** How many rows were refused for good, as the object has it. */
async function refused(): Promise<number> {
  const { series } = await metricsObject(env).read(Date.now());
  return series[REFUSED]?.[0] ?? 0;
}

describe("what an isolate reports", () => {
  it("counts once, however often it is sent, and is not forgotten", async () => {
    const before = await refused();
    const batch = (version: number, figure: number) => ({
      instance: "isolate-one",
      version,
      series: { [REFUSED]: [figure] },
    });
    const object = () => metricsObject(env);
    await object().report(batch(1, 2), Date.now());
    await object().report(batch(1, 2), Date.now());
    await object().report(batch(2, 3), Date.now());
    await object().report(batch(1, 2), Date.now());
    expect(await refused()).toBe(before + 5);
    await abortAllDurableObjects();
    expect(await refused()).toBe(before + 5);
    await object().report(batch(2, 3), Date.now());
    expect(await refused()).toBe(before + 5);
  });

  it("waits in it while the object is away, and arrives with what came meanwhile", async () => {
    const before = await refused();
    const log = memoryLog();
    const metrics = new IsolateMetrics(env, systemClock, log);
    const away = vi.spyOn(Metrics.prototype, "report").mockRejectedValueOnce(new Error("away"));
    metrics.add("apex_outbox_rows_total", { outcome: "refused" });
    await metrics.report();
    expect(log.records).toMatchObject([{ event: "metrics.unreported" }]);
    metrics.add("apex_outbox_rows_total", { outcome: "refused" });
    await metrics.report();
    await metrics.report();
    expect(await refused()).toBe(before + 2);
    away.mockRestore();
  });

  it("arrives in time, though nothing else is reported of it, and whoever waits for that waits alone", async () => {
    const before = await refused();
    let now = Date.now();
    const pauses: number[] = [];
    const sleep = async (milliseconds: number) => {
      pauses.push(milliseconds);
      now += milliseconds;
    };
    const metrics = new IsolateMetrics(env, { now: () => now, sleep }, memoryLog());
    const count = () => metrics.add("apex_outbox_rows_total", { outcome: "refused" });
    count();
    await metrics.reportInTime();
    expect([await refused(), pauses]).toEqual([before + 1, []]);
    now += 5_000;
    count();
    await Promise.all([metrics.reportInTime(), metrics.reportInTime()]);
    expect([await refused(), pauses]).toEqual([before + 2, [10_000]]);
  });
});

it("each request writes a data point, where Analytics Engine is bound, and fails with none of them", async () => {
  const writeDataPoint = vi.fn();
  const analytics = { ANALYTICS: { writeDataPoint } };
  const answer = await ask("/api/auth/me", { bindings: analytics });
  const [, traceId] = answer.headers.get("traceresponse")?.split("-") ?? [];
  expect(writeDataPoint.mock.calls).toEqual([
    [
      {
        indexes: ["/api/auth/me"],
        blobs: ["request", "/api/auth/me", "GET", traceId],
        doubles: [401, expect.any(Number)],
      },
    ],
  ]);
  writeDataPoint.mockImplementation(() => {
    throw new Error("full");
  });
  expect((await ask("/api/auth/me", { bindings: analytics })).status).toBe(401);
});

/** As Prometheus 3 asks. */
const PROMETHEUS =
  "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

async function operatorToken(): Promise<string> {
  const body = { email: `${newId()}@example.com`, permissions: ["operator"] };
  return Credentials.parse(await (await ask("/api/auth/dev-login", { body })).json()).access_token;
}

describe("the page", () => {
  it("tells of requests by their routes, and of made-up addresses as one", async () => {
    await ask("/api/threads/made-up/in/some/way", { bindings });
    await ask("/api/auth/me", { bindings });
    const answer = await ask("/metrics", { token: TOKEN, bindings });
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const text = await answer.text();
    const page = new MetricsPage(text);
    const me = { route: "/api/auth/me", method: "GET", status: "4xx" };
    expect(page.value("apex_http_requests_total", me)).toBeGreaterThan(0);
    expect(page.value("apex_http_requests_total", { route: "unmatched" })).toBeGreaterThan(0);
    expect(page.value("apex_breaker_open", { part: "analytics" })).toBe(0);
    expect(text).not.toContain("made-up");
    expect(text).not.toContain(TOKEN);
  });

  it("is not there without the token or the permission", async () => {
    const { access_token } = await signUp();
    expect((await problemOf(await ask("/metrics", { bindings }))).status).toBe(401);
    const wrong = await ask("/metrics", { token: TOKEN.replace("a-", "b-"), bindings });
    expect((await problemOf(wrong)).status).toBe(401);
    const nobody = await ask("/metrics", { token: access_token, bindings });
    expect((await problemOf(nobody)).status).toBe(404);
    expect((await ask("/metrics", { token: "", bindings: { METRICS_TOKEN: "" } })).status).toBe(
      401,
    );
  });

  it("tells the rest where nobody knows how the breakers stand", async () => {
    const away = vi.spyOn(Breakers.prototype, "view").mockRejectedValueOnce(new Error("away"));
    const answer = await ask("/metrics", { token: TOKEN, bindings });
    expect(away).toHaveBeenCalledOnce();
    away.mockRestore();
    expect(answer.status).toBe(200);
    const page = new MetricsPage(await answer.text());
    expect(page.families.has("apex_http_requests_total")).toBe(true);
    expect(page.families.get("apex_breaker_open")?.metrics ?? []).toEqual([]);
  });

  it("is there for an operator, token or not", async () => {
    const token = await operatorToken();
    expect((await ask("/metrics", { token })).status).toBe(200);
  });

  it.each([
    ["nothing", undefined, "text/plain"],
    ["anything", "*/*", "text/plain"],
    ["what Prometheus does", PROMETHEUS, "text/plain"],
    ["JSON", "application/json", "application/json"],
  ])("is text unless JSON is asked for: who accepts %s", async (_, accept, type) => {
    const headers = accept === undefined ? {} : { accept };
    const answer = await ask("/metrics", { token: TOKEN, bindings, headers });
    expect(answer.headers.get("content-type")).toMatch(type);
    expect(answer.headers.get("vary")).toMatch(/accept/i);
    await answer.body?.cancel();
  });

  it("tells the same as JSON", async () => {
    await ask("/api/auth/me", { bindings });
    const headers = { accept: "application/json" };
    const answer = await ask("/metrics", { token: await operatorToken(), headers });
    const { data } = MetricsSnapshot.parse(await answer.json());
    const requests = data.find(({ name }) => name === "apex_http_requests_total");
    const me = { route: "/api/auth/me", method: "GET", status: "4xx" };
    expect(requests?.samples).toContainEqual({ labels: me, value: expect.any(Number) });
    expect(data.map(({ name }) => name)).toContain("apex_breaker_open");
  });
});
