/** What webhooks hear of runs and budgets: each event once, to its owner alone, whatever fails on the way. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Webhook as Verifier } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { systemClock } from "../../../src/core/clock.ts";
import { LedgerEntry } from "../../../src/protocol/budget.ts";
import {
  BudgetAlert,
  CreatedWebhook,
  WebhookDeliveries,
  WebhookDelivery,
  type WebhookEvent,
} from "../../../src/protocol/webhooks.ts";
import { ask, problemOf } from "../http/ask.ts";
import { eventually } from "../thread/client.ts";
import { TellingThread, type UserFeed, userFeed } from "./user-feed.ts";

const Body = z.object({ type: z.string(), timestamp: z.string(), data: z.unknown() });

let sent: { readonly url: string; readonly headers: Headers; readonly body: string }[];
let status: number;

beforeEach(() => {
  sent = [];
  status = 204;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    sent.push({ url: request.url, headers: request.headers, body: await request.text() });
    return new Response(null, { status });
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await env.DB.exec("DROP TRIGGER IF EXISTS outage");
});

async function hookOf({ owner }: UserFeed, events?: readonly WebhookEvent[], path = "a") {
  const body = { url: `https://hooks.example.com/${path}`, ...(events && { events }) };
  const response = await ask("/api/webhooks", { token: owner.access_token, body });
  return CreatedWebhook.parse(await response.json());
}

async function setBudget({ owner }: UserFeed, monthly_usd: number): Promise<void> {
  const asked = { method: "PUT", body: { monthly_usd }, token: owner.access_token };
  expect((await ask("/api/account/budget", asked)).status).toBe(200);
}

async function deliveriesOf({ owner }: UserFeed, { id }: CreatedWebhook) {
  const path = `/api/webhooks/${id}/deliveries`;
  const response = await ask(path, { token: owner.access_token });
  return WebhookDeliveries.parse(await response.json()).data;
}

/** Has a run of a thread of its own end. */
async function endRun(feed: UserFeed, cost_usd: number): Promise<TellingThread> {
  const at = new Date(systemClock.now()).toISOString();
  const thread = new TellingThread(feed);
  await thread.tell(thread.started(1), thread.spent(2, 1, { cost_usd, output_tokens: 7, at }));
  return thread;
}

const told = () => sent.map(({ body }) => Body.parse(JSON.parse(body)));
const waiting = ({ object }: UserFeed) =>
  runInDurableObject(object, (_, { storage }) =>
    storage.sql.exec("SELECT id FROM outgoing").toArray(),
  );

/** Rings the alarm of the user's object, so many minutes later. */
async function ring({ object }: UserFeed, minutes: number): Promise<void> {
  const later = vi
    .spyOn(systemClock, "now")
    .mockImplementation(() => Date.now() + minutes * 60_000);
  await runDurableObjectAlarm(object);
  later.mockRestore();
}

describe("while something fails", () => {
  it("an event waits where D1 is away, through the object's sleep, and is sent once", async () => {
    const feed = await userFeed();
    const hook = await hookOf(feed, ["run.finished"]);
    await env.DB.exec(
      "CREATE TRIGGER outage BEFORE INSERT ON webhook_deliveries BEGIN SELECT RAISE(ABORT, 'away'); END",
    );
    await endRun(feed, 0.5);
    await eventually(async () => expect(await waiting(feed)).toHaveLength(1));
    await evictDurableObject(feed.object);
    await env.DB.exec("DROP TRIGGER outage");
    await ring(feed, 1);
    await ring(feed, 2);

    expect(await waiting(feed)).toEqual([]);
    expect(await deliveriesOf(feed, hook)).toMatchObject([{ type: "run.finished", attempts: 1 }]);
    expect(sent).toHaveLength(1);
  });

  it("a receiver that refuses is tried again, and what is dead is replayed under its id", async () => {
    status = 410;
    const feed = await userFeed();
    const hook = await hookOf(feed, ["run.finished"]);
    await endRun(feed, 0.5);
    await eventually(async () =>
      expect(await deliveriesOf(feed, hook)).toMatchObject([{ status: "dead" }]),
    );
    status = 204;
    const [dead] = await deliveriesOf(feed, hook);
    const path = `/api/webhooks/${hook.id}/deliveries/${dead?.id}/replay`;
    const answer = await ask(path, { method: "POST", token: feed.owner.access_token });

    expect(answer.status).toBe(202);
    expect(WebhookDelivery.parse(await answer.json())).toMatchObject({
      ...{ id: dead?.id, status: "delivered", attempts: 1, last_status: 204, last_error: null },
    });
    expect(new Set(sent.map(({ headers }) => headers.get("webhook-id")))).toEqual(
      new Set([dead?.id]),
    );
    expect(new Set(sent.map(({ body }) => body)).size).toBe(1);
  });
});

