/** The audit log: users read their own, operators anybody's. */
import * as z from "zod";
import { AuditPage } from "../../protocol/account.ts";
import { UserId } from "../../protocol/ids.ts";
import { CursorQuery } from "../../protocol/paging.ts";
import { AuditLog } from "../../store/audit-log.ts";
import { openDatabase } from "../../store/database.ts";
import { auditAll } from "../audit.ts";
import { defineRoute, requires } from "../define-route.ts";
import { jsonAnswer } from "../json.ts";
import { problems } from "../problems.ts";
import { createRouter } from "../router.ts";

const page = jsonAnswer(AuditPage, "A page of events");
const refusals = problems(
  "unauthenticated",
  "token_invalid",
  "token_expired",
  "session_ended",
  "not_found",
  "invalid_fields",
  "unavailable",
);

const own = defineRoute({
  method: "get",
  path: "/api/account/audit",
  tags: ["Account"],
  ...requires("account:read"),
  summary: "What happened to one's account, the newest first",
  description: "Who signed in and from where, what was revoked, exported and deleted.",
  request: { query: CursorQuery },
  responses: { 200: page, ...refusals },
});

const anybodys = defineRoute({
  method: "get",
  path: "/api/operator/audit/{user_id}",
  tags: ["Operator"],
  ...requires("operator"),
  summary: "What happened to an account, the newest first",
  description: "For the permission `operator`. Empty for an account that is not there.",
  request: { params: z.object({ user_id: UserId }), query: CursorQuery },
  responses: { 200: page, ...refusals },
});

/** @returns the routes that read the audit log. */
export function auditRoutes() {
  const router = createRouter();
  router.openapi(own, async (c) => {
    const log = new AuditLog(openDatabase(c.env.DB), c.var.principal.userId);
    return c.json(await log.list(c.req.valid("query")), 200);
  });
  router.openapi(anybodys, async (c) => {
    const { userId, voucher } = c.var.principal;
    const { user_id } = c.req.valid("param");
    const log = new AuditLog(openDatabase(c.env.DB), user_id);
    const events = await log.list(c.req.valid("query"));
    const action = "operator_read_audit";
    // An empty log may mean that there is no such account, and so nowhere to record that it was read.
    if (events.data.length > 0) {
      await auditAll(c, { userId, voucher, action, subject: user_id }, [user_id]);
    }
    return c.json(events, 200);
  });
  return router;
}
