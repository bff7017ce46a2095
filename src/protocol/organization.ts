/** The bodies about a team: its members share usage records and budgets, never threads. */
import * as z from "zod";
import { Email } from "./api.ts";
import { OrganizationId, Timestamp, UserId } from "./ids.ts";
import { OrganizationRole } from "./scopes.ts";
import { Text } from "./text.ts";
import { Tier } from "./tiers.ts";

const name = Text.trim().min(1, "must not be empty").max(128);

/** A team, as one of its members sees it. */
export const Organization = z.object({
  id: OrganizationId,
  name: z.string(),
  tier: Tier.describe("The tier of every member"),
  role: OrganizationRole.describe("Of who asks"),
  created_at: Timestamp,
});
export type Organization = z.infer<typeof Organization>;

/** A team to be made. */
export const CreateOrganizationBody = z.strictObject({ name });
export type CreateOrganizationBody = z.infer<typeof CreateOrganizationBody>;

/** Somebody in a team. */
export const Member = z.object({
  user_id: UserId,
  email: z.string(),
  name: z.string(),
  role: OrganizationRole,
});
export type Member = z.infer<typeof Member>;
/** Everybody in a team. */
export const Members = z.object({ data: z.array(Member) });
export type Members = z.infer<typeof Members>;

/** Another role for a member. */
export const UpdateMemberBody = z.strictObject({ role: OrganizationRole });
export type UpdateMemberBody = z.infer<typeof UpdateMemberBody>;

/** Whom to invite, and as what. */
export const InviteBody = z.strictObject({
  email: Email,
  role: OrganizationRole.default("member"),
});
export type InviteBody = z.infer<typeof InviteBody>;

/** An invitation for one email address, shown once, to be handed to its person. */
export const Invitation = z.object({
  token: z.string(),
  email: z.string(),
  role: OrganizationRole,
  expires_at: Timestamp,
});
export type Invitation = z.infer<typeof Invitation>;

/** The token of an invitation. */
export const AcceptInvitationBody = z.strictObject({ token: z.string().min(1).max(512) });
export type AcceptInvitationBody = z.infer<typeof AcceptInvitationBody>;
