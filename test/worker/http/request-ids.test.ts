/** Whatever fails in the course of a request, what is logged of it has the id that its client was told. */
import { env } from "cloudflare:workers";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { newId, systemClock, timestamp } from "../../../src/core/clock.ts";
import type { Credentials } from "../../../src/protocol/api.ts";
import { makeKey } from "./api-key.ts";
import { type Asked, ask } from "./ask.ts";
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
  const response = await ask(path, { ...asked, headers: { "x-request-id": id } });
  await response.text();
  const lines = logged.map((line) => Line.parse(JSON.parse(line)));
  expect(lines.filter(({ request_id }) => request_id !== id)).toEqual([]);
  expect(response.headers.get("x-request-id")).toBe(id);
  return lines.map(({ event }) => event);
}

async function connectServer({ user }: Credentials): Promise<void> {
  const now = timestamp(systemClock.now());
  await env.DB.prepare(
    `INSERT INTO mcp_servers (id, user_id, name, url, secret, enabled, created_at, updated_at)
     VALUES (?, ?, 'files', 'https://mcp.example.com/mcp', NULL, 1, ?, ?)`,
  )
    .bind(newId(), user.id, now, now)
    .run();
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

  it("whose answer broke off in its middle", async () => {
    const { access_token: token } = await somebody();
    const bindings = { DB: databaseWithout(/from "(messages|threads)"/i) };

    expect(await eventsOf("/api/account/export", { token, bindings })).toContain("export.failed");
  });
});
