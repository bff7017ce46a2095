/** API keys over HTTP: what is refused, what they open, and that nothing of them opens once they are revoked. */
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { newApiKey } from "../../../src/auth/api-key-format.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { ApiKeys } from "../../../src/protocol/account.ts";
import { Credentials } from "../../../src/protocol/api.ts";
import { openDatabase } from "../../../src/store/database.ts";
import { apiKeys, auditEvents } from "../../../src/store/tables.ts";
import { ABSENT_DATABASE } from "../thread/absent-database.ts";
import { fieldsOf } from "../thread/client.ts";
import { beginThread, clientOf } from "../thread/conversation.ts";
import { makeKey } from "./api-key.ts";
import { ask, problemOf } from "./ask.ts";
import { EventStream } from "./event-stream.ts";
import { knock } from "./knock.ts";
import { somebody } from "./somebody.ts";

const db = openDatabase(env.DB);
const DAY_MS = 24 * 60 * 60_000;
const EVERYTHING = ["threads:read", "threads:write", "runs:read", "runs:write", "tools:*"];

async function keysOf(token: string): Promise<ApiKeys["data"]> {
  return ApiKeys.parse(await (await ask("/api/keys", { token })).json()).data;
}

const revoke = (token: string, id: string) => ask(`/api/keys/${id}`, { method: "DELETE", token });

