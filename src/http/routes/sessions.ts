/** The routes of the user's sessions: listing and ending them. */
import type { Context } from "hono";
import * as z from "zod";
import { sessionOf } from "../../auth/principal.ts";
import { systemClock, timestamp } from "../../core/clock.ts";
import { Sessions } from "../../protocol/account.ts";
import { SessionId } from "../../protocol/ids.ts";
import { openDatabase } from "../../store/database.ts";
import { UserSessions } from "../../store/user-sessions.ts";
import { audit } from "../audit.ts";
import { defineRoute, requires } from "../define-route.ts";
import { endVouchers } from "../end-vouchers.ts";
import { jsonAnswer } from "../json.ts";
import { notFound, problems } from "../problems.ts";
import { createRouter, type SignedInEnv } from "../router.ts";

const tags = ["Account"];
const refusals = problems("unauthenticated", "token_invalid", "token_expired", "forbidden");

const list = defineRoute({
  method: "get",
  path: "/api/sessions",
  tags,
  ...requires("account:read"),
  summary: "Where one is signed in",
  responses: {
    200: jsonAnswer(Sessions, "The sessions that have neither ended nor expired, newest first"),
    ...refusals,
  },
});

const end = defineRoute({
  method: "delete",
  path: "/api/sessions/{id}",
  tags,
  ...requires("account:write"),
  summary: "End a session",
  description: "It is not renewed any more, and its sockets close. May be repeated.",
  request: { params: z.object({ id: SessionId }) },
  responses: {
    204: { description: "The session has ended" },
    ...refusals,
    ...problems("csrf_invalid", "not_found"),
  },
});

const endOthers = defineRoute({
  method: "delete",
  path: "/api/sessions",
  tags,
  ...requires("account:write"),
  summary: "End all sessions but the one that asks",
  responses: {
    204: { description: "They have ended" },
    ...refusals,
    ...problems("csrf_invalid"),
  },
});

/** @returns the routes below /api/sessions. */
export function sessionRoutes() {
  const router = createRouter();
  router.openapi(list, async (c) => {
    const current = sessionOf(c.var.principal);
    return c.json({ data: await sessionsOf(c).list(current, moment()) }, 200);
  });
  router.openapi(end, async (c) => {
    const { id } = c.req.valid("param");
    if (!(await sessionsOf(c).end(id, moment()))) throw notFound();
    await tellEnded(c, [id]);
    return c.body(null, 204);
  });
  router.openapi(endOthers, async (c) => {
    const current = sessionOf(c.var.principal);
    await tellEnded(c, await sessionsOf(c).endOthers(current, moment()));
    return c.body(null, 204);
  });
  return router;
}

/** Call it after the store has ended the sessions: records each in the audit log, and closes their sockets. */
export async function tellEnded(
  c: Context<SignedInEnv>,
  ended: readonly SessionId[],
): Promise<void> {
  const { userId, voucher } = c.var.principal;
  for (const subject of ended)
    await audit(c, { userId, action: "session_ended", voucher, subject });
  await endVouchers(c.env, userId, ended);
}

function sessionsOf(c: Context<SignedInEnv>): UserSessions {
  return new UserSessions(openDatabase(c.env.DB), c.var.principal.userId);
}

function moment(): string {
  return timestamp(systemClock.now());
}
