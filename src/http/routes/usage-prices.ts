/** The routes of prices of one's own: by contract, they go before the price list's. */
import type { Context } from "hono";
import * as z from "zod";
import { systemClock } from "../../core/clock.ts";
import { Price, PriceBody, Prices } from "../../protocol/usage.ts";
import { PriceOverrides } from "../../usage/price-overrides.ts";
import { audit } from "../audit.ts";
import { defineRoute, requires } from "../define-route.ts";
import { jsonAnswer, jsonBody } from "../json.ts";
import { workspaceIdOf } from "../own-usage.ts";
import { notFound, problems } from "../problems.ts";
import { createRouter, type SignedInEnv } from "../router.ts";

const tags = ["Usage"];
const REFUSED = ["unauthenticated", "token_invalid", "token_expired", "forbidden"] as const;

const list = defineRoute({
  method: "get",
  path: "/api/usage/prices",
  tags,
  ...requires("usage:read"),
  summary: "The prices of one's own",
  responses: { 200: jsonAnswer(Prices, "The prices, the newest first"), ...problems(...REFUSED) },
});

const add = defineRoute({
  method: "post",
  path: "/api/usage/prices",
  tags,
  ...requires("usage:write"),
  summary: "Add a price",
  description:
    "Counts for records that come in from now on, at the record's own time: where several fit, the one that began last. Records that are here keep the price they came in at, and their `price_version` says which.",
  request: { body: jsonBody(PriceBody) },
  responses: {
    201: jsonAnswer(Price, "The price"),
    ...problems(...REFUSED, "malformed_body", "unsupported_media_type", "invalid_fields"),
    ...problems("quota_exceeded"),
  },
});

const remove = defineRoute({
  method: "delete",
  path: "/api/usage/prices/{id}",
  tags,
  ...requires("usage:write"),
  summary: "Delete a price",
  request: { params: z.object({ id: z.string().min(1).max(64) }) },
  responses: { 204: { description: "It counts no more" }, ...problems(...REFUSED, "not_found") },
});

/** @returns the routes below /api/usage/prices. */
export function usagePriceRoutes() {
  const router = createRouter();
  router.openapi(list, async (c) => {
    const prices = await pricesOf(c);
    return c.json({ data: await prices.list() }, 200);
  });
  router.openapi(add, async (c) => {
    const prices = await pricesOf(c);
    const added = await prices.add(c.req.valid("json"), systemClock.now());
    const { userId, voucher } = c.var.principal;
    await audit(c, { userId, voucher, action: "usage_price_added", subject: added.id });
    return c.json(added, 201);
  });
  router.openapi(remove, async (c) => {
    const prices = await pricesOf(c);
    const { id } = c.req.valid("param");
    if (!(await prices.remove(id))) throw notFound();
    const { userId, voucher } = c.var.principal;
    await audit(c, { userId, voucher, action: "usage_price_deleted", subject: id });
    return c.body(null, 204);
  });
  return router;
}

async function pricesOf(c: Context<SignedInEnv>): Promise<PriceOverrides> {
  return new PriceOverrides(c.env.DB, await workspaceIdOf(c));
}