describe("no key is made", () => {
  it.each([
    ["account:write", "what could lock its owner out"],
    ["admin", "a team's administration"],
    ["operator", "the platform's operation"],
    ["tools:Nonsense!", "a tool no name fits"],
    ["everything", "a scope nobody knows"],
  ])("for %s: %s", async (scope) => {
    const { access_token: token } = await somebody();
    const response = await ask("/api/keys", { token, body: { name: "CI", scopes: [scope] } });

    expect(await problemOf(response)).toMatchObject({ code: "invalid_fields" });
    expect(await keysOf(token)).toEqual([]);
  });

  it.each([
    [{ name: "", scopes: ["runs:read"] }, "name"],
    [{ name: "CI", scopes: [] }, "scopes"],
    [{ name: "CI", scopes: ["runs:read"], expires_in_days: 367 }, "expires_in_days"],
    [{ name: "CI", scopes: ["runs:read"], user_id: "another" }, "user_id"],
    [{ name: "CI", scopes: ["runs:read"], secret: "my own" }, "secret"],
  ])("of %j", async (body, field) => {
    const { access_token: token } = await somebody();

    expect(fieldsOf(await problemOf(await ask("/api/keys", { token, body })))).toEqual([field]);
  });

  it("by a key, whatever it may do", async () => {
    const { key } = await makeKey(await somebody(), [...EVERYTHING, "account:read"]);
    const body = { name: "CI", scopes: ["runs:read"] };

    expect(await problemOf(await ask("/api/keys", { token: key, body }))).toMatchObject({
      code: "forbidden",
      detail: "This needs the permission account:write.",
    });
    expect(await keysOf(key)).toHaveLength(1);
  });

  it("past fifty in use, also where many are asked for at once", async () => {
    const owner = await somebody();
    const token = owner.access_token;
    const one = await makeKey(owner, ["runs:read"]);
    const row = { user_id: owner.user.id, name: "n", start: "s", secret_hash: "h", scopes: [] };
    const times = { created_at: one.created_at, expires_at: one.expires_at };
    await Promise.all(
      Array.from({ length: 47 }, (_, n) =>
        db.insert(apiKeys).values({ ...row, ...times, id: `${owner.user.id}-${n}` }),
      ),
    );
    const body = { name: "CI", scopes: ["runs:read"] };
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => ask("/api/keys", { token, body })),
    );

    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 201, 429, 429, 429, 429]);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused && (await problemOf(refused))).toMatchObject({ code: "quota_exceeded" });
    await revoke(token, one.id);
    expect((await ask("/api/keys", { token, body })).status).toBe(201);
  });

  it("hides behind no number of expired ones, which are swept in the end", async () => {
    const owner = await somebody();
    const one = await makeKey(owner, ["runs:read"]);
    await env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
       INSERT INTO api_keys (id, user_id, name, start, secret_hash, scopes, created_at, expires_at)
       SELECT 'z' || i || user_id, user_id, 'n', 's', 'h', '[]', ?2, ?2 FROM api_keys, n WHERE id = ?1`,
    )
      .bind(one.id, "2020-01-01T00:00:00.000Z")
      .run();
    const ids = async () => (await keysOf(owner.access_token)).map(({ id }) => id);
    expect((await ids())[0]).toBe(one.id);

    const next = await makeKey(owner, ["runs:read"]);
    expect(await ids()).toEqual([next.id, one.id]);
  });
});

describe("a key is refused", () => {
  it("all the same, whether it is unknown, wrong, mistyped, expired or revoked", async () => {
    const owner = await somebody();
    const revoked = await makeKey(owner, ["threads:read"]);
    await revoke(owner.access_token, revoked.id);
    const expired = await makeKey(owner, ["threads:read"], { expires_in_days: 1 });
    const { key, id } = await makeKey(owner, ["threads:read"]);
    const other = newApiKey();
    await db.insert(apiKeys).values({
      ...{ id: other.id, user_id: owner.user.id, name: "n", start: "s", scopes: ["threads:read"] },
      ...{ secret_hash: "0".repeat(64), created_at: revoked.created_at },
      expires_at: revoked.expires_at,
    });
    const wrong = [newApiKey().key, other.key, `${key.slice(0, -1)}.`, key.slice(0, -1)];
    const refusals = [...wrong, key.replace(id, "x"), revoked.key].map((token) =>
      ask("/api/threads", { token }),
    );
    const clock = vi.spyOn(systemClock, "now").mockReturnValue(Date.now() + DAY_MS);
    refusals.push(ask("/api/threads", { token: expired.key }));
    const problems = await Promise.all(refusals.map(async (answer) => problemOf(await answer)));
    clock.mockRestore();

    for (const { code, detail } of problems) {
      expect({ code, detail }).toEqual({
        code: "token_invalid",
        detail: "The API key is not valid. Make another one.",
      });
    }
    expect((await ask("/api/threads", { token: key })).status).toBe(200);
  });

  it("where it was mistyped without anybody being asked, and else only where D1 can say", async () => {
    const { key } = await makeKey(await somebody(), ["threads:read"]);
    const bindings = ABSENT_DATABASE;
    const mistyped = `${key.slice(0, 60)}${key[60] === "A" ? "B" : "A"}${key.slice(61)}`;

    expect((await problemOf(await ask("/api/threads", { token: mistyped, bindings }))).code).toBe(
      "token_invalid",
    );
    expect((await problemOf(await ask("/api/threads", { token: key, bindings }))).code).toBe(
      "unavailable",
    );
  });

  it("in a URL, where it is lost to logs", async () => {
    const { key } = await makeKey(await somebody(), ["threads:read"]);
    const response = await ask(`/api/threads?cursor=${key}`, { token: key });

    expect(await problemOf(response)).toMatchObject({
      code: "unauthenticated",
      detail: expect.stringContaining("Tokens never travel in a URL"),
    });
  });

  it("for what it was not made for, by the name of what is missing", async () => {
    const { key } = await makeKey(await somebody(), ["threads:read"]);

    expect(
      await problemOf(await ask("/api/threads", { token: key, method: "POST" })),
    ).toMatchObject({ code: "forbidden", detail: "This needs the permission threads:write." });
  });

  it("for what no key may do, though its row and its owner may", async () => {
    const { user } = await somebody();
    const body = { email: user.email, permissions: ["operator"] };
    const response = await ask("/api/auth/dev-login", { body });
    const { key } = await makeKey(Credentials.parse(await response.json()), ["threads:read"]);
    await env.DB.prepare("UPDATE api_keys SET scopes = ? WHERE user_id = ?")
      .bind(JSON.stringify(["threads:read", "operator", "account:write", "admin"]), user.id)
      .run();

    expect((await ask("/api/threads", { token: key })).status).toBe(200);
    const dead = await ask("/api/operator/threads/a/b/dead-letters", { token: key });
    expect(dead.status).toBe(404);
    expect((await ask("/api/keys", { token: key, body: {} })).status).toBe(403);
  });

  it("to somebody else who would revoke it, as if it were not there", async () => {
    const owner = await somebody();
    const { key, id } = await makeKey(owner, ["threads:read"]);
    const { access_token: token } = await somebody();

    for (const unknown of [id, "no-id-at-all", "x".repeat(65)]) {
      expect((await problemOf(await revoke(token, unknown))).code).toBe("not_found");
    }
    expect((await ask("/api/threads", { token: key })).status).toBe(200);
  });
});

describe("a key", () => {
  it("is shown once, and kept as a hash alone", async () => {
    const owner = await somebody();
    const { key, ...made } = await makeKey(owner, ["threads:read", "threads:read"]);
    const rows = JSON.stringify(await db.select().from(apiKeys));

    expect(made).toMatchObject({ scopes: ["threads:read"], last_used_at: null, revoked_at: null });
    expect(await keysOf(owner.access_token)).toEqual([made]);
    expect(rows).toContain(made.id);
    expect(rows).not.toContain(key.slice(-49, -6));
    expect(key.startsWith(made.start)).toBe(true);
  });

  it("speaks for its owner by header, by event stream, by socket and by ticket", async () => {
    const thread = await beginThread();
    const { key } = await makeKey(thread.owner, EVERYTHING);
    const threads = await (await ask("/api/threads", { token: key })).json();
    expect(threads).toMatchObject({ data: [{ id: thread.threadId }] });

    const stream = new EventStream(await thread.ask("/events", { token: key }));
    const socket = clientOf(await knock(`${thread.path}/socket`, { token: key }));
    const { ticket } = await (await thread.ask("/ticket", { method: "POST", token: key })).json<{
      ticket: string;
    }>();
    const byTicket = clientOf(await knock(`/ws?ticket=${ticket}`));
    const ready = await byTicket.frame("connection_ready");
    const { run_id } = await socket.say("How much is it?");

    expect(ready.context.user_id).toBe(thread.owner.user.id);
    expect((await byTicket.completed(run_id)).data.status).toBe("completed");
    await stream.until(({ type }) => type === "agent_completed");
    expect(await (await ask("/api/threads", { token: key, body: {} })).json()).toEqual(
      expect.objectContaining({ id: expect.any(String) }),
    );
  });

  it("has its use noted, once a minute at most", async () => {
    const owner = await somebody();
    const { key } = await makeKey(owner, ["threads:read"]);
    const lastUse = async () => (await keysOf(owner.access_token))[0]?.last_used_at;
    await ask("/api/threads", { token: key });
    const first = await lastUse();
    await ask("/api/threads", { token: key });

    expect(first).toEqual(expect.any(String));
    expect(await lastUse()).toBe(first);
    const clock = vi.spyOn(systemClock, "now").mockReturnValue(Date.parse(first ?? "") + 60_000);
    await ask("/api/threads", { token: key });
    clock.mockRestore();
    expect(await lastUse()).not.toBe(first);
  });

  it("opens nothing from the moment it is revoked, which may be said again", async () => {
    const owner = await somebody();
    const { key, id } = await makeKey(owner, ["threads:read"]);
    const token = owner.access_token;
    expect((await revoke(token, id)).status).toBe(204);
    const [before] = await keysOf(token);
    expect((await revoke(token, id)).status).toBe(204);

    expect((await ask("/api/threads", { token: key })).status).toBe(401);
    expect(before?.revoked_at).toEqual(expect.any(String));
    expect(await keysOf(token)).toEqual([before]);
  });

  it("is in the audit log, with who made and revoked it", async () => {
    const owner = await somebody();
    const { id } = await makeKey(owner, ["threads:read"]);
    await revoke(owner.access_token, id);
    const events = (await db.select().from(auditEvents)).filter(({ subject }) => subject === id);

    expect(events.map(({ action }) => action)).toEqual(["api_key_created", "api_key_revoked"]);
    for (const { user_id, by } of events) {
      expect({ user_id, by }).toEqual({
        user_id: owner.user.id,
        by: expect.stringMatching(/^session:/),
      });
    }
  });

  it("holds as many scopes as one may have, on a socket too", async () => {
    const thread = await beginThread();
    const tools = Array.from({ length: 62 }, (_, n) => `tools:${"t".repeat(60)}_${n}`);
    const { key } = await makeKey(thread.owner, ["threads:read", "runs:write", ...tools]);
    const socket = clientOf(await knock(`${thread.path}/socket`, { token: key }));

    await socket.answers();
    await socket.say("Hello, what can you do?");
  });
});
