/** Webhooks over HTTP: made, listed, tried and deleted; what is sent, and what a refused address comes to. */
import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Webhook as Verifier } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { accountObjectName } from "../../../src/durable/names.ts";
import type { Credentials } from "../../../src/protocol/api.ts";
import { UserId, workspaceOf } from "../../../src/protocol/ids.ts";
import {
  CreatedWebhook,
  WebhookDeliveries,
  WebhookDelivery,
  Webhooks,
} from "../../../src/protocol/webhooks.ts";
import { openDatabase } from "../../../src/store/database.ts";
import { WebhookRows } from "../../../src/store/webhooks.ts";
import { makeKey } from "./api-key.ts";
import { ask, problemOf } from "./ask.ts";
import { somebody } from "./somebody.ts";

const URL_OF_HOOK = "https://hooks.example.com/apex";

/** What was sent, and how it is answered: one status a request, the last one stays. */
let sent: { readonly url: string; readonly headers: Headers; readonly body: string }[];
let answers: number[];

beforeEach(() => {
  sent = [];
  answers = [204];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    sent.push({ url: request.url, headers: request.headers, body: await request.text() });
    const status = answers[sent.length - 1] ?? answers.at(-1) ?? 204;
    return new Response(null, { status });
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

async function hookOf(owner: Credentials, url = URL_OF_HOOK): Promise<CreatedWebhook> {
  const response = await ask("/api/webhooks", { token: owner.access_token, body: { url } });
  expect(response.status).toBe(201);
  return CreatedWebhook.parse(await response.json());
}

async function deliveriesOf(owner: Credentials, { id }: Pick<CreatedWebhook, "id">) {
  const path = `/api/webhooks/${id}/deliveries`;
  const response = await ask(path, { token: owner.access_token });
  return WebhookDeliveries.parse(await response.json()).data;
}

const tryOut = (owner: Credentials, id: string) =>
  ask(`/api/webhooks/${id}/test`, { method: "POST", token: owner.access_token });

describe("a webhook", () => {
  it("shows its secret once, and is listed without it", async () => {
    const owner = await somebody();
    const { secret, ...webhook } = await hookOf(owner);
    expect(secret).toMatch(/^whsec_/);
    const listed = await ask("/api/webhooks", { token: owner.access_token });
    const text = await listed.text();
    expect(Webhooks.parse(JSON.parse(text)).data).toEqual([webhook]);
    expect(text).not.toContain(secret.slice(6));
  });

  it("is not made for an address that leads inwards", async () => {
    const owner = await somebody();
    for (const url of ["https://169.254.169.254/", "http://example.com/", "not an address"]) {
      const token = owner.access_token;
      const refused = await ask("/api/webhooks", { token, body: { url } });
      expect(await problemOf(refused)).toMatchObject({ code: "invalid_fields", status: 422 });
    }
  });

  it("is sent a test that the standard's library verifies", async () => {
    const owner = await somebody();
    const { id, secret } = await hookOf(owner);
    const response = await tryOut(owner, id);
    expect(response.status).toBe(202);
    const delivery = WebhookDelivery.parse(await response.json());

    expect(delivery).toMatchObject({ status: "delivered", attempts: 1, last_status: 204 });
    const [request] = sent;
    expect(request?.url).toBe(URL_OF_HOOK);
    const headers = Object.fromEntries(request?.headers ?? []);
    expect(headers["webhook-id"]).toBe(delivery.id);
    expect(new Verifier(secret).verify(request?.body ?? "", headers)).toMatchObject({
      type: "webhook.test",
      data: { webhook_id: id },
    });
  });

  it("that fails is tried again by the alarm of its owner's object, and the record shows it", async () => {
    answers = [500, 302, 204];
    const owner = await somebody();
    const hook = await hookOf(owner);
    await tryOut(owner, hook.id);
    expect(await deliveriesOf(owner, hook)).toMatchObject([
      { status: "pending", attempts: 1, last_status: 500 },
    ]);
    const account = env.ACCOUNTS.getByName(accountObjectName(owner.user.id));
    const ring = async (minutes: number) => {
      const later = vi.spyOn(systemClock, "now");
      later.mockImplementation(() => Date.now() + minutes * 60_000);
      await runDurableObjectAlarm(account);
      later.mockRestore();
    };
    await ring(1);
    expect(await deliveriesOf(owner, hook)).toMatchObject([
      { status: "pending", attempts: 2, last_status: 302 },
    ]);
    await ring(5);
    expect(await deliveriesOf(owner, hook)).toMatchObject([
      { status: "delivered", attempts: 3, last_status: 204, last_error: null },
    ]);
    expect(new Set(sent.map(({ headers }) => headers.get("webhook-id"))).size).toBe(1);
  });

  it("that is gone for good leaves a dead letter", async () => {
    answers = [410];
    const owner = await somebody();
    const hook = await hookOf(owner);
    await tryOut(owner, hook.id);
    expect(await deliveriesOf(owner, hook)).toMatchObject([{ status: "dead", attempts: 1 }]);
  });

  it("is its owner's alone, and gone when deleted", async () => {
    const [owner, stranger] = [await somebody(), await somebody()];
    const hook = await hookOf(owner);
    const path = `/api/webhooks/${hook.id}`;
    const token = stranger.access_token;
    expect((await ask(path, { method: "DELETE", token })).status).toBe(404);
    expect((await tryOut(stranger, hook.id)).status).toBe(404);
    expect((await ask(`${path}/deliveries`, { token })).status).toBe(404);

    const own = { method: "DELETE", token: owner.access_token };
    expect((await ask(path, own)).status).toBe(204);
    expect((await ask(path, own)).status).toBe(404);
    expect((await tryOut(owner, hook.id)).status).toBe(404);
  });

  it("is not made or deleted by a key, and an account has ten at most", async () => {
    const owner = await somebody();
    const { key } = await makeKey(owner, ["account:read", "runs:write"]);
    const body = { url: URL_OF_HOOK };
    expect((await ask("/api/webhooks", { token: key, body })).status).toBe(403);
    for (let made = 0; made < 10; made += 1) await hookOf(owner);
    const eleventh = await ask("/api/webhooks", { token: owner.access_token, body });
    expect(await problemOf(eleventh)).toMatchObject({ code: "quota_exceeded" });
  });
});

it("a workspace's reports go to the webhooks of those who are in it, and of nobody who left", async () => {
  const owner = await somebody();
  const { secret: _, ...webhook } = await hookOf(owner);
  const userId = UserId.parse(owner.user.id);
  const rows = new WebhookRows(openDatabase(env.DB), userId);
  const workspace = workspaceOf(userId, null);
  expect(await rows.ofWorkspace(workspace)).toEqual([webhook]);
  await env.DB.batch([
    env.DB.prepare("INSERT INTO organizations VALUES (?, 'Team', 'free', '2026-01-01')").bind(
      `team-${userId}`,
    ),
    env.DB.prepare("UPDATE users SET organization_id = ? WHERE id = ?").bind(
      `team-${userId}`,
      userId,
    ),
  ]);
  expect(await rows.ofWorkspace(workspace)).toEqual([]);
});
