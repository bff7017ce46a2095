/** The principal: who a request speaks for, as a verified credential says it, and nothing else. */
import * as z from "zod";
import { OrganizationId, SessionId, UserId } from "../protocol/ids.ts";
import { OrganizationRole } from "../protocol/scopes.ts";
import { Tier } from "../protocol/tiers.ts";

/**
 * What vouched for a principal. Its id is the one thing that revoking names: what it opened closes
 * with it.
 */
export const Voucher = z.object({
  kind: z.enum(["session", "api_key", "issuer"]),
  /** The session's id, the key's, or the issuer and subject of an external token. */
  id: z.string(),
});
export type Voucher = z.infer<typeof Voucher>;

export const Principal = z.object({
  userId: UserId,
  /** The team, whose budget is spent; null for who works alone. */
  organizationId: OrganizationId.nullable(),
  role: OrganizationRole,
  tier: Tier,
  /** What the principal may do, as it stood when the credential was issued. */
  scopes: z.array(z.string()).readonly(),
  voucher: Voucher,
  /** Unix time in seconds at which the credential runs out. */
  expiresAt: z.number(),
});
export type Principal = z.infer<typeof Principal>;

/** @returns the session that speaks, or null where something else does: a key, another issuer. */
export function sessionOf({ voucher }: Principal): SessionId | null {
  return voucher.kind === "session" ? SessionId.parse(voucher.id) : null;
}

/** The claims that name a principal in every token we sign, beside the registered ones. */
export const PrincipalClaims = z.object({
  sub: UserId,
  sid: SessionId,
  org: OrganizationId.nullable(),
  role: OrganizationRole,
  tier: Tier,
  scopes: z.array(z.string()),
});
export type PrincipalClaims = z.infer<typeof PrincipalClaims>;

/** @param expiresAt when the access token runs out, as a Unix time in seconds. */
export function principalOf(claims: PrincipalClaims, expiresAt: number): Principal {
  const { sub, sid, org, role, tier, scopes } = claims;
  const voucher = { kind: "session", id: sid } as const;
  return { userId: sub, organizationId: org, role, tier, scopes, voucher, expiresAt };
}
