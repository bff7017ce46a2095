/** The routes of webhooks: where reports are sent, past deliveries, and test deliveries. */

import type { Context } from "hono";
import * as z from "zod";
import type { AccountRpc } from "../../account/rpc.ts";
import { newId, systemClock, timestamp } from "../../core/clock.ts";
import { succeeded } from "../../core/outcome.ts";
import { accountObjectName } from "../../durable/names.ts";
import { ApexError } from "../../protocol/errors.ts";
import { WebhookId } from "../../protocol/ids.ts";
import {
  CreatedWebhook,
  CreateWebhookBody,
  WebhookDeliveries,
  WebhookDelivery,
  type WebhookEvent,
  Webhooks,
} from "../../protocol/webhooks.ts";
import { openDatabase } from "../../store/database.ts";
import { MAX_WEBHOOKS, WebhookRows } from "../../store/webhooks.ts";
import { newSecret } from "../../webhooks/send.ts";
import { readWebhookUrl } from "../../webhooks/webhook-url.ts";
import { askObject } from "../ask-object.ts";
import { audit } from "../audit.ts";
import { defineRoute, requires } from "../define-route.ts";
import { jsonAnswer, jsonBody } from "../json.ts";
import { workspaceIdOf } from "../own-usage.ts";
import { notFound, problems } from "../problems.ts";
import { createRouter, type SignedInEnv } from "../router.ts";

const tags = ["Webhooks"];
const params = z.object({ id: WebhookId });
const REFUSED = problems("unauthenticated", "token_invalid", "token_expired", "forbidden");

const list = defineRoute({
  method: "get",
  path: "/api/webhooks",
  tags,
  ...requires("account:read"),
  summary: "One's webhooks, the oldest first",
  responses: {
    200: jsonAnswer(Webhooks, "The webhooks, without their secrets"),
    ...REFUSED,
    ...problems("unavailable"),
  },
});

const create = defineRoute({
  method: "post",
  path: "/api/webhooks",
  tags,
  ...requires("account:write"),
  summary: "Have events sent to an address",
  description:
    "Published reports of the workspace that one works in, one's team's or one's own, and with `events` one's own runs that end (`run.finished`) and the shares of one's budget that are reached (`budget.alert`, at 80 % and 100 %, once a month each). They are signed as Standard Webhooks says (https://www.standardwebhooks.com), with the secret that this answer shows, once. The address is https, of a public host; redirects are not followed.",
  request: { body: jsonBody(CreateWebhookBody) },
  responses: {
    201: jsonAnswer(CreatedWebhook, "The webhook, with its secret"),
    ...REFUSED,
    ...problems("malformed_body", "unsupported_media_type", "invalid_fields", "quota_exceeded"),
    ...problems("unavailable"),
  },
});

const remove = defineRoute({
  method: "delete",
  path: "/api/webhooks/{id}",
  tags,
  ...requires("account:write"),
  summary: "Delete a webhook, with what is still to be sent there",
  request: { params },
  responses: {
    204: { description: "Nothing is sent there any more" },
    ...REFUSED,
    ...problems("not_found", "unavailable"),
  },
});

const deliveries = defineRoute({
  method: "get",
  path: "/api/webhooks/{id}/deliveries",
  tags,
  ...requires("account:read"),
  summary: "What was sent to a webhook of late, the newest first",
  description: "With what is still tried (`pending`) and what is given up (`dead`).",
  request: { params },
  responses: {
    200: jsonAnswer(WebhookDeliveries, "The deliveries"),
    ...REFUSED,
    ...problems("not_found", "unavailable"),
  },
});

const test = defineRoute({
  method: "post",
  path: "/api/webhooks/{id}/test",
  tags,
  ...requires("account:write"),
  summary: "Send a test to a webhook",
  request: { params },
  responses: {
    202: jsonAnswer(WebhookDelivery, "The delivery, as it stands after a moment"),
    ...REFUSED,
    ...problems("not_found", "unavailable"),
  },
});

