/** The routes of invitations: how somebody comes into a team. */
import { INVITATION_LIFETIME_MS, newInvitationToken } from "../../auth/invitation-tokens.ts";
import { hashSecret } from "../../auth/secret-hash.ts";
import { systemClock, timestamp } from "../../core/clock.ts";
import { ApexError } from "../../protocol/errors.ts";
import {
  AcceptInvitationBody,
  Invitation,
  InviteBody,
  Organization,
} from "../../protocol/organization.ts";
import { openDatabase } from "../../store/database.ts";
import { Invitations, MAX_INVITATIONS, MAX_MEMBERS } from "../../store/invitations.ts";
import { Organizations } from "../../store/organizations.ts";
import { audit } from "../audit.ts";
import { defineRoute, requires } from "../define-route.ts";
import { jsonAnswer, jsonBody } from "../json.ts";
import { problems } from "../problems.ts";
import { createRouter } from "../router.ts";

const tags = ["Teams"];
const path = "/api/organization/invitations";
const refusals = {
  ...problems("unauthenticated", "token_invalid", "token_expired", "forbidden"),
  ...problems("malformed_body", "unsupported_media_type", "invalid_fields"),
  ...problems("quota_exceeded", "unavailable"),
};

const invite = defineRoute({
  method: "post",
  path,
  tags,
  ...requires("admin"),
  summary: "Invite somebody into the team",
  description:
    "The answer shows the invitation's token, once: hand it to its person, who has seven days to accept it. It is worth nothing to who signs in with another email address. Inviting an address again voids what it was invited by before.",
  request: { body: jsonBody(InviteBody) },
  responses: { 201: jsonAnswer(Invitation, "The invitation"), ...refusals },
});

const accept = defineRoute({
  method: "post",
  path: `${path}/accept`,
  tags,
  ...requires("account:write"),
  summary: "Accept an invitation",
  description: "Refresh your tokens afterwards: they tell of your team as it was.",
  request: { body: jsonBody(AcceptInvitationBody) },
  responses: {
    200: jsonAnswer(Organization, "The team one is in now"),
    ...refusals,
    ...problems("not_found", "already_in_team"),
  },
});

/** @returns the routes of invitations. */
export function invitationRoutes() {
  const router = createRouter();
  router.openapi(invite, async (c) => {
    const { userId, voucher } = c.var.principal;
    const { email, role } = c.req.valid("json");
    const token = newInvitationToken();
    const tokenHash = hashSecret(token);
    const now = systemClock.now();
    const expiresAt = timestamp(now + INVITATION_LIFETIME_MS);
    const outcome = await new Invitations(openDatabase(c.env.DB), userId).create({
      ...{ email, role, expiresAt },
      tokenHash,
      now: timestamp(now),
    });
    if (outcome === "forbidden") {
      throw new ApexError("forbidden", "Only an admin of a team may invite somebody into it.");
    }
    if (outcome === "full") {
      const detail = `A team has at most ${MAX_INVITATIONS} open invitations. Wait for some to be accepted, or to expire.`;
      throw new ApexError("quota_exceeded", detail);
    }
    // Not the address: this log may outlive the invitation by years, and it is another person's.
    await audit(c, { userId, voucher, action: "member_invited", subject: tokenHash });
    return c.json({ token, email, role, expires_at: expiresAt }, 201);
  });
  router.openapi(accept, async (c) => {
    const { userId, voucher } = c.var.principal;
    const database = openDatabase(c.env.DB);
    const hash = hashSecret(c.req.valid("json").token);
    const outcome = await new Invitations(database, userId).accept(
      hash,
      timestamp(systemClock.now()),
    );
    switch (outcome) {
      case "unknown":
        throw unknown();
      case "already_in_team":
        throw new ApexError("already_in_team", "Leave your team before you join another one.");
      case "full":
        throw new ApexError("quota_exceeded", `A team has at most ${MAX_MEMBERS} members.`);
    }
    const team = await new Organizations(database, userId).get();
    if (team === null) throw unknown();
    await audit(c, { userId, voucher, action: "member_joined", subject: team.id });
    return c.json(team, 200);
  });
  return router;
}

/** The same for a token that was never given out, is used or too old, or is for another email address. */
function unknown(): ApexError {
  const detail = "There is no such invitation for your email address. Ask for another one.";
  return new ApexError("not_found", detail);
}
