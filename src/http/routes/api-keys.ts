/** The routes of API keys, with which programs sign in on behalf of a user. */
import type { Context } from "hono";
import * as z from "zod";
import { systemClock, timestamp } from "../../core/clock.ts";
import { ApiKeys as ApiKeyList, CreateApiKeyBody, CreatedApiKey } from "../../protocol/account.ts";
import { ApiKeyId } from "../../protocol/ids.ts";
import { ApiKeys } from "../../store/api-keys.ts";
import { openDatabase } from "../../store/database.ts";
import { audit } from "../audit.ts";
import { apiKeysOf } from "../authenticate.ts";
import { defineRoute, requires } from "../define-route.ts";
import { endVouchers } from "../end-vouchers.ts";
import { jsonAnswer, jsonBody } from "../json.ts";
import { notFound, problems } from "../problems.ts";
import { createRouter, type SignedInEnv } from "../router.ts";

const tags = ["API keys"];

const list = defineRoute({
  method: "get",
  path: "/api/keys",
  tags,
  ...requires("account:read"),
  summary: "One's API keys, the newest first",
  description: "Keys that were revoked come last, and are forgotten after 90 days.",
  responses: {
    200: jsonAnswer(ApiKeyList, "The keys, without what they are"),
    ...problems("unauthenticated", "token_invalid", "token_expired", "forbidden", "unavailable"),
  },
});

const create = defineRoute({
  method: "post",
  path: "/api/keys",
  tags,
  ...requires("account:write"),
  summary: "Make an API key",
  description:
    "It may do what its scopes say, as far as its owner may do so at the time. The answer shows the key, once: only a hash of it is kept. Send it as `Authorization: Bearer <key>`.",
  request: { body: jsonBody(CreateApiKeyBody) },
  responses: {
    201: jsonAnswer(CreatedApiKey, "The key"),
    ...problems("unauthenticated", "token_invalid", "token_expired", "malformed_body", "forbidden"),
    ...problems("unsupported_media_type", "invalid_fields", "quota_exceeded", "unavailable"),
  },
});

const revoke = defineRoute({
  method: "delete",
  path: "/api/keys/{id}",
  tags,
  ...requires("account:write"),
  summary: "Revoke an API key",
  description: "From here on it is refused, and what it opened closes. Safe to repeat.",
  request: { params: z.object({ id: ApiKeyId }) },
  responses: {
    204: { description: "The key is of no use any more" },
    ...problems("unauthenticated", "token_invalid", "token_expired", "forbidden", "not_found"),
    ...problems("unavailable"),
  },
});

/** @returns the routes below /api/keys. */
export function apiKeyRoutes() {
  const router = createRouter();
  router.openapi(list, async (c) =>
    c.json({ data: await keysOf(c).list(timestamp(systemClock.now())) }, 200),
  );
  router.openapi(create, async (c) => {
    const { principal } = c.var;
    const { userId, voucher } = principal;
    const created = await apiKeysOf(c).create(principal, c.req.valid("json"));
    await audit(c, { userId, voucher, action: "api_key_created", subject: created.id });
    return c.json(created, 201);
  });
  router.openapi(revoke, async (c) => {
    const { id } = c.req.valid("param");
    const { userId, voucher } = c.var.principal;
    if (!(await keysOf(c).revoke(id, timestamp(systemClock.now())))) throw notFound();
    await audit(c, { userId, voucher, action: "api_key_revoked", subject: id });
    await endVouchers(c.env, userId, [id]);
    return c.body(null, 204);
  });
  return router;
}

function keysOf(c: Context<SignedInEnv>): ApiKeys {
  return new ApiKeys(openDatabase(c.env.DB), c.var.principal.userId);
}
