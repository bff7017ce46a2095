/** Teams as people make them: an admin, and whom they invite. */
import { Credentials } from "../../../src/protocol/api.ts";
import { Invitation, Organization } from "../../../src/protocol/organization.ts";
import type { OrganizationRole } from "../../../src/protocol/scopes.ts";
import { ask } from "./ask.ts";
import { somebody } from "./somebody.ts";

/** @returns somebody's credentials after a refresh: they tell of team and role as they are now. */
export async function refreshed({ refresh_token }: Credentials): Promise<Credentials> {
  const response = await ask("/api/auth/refresh", { body: { refresh_token } });
  return Credentials.parse(await response.json());
}

/** @returns the admin of a new team. */
export async function foundTeam(): Promise<Credentials & { readonly team: Organization }> {
  const founder = await somebody();
  const body = { name: "Ada's team" };
  const response = await ask("/api/organization", { token: founder.access_token, body });
  return { ...(await refreshed(founder)), team: Organization.parse(await response.json()) };
}

/** @returns an invitation by an admin. */
export async function invite(
  { access_token: token }: Credentials,
  email: string,
  role: OrganizationRole = "member",
): Promise<Invitation> {
  const response = await ask("/api/organization/invitations", { token, body: { email, role } });
  return Invitation.parse(await response.json());
}

/** @returns the answer to who accepts an invitation. */
export function accept({ access_token: token }: Credentials, invitation: string) {
  return ask("/api/organization/invitations/accept", { token, body: { token: invitation } });
}

/** @returns somebody new who joined an admin's team. */
export async function joinTeam(
  admin: Credentials,
  role: OrganizationRole = "member",
): Promise<Credentials> {
  const newcomer = await somebody();
  const { token } = await invite(admin, newcomer.user.email, role);
  await accept(newcomer, token);
  return refreshed(newcomer);
}
