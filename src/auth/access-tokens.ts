/** Access tokens: short-lived JWTs (RFC 9068) that name the principal, so that no request needs a lookup. */
import * as z from "zod";
import type { User } from "../protocol/entities.ts";
import type { SessionId } from "../protocol/ids.ts";
import { scopesOf } from "../protocol/scopes.ts";
import { type Principal, PrincipalClaims, principalOf } from "./principal.ts";
import {
  RegisteredClaims,
  signToken,
  type TokenAuthority,
  type TokenKind,
  verifyToken,
} from "./signed-tokens.ts";

const claims = z.object({ ...PrincipalClaims.shape, ...RegisteredClaims.shape });

/**
 * Since nothing is looked up, a token outlives the log-out of its session: by at most its lifetime,
 * which is why that is short.
 */
export const ACCESS_TOKEN: TokenKind<typeof claims> = {
  name: "access token",
  typ: "at+jwt",
  audience: "apex-edge",
  lifetimeSeconds: 15 * 60,
  claims,
};

/** @returns an access token for the user, who may do what the account permits now. */
export function issueAccessToken(
  user: User,
  sessionId: SessionId,
  authority: TokenAuthority,
): Promise<string> {
  const { id, tier, permissions, organization_id: org, role } = user;
  const scopes = scopesOf(role, permissions);
  return signToken(ACCESS_TOKEN, { sub: id, sid: sessionId, org, role, tier, scopes }, authority);
}

/** @throws {ApexError} `token_expired` or `token_invalid`. */
export async function verifyAccessToken(
  token: string,
  authority: TokenAuthority,
): Promise<Principal> {
  const verified = await verifyToken(ACCESS_TOKEN, token, authority);
  return principalOf(verified, verified.exp);
}