const replay = defineRoute({
  method: "post",
  path: "/api/webhooks/{id}/deliveries/{delivery_id}/replay",
  tags,
  ...requires("account:write"),
  summary: "Send once more what was sent to a webhook",
  description:
    "As it was, under the same `webhook-id`, whether it was delivered or given up; the tries are counted anew. What is still tried goes on as it was.",
  request: { params: params.extend({ delivery_id: z.string().min(1).max(256) }) },
  responses: {
    202: jsonAnswer(WebhookDelivery, "The delivery, as it stands after a moment"),
    ...REFUSED,
    ...problems("not_found", "unavailable"),
  },
});

/** @returns the routes below /api/webhooks. */
export function webhookRoutes() {
  const router = createRouter();
  router.openapi(list, async (c) => c.json({ data: await rowsOf(c).list() }, 200));
  router.openapi(create, async (c) => {
    const { userId, voucher } = c.var.principal;
    const { url: given, events } = c.req.valid("json");
    const url = readWebhookUrl(given, isDevelopment(c)).href;
    const webhook = { id: WebhookId.parse(newId()), url, events, created_at: now() };
    const workspaceId = await workspaceIdOf(c);
    await sayWanted(c, events);
    const secret = newSecret();
    if (!(await rowsOf(c).create(webhook, secret, workspaceId))) {
      const detail = `An account has at most ${MAX_WEBHOOKS} webhooks. Delete one first.`;
      throw new ApexError("quota_exceeded", detail);
    }
    await audit(c, { userId, voucher, action: "webhook_created", subject: webhook.id });
    return c.json({ ...webhook, secret }, 201);
  });
  router.openapi(remove, async (c) => {
    const { id } = c.req.valid("param");
    const { userId, voucher } = c.var.principal;
    if (!(await rowsOf(c).delete(id))) throw notFound();
    await audit(c, { userId, voucher, action: "webhook_deleted", subject: id });
    return c.body(null, 204);
  });
  router.openapi(deliveries, async (c) => {
    const sent = await rowsOf(c).deliveries(c.req.valid("param").id);
    if (sent === null) throw notFound();
    return c.json({ data: sent }, 200);
  });
  router.openapi(test, async (c) => {
    const { id } = c.req.valid("param");
    const { userId } = c.var.principal;
    const known = await rowsOf(c).list();
    if (!known.some((webhook) => webhook.id === id)) throw notFound();
    const created_at = now();
    const type = "webhook.test";
    const payload = JSON.stringify({ type, timestamp: created_at, data: { webhook_id: id } });
    const delivery = { id: `msg_${newId()}`, webhook_id: id, type, created_at, payload } as const;
    const account = (): Pick<AccountRpc, "deliver"> =>
      c.env.ACCOUNTS.getByName(accountObjectName(userId));
    const taken = succeeded(await askObject("account", account, (it) => it.deliver(delivery)));
    if (taken === null) throw notFound();
    return c.json(taken, 202);
  });
  router.openapi(replay, async (c) => {
    const { id, delivery_id } = c.req.valid("param");
    const account = (): Pick<AccountRpc, "replay"> =>
      c.env.ACCOUNTS.getByName(accountObjectName(c.var.principal.userId));
    const sent = succeeded(await askObject("account", account, (it) => it.replay(id, delivery_id)));
    if (sent === null) throw notFound();
    return c.json(sent, 202);
  });
  return router;
}

/** Tells the user's Account object which events a new webhook wants, before the webhook is created. */
async function sayWanted(c: Context<SignedInEnv>, events: readonly WebhookEvent[]): Promise<void> {
  const account = () => c.env.ACCOUNTS.getByName(accountObjectName(c.var.principal.userId));
  await askObject("account", account, (object) => object.wantEvents(events));
}

function rowsOf(c: Context<SignedInEnv>): WebhookRows {
  return new WebhookRows(openDatabase(c.env.DB), c.var.principal.userId);
}

function isDevelopment(c: Context<SignedInEnv>): boolean {
  return c.var.config.environment === "development";
}

function now(): string {
  return timestamp(systemClock.now());
}
