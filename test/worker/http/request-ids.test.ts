/** Whatever fails in the course of a request, what is logged of it has the id that its client was told. */
import { env } from "cloudflare:workers";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { newId, systemClock, timestamp } from "../../../src/core/clock.ts";
import type { Credentials } from "../../../src/protocol/api.ts";
import { makeKey } from "./api-key.ts";
import { type Asked, ask } from "./ask.ts";
import { lines, NDJSON, series } from "./sent-usage.ts";
import { somebody } from "./somebody.ts";
import { foundTeam } from "./team.ts";

const LEVELS = ["debug", "log", "info", "warn", "error", "trace"] as const;
const Line = z.looseObject({ event: z.string(), request_id: z.string().optional() });
/** What some parts log at most once in, in milliseconds. */
const LOG_INTERVAL_MS = 60_000;

const logged: string[] = [];
beforeAll(() => {
  for (const level of LEVELS) {
    vi.spyOn(console, level).mockImplementation((...line) => {
      logged.push(line.join(" "));
    });
  }
});
beforeEach(() => {
  logged.length = 0;
});
afterAll(() => {
  vi.restoreAllMocks();
});

const refuse = () => Promise.reject(new Error("away"));
/** A namespace of objects none of which answers. */
const silent = {
  getByName() {
    throw new Error("away");
  },
};
const statement = { bind: () => statement, all: refuse, first: refuse, raw: refuse, run: refuse };

/** @returns D1 that fails at the statements which match, and only there. */
function databaseWithout(lost: RegExp): D1Database {
  return new Proxy(env.DB, {
    get(database, name) {
      if (name === "prepare") {
        return (sql: string) => (lost.test(sql) ? statement : database.prepare(sql));
      }
      if (name === "batch") {
        return (statements: D1PreparedStatement[]) =>
          statements.some((each) => each === Object(statement))
            ? refuse()
            : database.batch(statements);
      }
      return Reflect.get(database, name);
    },
  });
}

/** @returns the events that a request logged, each under its id. */
async function eventsOf(path: string, asked: Asked): Promise<string[]> {
  const id = `mine-${newId()}`;
  const headers = { ...asked.headers, "x-request-id": id };
  const response = await ask(path, { ...asked, headers });
  await response.text();
  const told = logged.map((line) => Line.parse(JSON.parse(line)));
  expect(told.filter(({ request_id }) => request_id !== id)).toEqual([]);
  expect(response.headers.get("x-request-id")).toBe(id);
  return told.map(({ event }) => event);
}

async function connectServer({ user }: Credentials): Promise<string> {
  const id = newId();
  const now = timestamp(systemClock.now());
  await env.DB.prepare(
    `INSERT INTO mcp_servers (id, user_id, name, url, secret, enabled, created_at, updated_at)
     VALUES (?, ?, 'files', 'https://mcp.example.com/mcp', NULL, 1, ?, ?)`,
  )
    .bind(id, user.id, now, now)
    .run();
  return id;
}

describe("its id is on every line of a request", () => {
  it("that was not counted, for its user's object did not answer", async () => {
    const { access_token: token } = await somebody();
    // Another test may have had the line that there is once in a minute.
    const later = Date.now() + 2 * LOG_INTERVAL_MS;
    const now = vi.spyOn(Date, "now").mockImplementation(() => later);
    const bindings = { ACCOUNTS: silent };

    expect(await eventsOf("/api/threads", { token, bindings })).toContain("requests.uncounted");
    now.mockRestore();
  });

  it("by an API key whose use was not written down", async () => {
    const { key } = await makeKey(await somebody(), ["threads:read"]);
    const bindings = { DB: databaseWithout(/last_used_at" = /) };

    expect(await eventsOf("/api/threads", { token: key, bindings })).toContain("api_key.use_lost");
  });

  it("for connected servers, while nobody knows of their breakers", async () => {
    const owner = await somebody();
    await connectServer(owner);
    for (const path of ["/api/mcp/servers", "/api/mcp/status"]) {
      logged.length = 0;
      const asked = { token: owner.access_token, bindings: { BREAKERS: silent } };
      expect(await eventsOf(path, asked)).toContain("mcp.breakers_unknown");
    }
  });

  it("that ended a team whose object keeps something", async () => {
    const { access_token: token } = await foundTeam();
    const asked = { token, method: "DELETE", bindings: { ORGANIZATIONS: silent } };

    expect(await eventsOf("/api/organization", asked)).toContain("team.left_behind");
  });

  it("that the limiter, the audit or the database failed", async () => {
    const { access_token: token } = await somebody();
    const parts = {
      "limiter.silent": { REQUEST_LIMIT: { limit: refuse } },
      request_failed: { DB: databaseWithout(/./) },
      "audit.lost": { DB: databaseWithout(/insert into "audit_events"/i) },
    };
    for (const [event, bindings] of Object.entries(parts)) {
      logged.length = 0;
      const body = { name: "CI", scopes: ["threads:read"] };
      expect(await eventsOf("/api/keys", { token, body, bindings })).toContain(event);
    }
  });

  it("that came back from a sign-in which nobody began", async () => {
    const path = "/api/mcp/sign-in/callback?code=x&state=x";
    expect(await eventsOf(path, {})).toContain("mcp.sign_in_failed");
  });

  it("that opened the breaker of a connected server, or of the usage store, for everybody", async () => {
    vi.spyOn(globalThis, "fetch").mockRejectedValue(new Error("away"));
    const owner = await somebody();
    const token = owner.access_token;
    const id = await connectServer(owner);
    const bindings = { BREAKERS: silent, CLICKHOUSE_URL: "https://clickhouse.example.com" };
    const body = { arguments: {} };
    for (const [path, event] of [
      [`/api/mcp/servers/${id}/check`, "breaker.unreported"],
      ["/api/tools/usage_summary/execute", "analytics_breaker_opened"],
    ] as const) {
      const events = new Set<string>();
      for (let time = 0; time < 5; time += 1) {
        logged.length = 0;
        const asked = {
          token,
          bindings,
          method: "POST",
          ...(event !== "breaker.unreported" && { body }),
        };
        for (const told of await eventsOf(path, asked)) events.add(told);
      }
      expect([...events]).toContain(event);
    }
  });

  it("whose tool's answer can't be remembered", async () => {
    const { access_token: token } = await somebody();
    const bindings = { CACHE: { put: refuse, get: refuse, list: refuse, delete: refuse } };
    const asked = { token, bindings, body: { arguments: {} } };
    const events = await eventsOf("/api/tools/usage_summary/execute", asked);
    expect(events).toContain("last_good.not_kept");
  });

  it("whose import broke off, when its answer had long begun", async () => {
    const { access_token: token } = await somebody();
    const bindings = { DB: databaseWithout(/insert.*into.*usage_records/is) };
    const path = "/api/usage/imports?import_id=broken";
    const asked = { token, bindings, method: "POST", body: lines(series(5)) };
    const headers = { ...NDJSON, accept: "text/event-stream" };
    expect(await eventsOf(path, { ...asked, headers })).toContain("import.failed");
  });

  it("whose answer broke off in its middle", async () => {
    const { access_token: token } = await somebody();
    const bindings = { DB: databaseWithout(/from "(messages|threads)"/i) };

    expect(await eventsOf("/api/account/export", { token, bindings })).toContain("export.failed");
  });
});