describe("webhooks that change at once", () => {
  it("are told of all that each of them wants", async () => {
    const feed = await userFeed();
    const gone = await hookOf(feed, ["run.finished"], "gone");
    const path = `/api/webhooks/${gone.id}`;
    await Promise.all([
      ask(path, { method: "DELETE", token: feed.owner.access_token }),
      hookOf(feed, ["run.finished"], "runs"),
      hookOf(feed, ["budget.alert"], "budget"),
    ]);
    await setBudget(feed, 1);
    await endRun(feed, 2);

    await eventually(async () =>
      expect(new Set(sent.map(({ url }) => new URL(url).pathname))).toEqual(
        new Set(["/runs", "/budget"]),
      ),
    );
  });
});

describe("nobody is told", () => {
  it("of what they did not choose, or of another's runs, and nothing is written for them", async () => {
    const feed = await userFeed();
    await hookOf(feed);
    const other = await userFeed();
    await hookOf(other, ["run.finished", "budget.alert"]);
    await setBudget(feed, 1);
    await endRun(feed, 2);

    expect(await waiting(feed)).toEqual([]);
    expect(sent).toEqual([]);
  });

  it("of what cannot be chosen", async () => {
    const { owner } = await userFeed();
    for (const events of [[], ["webhook.test"], ["run.finished", "run.finished"], "run.finished"]) {
      const body = { url: "https://hooks.example.com/a", events };
      const refused = await ask("/api/webhooks", { token: owner.access_token, body });
      expect(await problemOf(refused)).toMatchObject({ code: "invalid_fields" });
    }
  });

  it("by a replay of another's delivery, or of one that is not there", async () => {
    const feed = await userFeed();
    const hook = await hookOf(feed, ["run.finished"]);
    await endRun(feed, 1);
    await eventually(async () => expect(await deliveriesOf(feed, hook)).toHaveLength(1));
    const [delivery] = await deliveriesOf(feed, hook);
    const { owner } = await userFeed();
    const before = sent.length;
    for (const [token, id] of [
      [owner.access_token, delivery?.id],
      [feed.owner.access_token, "msg_made-up"],
    ]) {
      const path = `/api/webhooks/${hook.id}/deliveries/${id}/replay`;
      const refused = await ask(path, { method: "POST", token: token ?? "" });
      expect(await problemOf(refused)).toMatchObject({ code: "not_found" });
    }
    expect(sent).toHaveLength(before);
  });
});

describe("a webhook that wants them is told", () => {
  it("of a run that ended, signed, with ids and figures alone", async () => {
    const feed = await userFeed();
    const hook = await hookOf(feed, ["run.finished"]);
    const { threadId } = await endRun(feed, 0.25);
    await eventually(async () => expect(sent).toHaveLength(1));
    const [request] = sent;
    const headers = Object.fromEntries(request?.headers ?? []);
    const body = Body.parse(new Verifier(hook.secret).verify(request?.body ?? "", headers));

    expect(body.type).toBe("run.finished");
    expect(z.strictObject(LedgerEntry.shape).parse(body.data)).toMatchObject({
      thread_id: threadId,
      status: "completed",
      usage: { cost_usd: 0.25, output_tokens: 7 },
    });
  });

  it("of 80 % and of 100 % of the budget, once each a month, though the object dies in between", async () => {
    const feed = await userFeed();
    await hookOf(feed, ["budget.alert"]);
    await setBudget(feed, 1);
    const percents = () => told().map(({ data }) => BudgetAlert.parse(data).percent);
    await endRun(feed, 0.79);
    expect(await waiting(feed)).toEqual([]);
    await endRun(feed, 0.02);
    await eventually(async () => expect(percents()).toEqual([80]));
    await feed.die();
    await endRun(feed, 0.1);
    await endRun(feed, 0.2);
    await eventually(async () => expect(percents()).toEqual([80, 100]));
    await endRun(feed, 5);
    await setBudget(feed, 1);
    await endRun(feed, 5);
    await ring(feed, 1);

    expect(percents()).toEqual([80, 100]);
    expect(told()[1]?.data).toMatchObject({
      monthly_usd: 1,
      period: told()[1]?.timestamp.slice(0, 7),
    });
  });
});
