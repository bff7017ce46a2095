/** The requests that the simulated provider accepts, and their validation. */
import * as z from "zod";
import { Email } from "../../protocol/api.ts";
import { Text } from "../../protocol/text.ts";
import { RegisteredClaims, type TokenKind } from "../signed-tokens.ts";

/** The only client that it serves. */
export const CLIENT_ID = "apex-edge";

/** The parameters of the authorize page. PKCE and a nonce are required here. */
export const AuthorizationRequest = z.object({
  response_type: z.literal("code"),
  client_id: z.literal(CLIENT_ID),
  redirect_uri: z.string(),
  scope: z.string().regex(/(^| )openid( |$)/, "must ask for openid"),
  state: z.string().min(1).max(512),
  nonce: z.string().min(1).max(512),
  code_challenge: z.string().regex(/^[\w-]{43}$/, "must be a SHA-256 in base64url"),
  code_challenge_method: z.literal("S256"),
});
export type AuthorizationRequest = z.output<typeof AuthorizationRequest>;

/** What the user enters on the authorize page. */
export const Answer = z.object({
  decision: z.enum(["allow", "deny"]),
  email: z.string().default(""),
  name: z.string().default(""),
  key: z.string().default(""),
});
/** The identity that the user chose. */
export const Person = z.object({ email: Email, name: Text.trim().min(1).max(128).optional() });

const codeClaims = z.object({
  ...RegisteredClaims.shape,
  ...Person.shape,
  redirect_uri: z.string(),
  nonce: z.string(),
  code_challenge: z.string(),
});
/** What a code was issued for. */
export type Granted = z.output<typeof codeClaims>;

/** The authorization code is a signed token, so that nothing has to be stored. */
export const CODE: TokenKind<typeof codeClaims> = {
  name: "code",
  typ: "simulated-code+jwt",
  audience: "apex-edge:simulated-provider",
  lifetimeSeconds: 60,
  claims: codeClaims,
};

/** The request that exchanges a code (RFC 6749, section 4.1.3; RFC 7636, section 4.5). */
export const TokenRequest = z.object({
  grant_type: z.literal("authorization_code"),
  code: z.string(),
  redirect_uri: z.string(),
  code_verifier: z.string(),
});
