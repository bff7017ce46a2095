/** The routes of the user's team. Members share usage records and budgets, never threads. */
import type { Context } from "hono";
import * as z from "zod";
import { newId, systemClock, timestamp } from "../../core/clock.ts";
import { ApexError } from "../../protocol/errors.ts";
import { OrganizationId, UserId } from "../../protocol/ids.ts";
import {
  CreateOrganizationBody,
  Members,
  Organization,
  UpdateMemberBody,
} from "../../protocol/organization.ts";
import { openDatabase } from "../../store/database.ts";
import { Organizations, type TeamChange } from "../../store/organizations.ts";
import { audit, auditAll } from "../audit.ts";
import { defineRoute, requires } from "../define-route.ts";
import { forgetTeam } from "../forget-team.ts";
import { jsonAnswer, jsonBody } from "../json.ts";
import { notFound, problems } from "../problems.ts";
import { createRouter, type SignedInEnv } from "../router.ts";

const tags = ["Teams"];
const path = "/api/organization";
const member = "/api/organization/members/{user_id}";
const params = z.object({ user_id: UserId });
const refusals = problems(
  "unauthenticated",
  "token_invalid",
  "token_expired",
  "forbidden",
  "unavailable",
);
const bodyRefusals = problems("malformed_body", "unsupported_media_type", "invalid_fields");

const create = defineRoute({
  method: "post",
  path,
  tags,
  ...requires("account:write"),
  summary: "Make a team, and be its admin",
  description:
    "It has the tier of who makes it, and so has every member. Tokens tell of a team and a role as they were issued: refresh them to administer the team.",
  request: { body: jsonBody(CreateOrganizationBody) },
  responses: {
    201: jsonAnswer(Organization, "The team"),
    ...refusals,
    ...bodyRefusals,
    ...problems("already_in_team"),
  },
});

const read = defineRoute({
  method: "get",
  path,
  tags,
  ...requires("account:read"),
  summary: "One's team",
  responses: { 200: jsonAnswer(Organization, "The team"), ...refusals, ...problems("not_found") },
});

const remove = defineRoute({
  method: "delete",
  path,
  tags,
  ...requires("admin"),
  summary: "Delete the team",
  description: "Its members keep their accounts and threads, and are on their own again.",
  responses: {
    204: { description: "There is no team any more" },
    ...refusals,
    ...problems("not_found"),
  },
});

const members = defineRoute({
  method: "get",
  path: `${path}/members`,
  tags,
  ...requires("account:read"),
  summary: "Who is in one's team",
  responses: { 200: jsonAnswer(Members, "The members"), ...refusals, ...problems("not_found") },
});

const changeRole = defineRoute({
  method: "patch",
  path: member,
  tags,
  ...requires("admin"),
  summary: "Give a member another role",
  request: { params, body: jsonBody(UpdateMemberBody) },
  responses: {
    204: { description: "The member has the role" },
    ...refusals,
    ...bodyRefusals,
    ...problems("not_found", "last_admin"),
  },
});

const removeMember = defineRoute({
  method: "delete",
  path: member,
  tags,
  ...requires("account:write"),
  summary: "Take a member out of the team, or leave it",
  description:
    "Anybody may leave, and an admin may take others out. The last admin may leave as the last member alone: then the team is deleted.",
  request: { params },
  responses: {
    204: { description: "The user is no member any more" },
    ...refusals,
    ...problems("not_found", "last_admin"),
  },
});

/** @returns the routes of a team and its members. */
export function organizationRoutes() {
  const router = createRouter();
  router.openapi(create, async (c) => {
    const { userId, voucher } = c.var.principal;
    const id = OrganizationId.parse(newId());
    const now = timestamp(systemClock.now());
    if (!(await teamsOf(c).create(id, c.req.valid("json").name, now))) {
      throw new ApexError("already_in_team", "Leave your team before you make another one.");
    }
    await audit(c, { userId, voucher, action: "organization_created", subject: id });
    return c.json(await teamOf(c), 201);
  });
  router.openapi(read, async (c) => c.json(await teamOf(c), 200));
  router.openapi(remove, async (c) => {
    const { userId, voucher } = c.var.principal;
    const { id } = await teamOf(c);
    const others = (await teamsOf(c).members()).map(({ user_id }) => user_id);
    assertDone(await teamsOf(c).delete());
    forgetTeam(c, id);
    await auditAll(c, { userId, voucher, action: "organization_deleted", subject: id }, others);
    return c.body(null, 204);
  });
  router.openapi(members, async (c) => {
    const data = await teamsOf(c).members();
    if (data.length === 0) throw noTeam();
    return c.json({ data }, 200);
  });
  router.openapi(changeRole, async (c) => {
    const { userId, voucher } = c.var.principal;
    const { user_id } = c.req.valid("param");
    assertDone(await teamsOf(c).setRole(user_id, c.req.valid("json").role));
    const action = "member_role_changed";
    await auditAll(c, { userId, voucher, action, subject: user_id }, [user_id]);
    return c.body(null, 204);
  });
  router.openapi(removeMember, async (c) => {
    const { userId, voucher } = c.var.principal;
    const { user_id } = c.req.valid("param");
    const team = await teamsOf(c).get();
    assertDone(await teamsOf(c).remove(user_id));
    if (team !== null) forgetTeam(c, team.id);
    const action = user_id === userId ? "member_left" : "member_removed";
    await auditAll(c, { userId, voucher, action, subject: user_id }, [user_id]);
    return c.body(null, 204);
  });
  return router;
}

function teamsOf(c: Context<SignedInEnv>): Organizations {
  return new Organizations(openDatabase(c.env.DB), c.var.principal.userId);
}

/** @throws {ApexError} `not_found` if the user has no team. */
async function teamOf(c: Context<SignedInEnv>): Promise<Organization> {
  const team = await teamsOf(c).get();
  if (team === null) throw noTeam();
  return team;
}

function assertDone(change: TeamChange): void {
  switch (change) {
    case "done":
      return;
    case "not_found":
      throw notFound();
    case "forbidden":
      throw new ApexError("forbidden", "Only an admin of the team may do this.");
    case "last_admin":
      throw new ApexError(
        "last_admin",
        "There is no other admin. Make another member one first, or delete the team.",
      );
  }
}

function noTeam(): ApexError {
  return new ApexError("not_found", "You are in no team. Make one, or accept an invitation.");
}
