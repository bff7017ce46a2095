/** The principal: who a request speaks for, as a verified token says it, and nothing else. */
import * as z from "zod";
import { Tier } from "../protocol/entities.ts";
import { SessionId, UserId } from "../protocol/ids.ts";

export interface Principal {
  readonly userId: UserId;
  readonly sessionId: SessionId;
  readonly tier: Tier;
  /** What the user may do: the permissions the account had when the token was issued. */
  readonly scopes: readonly string[];
  /** Unix time in seconds at which the access token runs out. */
  readonly expiresAt: number;
}

/** The claims that name a principal in every token we sign, beside the registered ones. */
export const PrincipalClaims = z.object({
  sub: UserId,
  sid: SessionId,
  tier: Tier,
  scopes: z.array(z.string()),
});
export type PrincipalClaims = z.infer<typeof PrincipalClaims>;

/** @param expiresAt when the access token runs out, as a Unix time in seconds. */
export function principalOf(claims: PrincipalClaims, expiresAt: number): Principal {
  const { sub, sid, tier, scopes } = claims;
  return { userId: sub, sessionId: sid, tier, scopes, expiresAt };
}
