/** The shared view of breakers: what each isolate reported, as everybody is told it. */
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { BreakerStatus } from "../../../src/core/breaker.ts";
import {
  type BreakerReport,
  breakerReports,
  GUARDED_PARTS,
  viewBreakers,
} from "../../../src/durable/breakers.ts";
import { BREAKERS_OBJECT_NAME } from "../../../src/durable/names.ts";
import { type CircuitBreaker, CircuitBreakers } from "../../../src/protocol/api.ts";
import { consoleLog } from "../../../src/telemetry/log.ts";
import { ABSENT_DATABASE } from "../thread/absent-database.ts";
import { ask, problemOf, signUp } from "./ask.ts";

const OPEN_MS = 10_000;
const start = Date.now();
const breakers = env.BREAKERS.getByName(BREAKERS_OBJECT_NAME);
let version = 0;

const opened = (at: number, failuresInRow = 3): BreakerStatus => ({
  state: "open",
  since: at,
  failuresInRow,
  nextProbeAt: at + OPEN_MS,
});
const closed = (at: number): BreakerStatus => ({
  state: "closed",
  since: at,
  failuresInRow: 0,
  nextProbeAt: null,
});

function report(instance: string, status: BreakerStatus, at: number): BreakerReport {
  version += 1;
  return { part: "analytics", instance, version, status, at };
}

async function analytics(now: number): Promise<CircuitBreaker | undefined> {
  const view = await viewBreakers(env, { now: () => now }, GUARDED_PARTS);
  return view.find(({ part }) => part === "analytics");
}

/** All tests report to one object: each leaves it as it found it. */
afterEach(async () => {
  vi.restoreAllMocks();
  for (const instance of ["a", "b"]) {
    await breakers.report(report(instance, closed(start), start - 24 * 60 * 60_000));
  }
});

describe("the view", () => {
  it("is only for who may read usage", async () => {
    expect((await problemOf(await ask("/api/circuit-breakers"))).status).toBe(401);
  });

  it("tells of every part, also of one that never failed", async () => {
    const { access_token: token } = await signUp();
    const answer = await ask("/api/circuit-breakers", { token });
    const { data } = CircuitBreakers.parse(await answer.json());
    expect(data.map(({ part }) => part)).toEqual(["model", "analytics", "history"]);
    expect(data[0]).toEqual({
      part: "model",
      state: "closed",
      since: null,
      failures: 0,
      next_probe_at: null,
      instances: [],
    });
  });

  it("tells of the shared parts though D1, which lists one's own servers, is away", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const { access_token: token } = await signUp();
    const answer = await ask("/api/circuit-breakers", { token, bindings: ABSENT_DATABASE });
    const { data } = CircuitBreakers.parse(await answer.json());
    expect(data.map(({ part }) => part)).toEqual(["model", "analytics", "history"]);
    expect(logged.mock.calls.join()).toContain("mcp.unlisted");
  });

  it("is unavailable where the object does not answer", async () => {
    const { access_token: token } = await signUp();
    const silent = { getByName: () => ({ view: () => Promise.reject(new Error("gone")) }) };
    const answer = await ask("/api/circuit-breakers", { token, bindings: { BREAKERS: silent } });
    expect(await problemOf(answer)).toMatchObject({ code: "unavailable", retry_after: 2 });
  });

  it("is the worst that any instance reported, with what each of them did", async () => {
    await breakers.report(report("a", opened(start, 5), start));
    await breakers.report(report("b", closed(start + 1), start + 1));
    const view = await analytics(start + 1_000);
    expect(view).toMatchObject({
      state: "open",
      failures: 5,
      since: new Date(start).toISOString(),
      next_probe_at: new Date(start + OPEN_MS).toISOString(),
    });
    expect(view?.instances.map(({ state }) => state)).toEqual(["closed", "open"]);
  });

  it("is half-open where the next call is a probe", async () => {
    await breakers.report(report("a", opened(start), start));
    expect(await analytics(start + OPEN_MS)).toMatchObject({ state: "half_open" });
  });

  it("is not moved by a report that comes late", async () => {
    const early = report("a", opened(start), start);
    await breakers.report(report("a", closed(start + 5), start + 5));
    await breakers.report(early);
    expect(await analytics(start + 1_000)).toMatchObject({ state: "closed" });
  });

  it("forgets who said nothing more, two minutes after its next probe was due", async () => {
    await breakers.report(report("a", opened(start), start));
    expect(await analytics(start + OPEN_MS + 119_000)).toMatchObject({ state: "half_open" });
    expect(await analytics(start + OPEN_MS + 121_000)).toMatchObject({ state: "closed" });
  });
});

describe("a breaker of an isolate", () => {
  it("reports by itself when it opens and when it closes", async () => {
    const clock = { now: () => start };
    const tell = breakerReports(env, clock, consoleLog)("model");
    const model = async () => (await viewBreakers(env, clock, GUARDED_PARTS))[0]?.state;
    tell(opened(start));
    await vi.waitFor(async () => expect(await model()).toBe("open"));
    tell(closed(start));
    await vi.waitFor(async () => expect(await model()).toBe("closed"));
  });

  it("goes on where nobody can be told", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const gone = { report: () => Promise.reject(new Error("gone")) };
    const BREAKERS = new Proxy(env.BREAKERS, { get: () => () => gone });
    breakerReports({ BREAKERS }, { now: () => start }, consoleLog)("model")(opened(start));
    await vi.waitFor(() => expect(logged.mock.calls.join()).toContain("breaker.unreported"));
  });
});

describe("the health of the whole", () => {
  it("is degraded while a breaker is open, but new requests are served", async () => {
    await breakers.report(report("a", opened(Date.now()), Date.now()));
    expect(await (await ask("/health")).json()).toMatchObject({
      status: "degraded",
      parts: { objects: "healthy", analytics: "degraded", model: "healthy" },
    });
    expect((await ask("/health/ready")).status).toBe(200);
  });

  it.each<[string, () => Promise<never>]>([
    ["fails", () => Promise.reject(new Error("gone"))],
    ["is silent", () => new Promise(() => {})],
  ])("where each object %s, that is said, and nothing is ready", async (_, view) => {
    const bindings = { BREAKERS: { getByName: () => ({ view }) } };
    const [report, ready] = await Promise.all([
      ask("/health", { bindings }),
      ask("/health/ready", { bindings }),
    ]);
    expect([report.status, ready.status]).toEqual([200, 503]);
    for (const answer of [report, ready]) {
      expect(await answer.json()).toMatchObject({
        status: "degraded",
        parts: { objects: "degraded", database: "healthy" },
      });
    }
  });

  it("is degraded where one object is silent, but new requests are served", async () => {
    const view = () => new Promise(() => {});
    const getByName = (name: string) =>
      name === BREAKERS_OBJECT_NAME ? { view } : env.BREAKERS.getByName(name);
    const answer = await ask("/health/ready", { bindings: { BREAKERS: { getByName } } });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ parts: { objects: "degraded" } });
  });
});
