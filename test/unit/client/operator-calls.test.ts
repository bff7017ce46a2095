/** The calls of who operates the platform: what is asked, and what is believed. */
import { beforeEach, describe, expect, test } from "vitest";
import { ApexClient } from "../../../src/client/apex-client.ts";
import { AuditPage } from "../../../src/protocol/account.ts";
import { CircuitBreakers, DeadLetters, Health } from "../../../src/protocol/api.ts";
import { ThreadId, UserId } from "../../../src/protocol/ids.ts";
import { MetricsSnapshot } from "../../../src/protocol/metrics.ts";
import { AT, problem, USER } from "./frames.ts";
import { ScriptedServer } from "./scripted-server.ts";

let server: ScriptedServer;
let client: ApexClient;

beforeEach(async () => {
  server = new ScriptedServer();
  client = new ApexClient({ baseUrl: "http://server.test", fetch: server.fetch });
  await client.devLogin({ email: USER.email });
});

const user = UserId.parse("u/1");
const thread = ThreadId.parse("t1");
const standing = { state: "open", since: AT, failures: 5, next_probe_at: AT } as const;

type Call = (client: ApexClient) => Promise<unknown>;

/** Each call, the request it makes, what the server says to it, and what would not be believed. */
const CALLS: readonly [string, Call, string, unknown, unknown][] = [
  [
    "health",
    (c) => c.operator.health(),
    "GET /api/health",
    Health.parse({ status: "degraded", parts: { database: "degraded" }, model_provider: "demo" }),
    { status: "degraded", parts: { database: "poorly" }, model_provider: "demo" },
  ],
  [
    "breakers",
    (c) => c.operator.breakers(),
    "GET /api/circuit-breakers",
    CircuitBreakers.parse({
      data: [{ ...standing, part: "model", instances: [{ ...standing, reported_at: AT }] }],
    }),
    { data: [{ ...standing, part: "model", instances: [standing] }] },
  ],
  [
    "metrics",
    (c) => c.operator.metrics(),
    "GET /metrics",
    MetricsSnapshot.parse({
      data: [
        { name: "a", help: "A", type: "counter", samples: [{ labels: { b: "c" }, value: 1 }] },
        {
          name: "d",
          help: "D",
          type: "histogram",
          samples: [{ labels: {}, buckets: [{ le: 0.5, count: 1 }], sum: 0.1, count: 2 }],
        },
      ],
    }),
    { data: [{ name: "d", help: "D", type: "histogram", samples: [{ labels: {}, value: 1 }] }] },
  ],
  [
    "audit",
    (c) => c.operator.audit(user, { cursor: "next" }),
    "GET /api/operator/audit/u%2F1",
    AuditPage.parse({
      data: [
        {
          ...{ id: "e1", action: "signed_in", at: AT, by: null },
          ...{ address: "203.0.113.7", user_agent: null, subject: null },
        },
      ],
      has_more: false,
      next_cursor: null,
    }),
    { data: [{ id: "e1" }], has_more: false, next_cursor: null },
  ],
  [
    "deadLetters",
    (c) => c.operator.deadLetters(user, thread),
    "GET /api/operator/threads/u%2F1/t1/dead-letters",
    DeadLetters.parse({
      data: [
        {
          ...{ id: 1, kind: "message", subject_id: "m1", version: 3, characters: 120 },
          ...{ reason: "SQLITE_CONSTRAINT", refused_at: AT },
        },
      ],
      total: 1,
    }),
    { data: [{ id: 1 }], total: 1 },
  ],
  [
    "replayDeadLetters",
    (c) => c.operator.replayDeadLetters(user, thread),
    "POST /api/operator/threads/u%2F1/t1/dead-letters/replay",
    { replayed: 2 },
    { replayed: "two" },
  ],
];

describe.each(CALLS)("client.operator.%s", (_name, call, route, body, strange) => {
  test.each([{ unexpected: true }, strange])("does not believe %j", async (answer) => {
    server.routes.set(route, () => ({ status: 200, body: answer }));
    await expect(call(client)).rejects.toMatchObject({ code: "internal" });
  });

  test("tells who is no operator what the server does: there is no such thing", async () => {
    server.routes.set(route, () => ({ status: 404, body: problem("not_found", 404) }));
    await expect(call(client)).rejects.toMatchObject({ code: "not_found" });
  });

  test("gives what the server says", async () => {
    server.routes.set(route, () => ({ status: 200, body }));
    expect(await call(client)).toEqual(body);
    expect(server.requests.at(-1)?.route).toBe(route);
  });
});
