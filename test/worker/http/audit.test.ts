/** The audit log as it is read: one's own alone, and anybody's by operators. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { newId } from "../../../src/core/clock.ts";
import { AuditPage } from "../../../src/protocol/account.ts";
import { Credentials } from "../../../src/protocol/api.ts";
import { UserId } from "../../../src/protocol/ids.ts";
import { Price } from "../../../src/protocol/usage.ts";
import { AuditLog } from "../../../src/store/audit-log.ts";
import { openDatabase } from "../../../src/store/database.ts";
import { NO_PROFILE } from "../../../src/usage/workspace.ts";
import { beginThread } from "../thread/conversation.ts";
import { ask, problemOf } from "./ask.ts";
import { lines, NDJSON, series } from "./sent-usage.ts";
import { somebody } from "./somebody.ts";

const OWN = "/api/account/audit";

async function operator(): Promise<Credentials> {
  const body = { email: `${newId()}@example.com`, permissions: ["operator"] };
  return Credentials.parse(await (await ask("/api/auth/dev-login", { body })).json());
}

async function happened(userId: string, times: number): Promise<string[]> {
  const log = new AuditLog(openDatabase(env.DB), UserId.parse(userId));
  const ids = Array.from({ length: times }, () => newId());
  for (const id of ids) {
    const action = "api_key_created";
    const at = "2026-11-21T12:00:00.000Z";
    await log.record({ id, action, at, by: null, address: null, user_agent: null, subject: id });
  }
  return ids.toReversed();
}

const read = async (path: string, token: string) =>
  AuditPage.parse(await (await ask(path, { token })).json());

it("nobody reads the audit log without signing in, and no user another's", async () => {
  const [ada, eve] = [await somebody(), await somebody()];
  await happened(ada.user.id, 1);
  const foreign = await ask(`/api/operator/audit/${ada.user.id}`, { token: eve.access_token });

  expect((await ask(OWN)).status).toBe(401);
  expect(await problemOf(foreign)).toMatchObject({ code: "not_found" });
  const { data } = await read(OWN, eve.access_token);
  expect(data.map(({ subject }) => subject)).not.toContain(ada.user.id);
});

it.each(["nonsense", "eyJsaXN0IjoidGhyZWFkcyJ9", "%00"])(
  "a cursor that is not of this list is refused: %s",
  async (cursor) => {
    const { access_token: token } = await somebody();
    const problem = await problemOf(await ask(`${OWN}?cursor=${cursor}`, { token }));

    expect(problem).toMatchObject({ code: "invalid_fields", errors: [{ field: "cursor" }] });
  },
);

it("one reads what happened to one's own account, the newest first, page by page", async () => {
  const { user, access_token } = await somebody();
  const ids = await happened(user.id, 5);
  const seen: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const page = await read(`${OWN}?limit=2${cursor && `&cursor=${cursor}`}`, access_token);
    seen.push(...page.data.map(({ id }) => id));
    cursor = page.next_cursor;
  }

  expect(seen.slice(0, 5)).toEqual(ids);
  expect(new Set(seen).size).toBe(seen.length);
});

it("an operator reads the same of any user", async () => {
  const [ada, { access_token: token }] = [await somebody(), await operator()];
  await happened(ada.user.id, 3);

  const own = await read(OWN, ada.access_token);
  expect(await read(`/api/operator/audit/${ada.user.id}`, token)).toEqual(own);
  expect((await read("/api/operator/audit/nobody", token)).data).toEqual([]);
});

it("what operators read and replay is in their own log, and in that of whose it is", async () => {
  const [thread, { user, access_token: token }] = [await beginThread(), await operator()];
  const { owner, threadId } = thread;
  const letters = `/api/operator/threads/${owner.user.id}/${threadId}/dead-letters`;
  const headers = { "cf-connecting-ip": "203.0.113.7" };
  await ask(`/api/operator/audit/${owner.user.id}`, { token, headers });
  await ask(letters, { token, headers });
  await ask(`${letters}/replay`, { method: "POST", token, headers });
  const deeds = [
    ["operator_replayed_dead_letters", threadId],
    ["operator_read_dead_letters", threadId],
    ["operator_read_audit", owner.user.id],
  ];
  const logged = async (who: Credentials) =>
    (await read(`${OWN}?limit=3`, who.access_token)).data.map(
      ({ action, subject, by, address }) =>
        [[action, subject], by?.split(":")[0], address] as const,
    );

  expect(await logged(owner)).toEqual(deeds.map((deed) => [deed, "user", null]));
  const [told] = (await read(OWN, owner.access_token)).data;
  expect(told?.by).toBe(`user:${user.id}`);
  expect((await read(`${OWN}?limit=3`, token)).data).toMatchObject(
    deeds.map(([action, subject]) => ({ action, subject, address: "203.0.113.7" })),
  );
});

it("the deletion of a thread is told, with who did it, and from where", async () => {
  const thread = await beginThread();
  const headers = { "cf-connecting-ip": "203.0.113.7", "user-agent": "tests" };
  await thread.ask("", { method: "DELETE", headers });

  const { data } = await read(OWN, thread.owner.access_token);
  expect(data[0]).toMatchObject({
    action: "thread_deleted",
    subject: thread.threadId,
    by: expect.stringMatching(/^session:/),
    address: "203.0.113.7",
    user_agent: "tests",
  });
});

it("what leaves the house, and what changes whose money or records count, is told", async () => {
  const thread = await beginThread();
  const { access_token: token } = thread.owner;
  await (await thread.ask("/export")).text();
  await (await thread.ask("/log")).text();
  await ask("/api/account/budget", { token, method: "PUT", body: { monthly_usd: 20 } });
  const body = lines(series(1));
  await ask("/api/usage/imports?import_id=mine", { token, body, headers: NDJSON });
  await ask("/api/usage/imports/mine", { token, method: "DELETE" });
  const price = {
    provider: "openai",
    model_pattern: "*",
    rates: { input: 1, cache_read: 0, cache_write: 0, output: 2 },
    valid_from: "2026-10-01T00:00:00.000Z",
    source: "contract",
  };
  const { id } = Price.parse(await (await ask("/api/usage/prices", { token, body: price })).json());
  await ask(`/api/usage/prices/${id}`, { token, method: "DELETE" });

  const { data } = await read(OWN, token);
  expect(data.slice(0, 6).map(({ action, subject }) => [action, subject])).toEqual([
    ["usage_price_deleted", id],
    ["usage_price_added", id],
    ["usage_import_taken_back", "mine"],
    ["budget_changed", "20"],
    ["thread_exported", thread.threadId],
    ["thread_exported", thread.threadId],
  ]);
});

describe("a change of one's profile or preferences", () => {
  const changes = [
    ["/api/me", "PATCH", { name: "Ada King" }, "profile_changed", "name"],
    [
      "/api/me/preferences",
      "PATCH",
      { theme: "dark", agent: null },
      "preferences_changed",
      "theme, agent",
    ],
    ["/api/usage/profile", "PUT", NO_PROFILE, "usage_profile_changed", null],
  ] as const;

  it.each(changes)("of %s is told, and nothing of what it says", async (...change) => {
    const [path, method, body, action, subject] = change;
    const { user, access_token: token } = await somebody();
    const headers = { "cf-connecting-ip": "203.0.113.7", "user-agent": "tests" };
    expect((await ask(path, { token, method, body, headers })).status).toBe(200);

    const { data } = await read(OWN, token);
    expect(data[0]).toMatchObject({
      action,
      subject: subject ?? user.id,
      by: expect.stringMatching(/^session:/),
      address: "203.0.113.7",
      user_agent: "tests",
    });
    expect(JSON.stringify(data)).not.toMatch(/Ada King|dark/);
  });

  it.each(changes)("of %s that is refused, or changes nothing, is not", async (path, method) => {
    const { access_token: token } = await somebody();
    const before = await read(OWN, token);
    const body = { tier: "enterprise" };
    expect((await ask(path, { token, method, body })).status).toBe(422);
    expect((await ask(path, { method, body })).status).toBe(401);
    await ask("/api/me/preferences", { token, method: "PATCH", body: {} });

    expect(await read(OWN, token)).toEqual(before);
  });
});

it("of failed sign-ins the newest hundred stay: whoever knows an address can't fill its log", async () => {
  const { user, access_token } = await somebody();
  const log = new AuditLog(openDatabase(env.DB), UserId.parse(user.id));
  const ids = Array.from({ length: 105 }, () => newId());
  for (const id of ids) {
    const at = "2026-11-21T12:00:00.000Z";
    const from = { by: null, address: "203.0.113.7", user_agent: null, subject: null };
    await log.record({ id, action: "sign_in_failed", at, ...from });
  }
  const { data, next_cursor } = await read(`${OWN}?limit=100`, access_token);
  expect(data.map(({ id }) => id)).toEqual(ids.slice(5).toReversed());
  const { data: before } = await read(`${OWN}?cursor=${next_cursor}`, access_token);
  expect(before.some(({ action }) => action === "account_created")).toBe(true);
  expect(before.some(({ action }) => action === "sign_in_failed")).toBe(false);
});
