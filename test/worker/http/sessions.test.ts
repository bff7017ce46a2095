/** Sessions over HTTP: seen and ended by their owner alone, and every end is told. */
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Account } from "../../../src/account/account-object.ts";
import { newId } from "../../../src/core/clock.ts";
import { Sessions } from "../../../src/protocol/account.ts";
import { Credentials } from "../../../src/protocol/api.ts";
import { ask, problemOf } from "./ask.ts";
import { somebody } from "./somebody.ts";

const SESSIONS = "/api/sessions";

let email: string;
let one: Credentials;
let other: Credentials;
beforeEach(async () => {
  email = `${newId()}@example.com`;
  one = await signIn("Firefox");
  other = await signIn("Safari");
});

async function signIn(agent: string): Promise<Credentials> {
  const headers = { "user-agent": agent, "cf-connecting-ip": "203.0.113.7" };
  return Credentials.parse(
    await (await ask("/api/auth/dev-login", { body: { email }, headers })).json(),
  );
}

async function list({ access_token: token }: Credentials) {
  return Sessions.parse(await (await ask(SESSIONS, { token })).json()).data;
}

async function idOf(credentials: Credentials): Promise<string> {
  const sessions = await list(credentials);
  return sessions.find(({ current }) => current)?.id ?? "none";
}

function end(id: string, { access_token: token }: Credentials): Promise<Response> {
  return ask(`${SESSIONS}/${id}`, { method: "DELETE", token });
}

async function isLive({ refresh_token }: Credentials): Promise<boolean> {
  return (await ask("/api/auth/refresh", { body: { refresh_token } })).status === 200;
}

async function actions({ user }: Credentials): Promise<unknown[]> {
  const rows = await env.DB.prepare("SELECT action FROM audit_events WHERE user_id = ? ORDER BY id")
    .bind(user.id)
    .all();
  return rows.results.map(({ action }) => action);
}

describe("ending a session", () => {
  it("of another user is the answer for one that is missing, and ends nothing", async () => {
    const eve = await somebody();
    const [foreign, missing] = [await end(await idOf(one), eve), await end("missing", eve)];

    const same = { instance: expect.any(String), request_id: expect.any(String) };
    expect({ ...(await problemOf(foreign)), ...same }).toEqual({
      ...(await problemOf(missing)),
      ...same,
    });
    expect(foreign.status).toBe(404);
    expect(await isLive(one)).toBe(true);
  });

  it("is refused to who is not signed in", async () => {
    expect((await ask(`${SESSIONS}/x`, { method: "DELETE" })).status).toBe(401);
    expect((await ask(SESSIONS, { method: "DELETE" })).status).toBe(401);
  });

  it("of one's own ends it, may be repeated, and leaves the one that asks", async () => {
    const id = await idOf(other);

    expect((await end(id, one)).status).toBe(204);
    expect((await end(id, one)).status).toBe(204);
    expect(await isLive(other)).toBe(false);
    expect(await isLive(one)).toBe(true);
    expect(await actions(one)).toContain("session_ended");
  });

  it("of all others ends them, and not that of another user", async () => {
    const eve = await somebody();
    const third = await signIn("curl");

    const token = one.access_token;
    expect((await ask(SESSIONS, { method: "DELETE", token })).status).toBe(204);

    expect(await list(one)).toHaveLength(1);
    expect(await isLive(other)).toBe(false);
    expect(await isLive(third)).toBe(false);
    expect(await isLive(eve)).toBe(true);
  });
});

describe("the list of sessions", () => {
  it("tells where each began, and which one asks", async () => {
    const sessions = await list(other);

    expect(sessions.map(({ user_agent, current }) => [user_agent, current])).toEqual([
      ["Safari", true],
      ["Firefox", false],
    ]);
    for (const { method, address } of sessions) {
      expect([method, address]).toEqual(["development", "203.0.113.7"]);
    }
  });

  it("leaves out what was signed out of, and the audit log has all of it", async () => {
    const token = other.access_token;
    await ask("/api/auth/logout", { method: "POST", token });

    expect(await list(one)).toHaveLength(1);
    expect(await actions(one)).toEqual(["account_created", "signed_in", "signed_in", "signed_out"]);
  });
});

describe("the reuse of a refresh token", () => {
  const refresh = () => ask("/api/auth/refresh", { body: { refresh_token: one.refresh_token } });
  const reuse = async () => await problemOf(await refresh());

  beforeEach(async () => {
    await refresh();
  });

  afterEach(() => {
    vi.restoreAllMocks();
  });

  it("closes what the session opened when it is seen again, where that failed the first time", async () => {
    const { access_token: token } = one;
    const away = vi.spyOn(Account.prototype, "endVouchers").mockRejectedValue(new Error("away"));
    expect(await reuse()).toMatchObject({ code: "unavailable" });
    away.mockRestore();

    expect(await reuse()).toMatchObject({ code: "session_ended" });
    expect(await problemOf(await ask("/api/auth/me", { token }))).toMatchObject({
      code: "session_ended",
    });
  });

  it("is told to the account's object each time, and to the audit log once", async () => {
    const told = vi.spyOn(Account.prototype, "endVouchers");
    for (const _ of [1, 2, 3]) expect(await reuse()).toMatchObject({ code: "session_ended" });

    expect(told).toHaveBeenCalledTimes(3);
    const logged = (await actions(one)).filter((action) => action === "refresh_token_reused");
    expect(logged).toHaveLength(1);
  });
});
