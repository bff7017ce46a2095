/** The calls about one's team: its members share usage records and budgets, never threads. */
import type { OrganizationId, UserId } from "../protocol/ids.ts";
import type {
  AcceptInvitationBody,
  CreateOrganizationBody,
  Invitation,
  InviteBody,
  Member,
  Members,
  Organization,
  UpdateMemberBody,
} from "../protocol/organization.ts";
import { type Ask, below } from "./ask.ts";
import { list, object, text } from "./checks.ts";
import { isTeamRole, isTier } from "./entities.ts";
import { isNothing } from "./http.ts";

const isOrganization = object<Organization>({
  id: text<OrganizationId>,
  name: text,
  tier: isTier,
  role: isTeamRole,
  created_at: text,
});

const isMembers = object<Members>({
  data: list(object<Member>({ user_id: text<UserId>, email: text, name: text, role: isTeamRole })),
});

const isInvitation = object<Invitation>({
  token: text,
  email: text,
  role: isTeamRole,
  expires_at: text,
});

/** Tokens tell of a team as it was: after a change of one's own place in it, `client.refresh()`. */
export function teamCalls(ask: Ask) {
  const path = "/api/organization";
  const members = `${path}/members`;
  const invitations = `${path}/invitations`;
  return {
    /** @throws ApexError `not_found` for who has none. */
    get: (): Promise<Organization> => ask(isOrganization, { method: "GET", path }),
    /** Makes a team, whose admin one is then. */
    create: (body: CreateOrganizationBody): Promise<Organization> =>
      ask(isOrganization, { method: "POST", path, body }),
    /** Ends the team. */
    delete: (): Promise<void> => ask(isNothing, { method: "DELETE", path }),
    /** Everybody in the team. */
    members: (): Promise<Members> => ask(isMembers, { method: "GET", path: members }),
    /** Gives a member another role. */
    changeRole: (id: UserId, body: UpdateMemberBody): Promise<void> =>
      ask(isNothing, { method: "PATCH", path: below(members, id), body }),
    /** Takes a member out, or oneself. */
    remove: (id: UserId): Promise<void> =>
      ask(isNothing, { method: "DELETE", path: below(members, id) }),
    /** Invites somebody. The invitation's token is shown this once. */
    invite: (body: InviteBody): Promise<Invitation> =>
      ask(isInvitation, { method: "POST", path: invitations, body }),
    /** Joins the team of an invitation. */
    accept: (body: AcceptInvitationBody): Promise<Organization> =>
      ask(isOrganization, { method: "POST", path: `${invitations}/accept`, body }),
  };
}
