/** The routes of the user's profile and preferences. */
import type { Context } from "hono";
import type { AuditAction } from "../../protocol/account.ts";
import { User } from "../../protocol/entities.ts";
import { ApexError } from "../../protocol/errors.ts";
import {
  Preferences,
  UpdatePreferencesBody,
  UpdateProfileBody,
} from "../../protocol/preferences.ts";
import { openDatabase } from "../../store/database.ts";
import { Profiles } from "../../store/profiles.ts";
import { audit } from "../audit.ts";
import { defineRoute, requires } from "../define-route.ts";
import { jsonAnswer, jsonBody } from "../json.ts";
import { problems } from "../problems.ts";
import { createRouter, type SignedInEnv } from "../router.ts";

const tags = ["Account"];
const path = "/api/me/preferences";
const REFUSED = problems("unauthenticated", "token_invalid", "token_expired", "session_ended");
const CHANGED = {
  ...REFUSED,
  ...problems("forbidden", "csrf_invalid", "malformed_body", "unsupported_media_type"),
  ...problems("invalid_fields", "unavailable"),
};

const rename = defineRoute({
  method: "patch",
  path: "/api/auth/me",
  tags,
  ...requires("account:write"),
  summary: "Change one's name",
  request: { body: jsonBody(UpdateProfileBody) },
  responses: { 200: jsonAnswer(User, "The user as they are now"), ...CHANGED },
});

const read = defineRoute({
  method: "get",
  path,
  tags,
  ...requires("account:read"),
  summary: "How one likes things",
  description: "Kept for clients, so that all of them agree; nothing on the server goes by it.",
  responses: {
    200: jsonAnswer(Preferences, "The preferences"),
    ...REFUSED,
    ...problems("forbidden", "unavailable"),
  },
});

const update = defineRoute({
  method: "patch",
  path,
  tags,
  ...requires("account:write"),
  summary: "Change how one likes things",
  description: "What is left out stays; null takes it back.",
  request: { body: jsonBody(UpdatePreferencesBody) },
  responses: { 200: jsonAnswer(Preferences, "The preferences as they are now"), ...CHANGED },
});

/** @returns the routes of one's profile and preferences. */
export function profileRoutes() {
  const router = createRouter();
  router.openapi(rename, async (c) => {
    const user = known(await profileOf(c).rename(c.req.valid("json").name));
    await tellChange(c, "profile_changed", ["name"]);
    return c.json(user, 200);
  });
  router.openapi(read, async (c) => c.json(known(await profileOf(c).preferences()), 200));
  router.openapi(update, async (c) => {
    const change = c.req.valid("json");
    const preferences = known(await profileOf(c).prefer(change));
    await tellChange(c, "preferences_changed", Object.keys(change));
    return c.json(preferences, 200);
  });
  return router;
}

/** The audit log names the changed fields, but not their values. */
async function tellChange(
  c: Context<SignedInEnv>,
  action: AuditAction,
  fields: readonly string[],
): Promise<void> {
  const { userId, voucher } = c.var.principal;
  if (fields.length > 0) await audit(c, { userId, voucher, action, subject: fields.join(", ") });
}

function profileOf(c: Context<SignedInEnv>): Profiles {
  return new Profiles(openDatabase(c.env.DB), c.var.principal.userId);
}

function known<Kept>(kept: Kept | null): Kept {
  if (kept !== null) return kept;
  throw new ApexError("session_ended", "The account no longer exists.");
}
