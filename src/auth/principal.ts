/** The principal: the user that a verified credential speaks for, and what that user may do. */
import * as z from "zod";
import { OrganizationId, SessionId, UserId } from "../protocol/ids.ts";
import { OrganizationRole } from "../protocol/scopes.ts";
import { Tier } from "../protocol/tiers.ts";

/**
 * The session, API key or external identity by which a principal was authenticated. Revoking names its id, and
 * closes every socket that was opened with it.
 */
export const Voucher = z.object({
  kind: z.enum(["session", "api_key", "issuer"]),
  /** The id of the session or the key, or the issuer and subject of an external token. */
  id: z.string(),
});
export type Voucher = z.infer<typeof Voucher>;

export const Principal = z.object({
  userId: UserId,
  /** The team, whose budget is spent; null for a user without a team. */
  organizationId: OrganizationId.nullable(),
  role: OrganizationRole,
  tier: Tier,
  /** What the principal may do, fixed when the credential was issued. */
  scopes: z.array(z.string()).readonly(),
  voucher: Voucher,
  /** When the credential expires, as a Unix time in seconds. */
  expiresAt: z.number(),
});
export type Principal = z.infer<typeof Principal>;

/** @returns the session; null if the principal uses an API key or an external token. */
export function sessionOf({ voucher }: Principal): SessionId | null {
  return voucher.kind === "session" ? SessionId.parse(voucher.id) : null;
}

/** The claims that describe the principal in every token we sign, beside the registered ones. */
export const PrincipalClaims = z.object({
  sub: UserId,
  sid: SessionId,
  org: OrganizationId.nullable(),
  role: OrganizationRole,
  tier: Tier,
  scopes: z.array(z.string()),
});
export type PrincipalClaims = z.infer<typeof PrincipalClaims>;

/** @param expiresAt when the access token expires, as a Unix time in seconds. */
export function principalOf(claims: PrincipalClaims, expiresAt: number): Principal {
  const { sub, sid, org, role, tier, scopes } = claims;
  const voucher = { kind: "session", id: sid } as const;
  return { userId: sub, organizationId: org, role, tier, scopes, voucher, expiresAt };
}
