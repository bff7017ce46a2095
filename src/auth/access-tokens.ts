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
 * Nothing is looked up when a token is checked, so it stays valid after its session has ended. That is why its
 * lifetime is short.
 */
export const ACCESS_TOKEN: TokenKind<typeof claims> = {
  name: "access token",
  typ: "at+jwt",
  audience: "apex-edge",
  lifetimeSeconds: 15 * 60,
  claims,
};

/** @returns an access token with the role, tier and scopes that the user has now. */
export function issueAccessToken(
  user: User,
  sessionId: SessionId,
  authority: TokenAuthority,
): Promise<string> {
  const { id, tier, permissions, organization_id: org, role } = user;
  const scopes = scopesOf(role, permissions);
  return signToken(ACCESS_TOKEN, { sub: id, sid: sessionId, org, role, tier, scopes }, authority);
}

/**
 * @returns who the token speaks for.
 * @throws {ApexError} `token_expired` or `token_invalid`.
 */
export async function verifyAccessToken(
  token: string,
  authority: TokenAuthority,
): Promise<Principal> {
  const verified = await verifyToken(ACCESS_TOKEN, token, authority);
  return principalOf(verified, verified.exp);
}
