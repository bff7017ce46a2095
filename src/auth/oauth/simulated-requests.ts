/** What the simulated provider is asked, by browsers and by us: parsed, and refused where it bends a rule. */
import * as z from "zod";
import { Email } from "../../protocol/api.ts";
import { Text } from "../../protocol/text.ts";
import { RegisteredClaims, type TokenKind } from "../signed-tokens.ts";

/** The one client it serves. */
export const CLIENT_ID = "apex-edge";

/** What the authorize page must be asked with: PKCE and a nonce are no options here. */
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

/** What the person says on the authorize page. */
export const Answer = z.object({
  decision: z.enum(["allow", "deny"]),
  email: z.string().default(""),
  name: z.string().default(""),
  key: z.string().default(""),
});
/** Who it is then. */
export const Person = z.object({ email: Email, name: Text.trim().min(1).max(128).optional() });

const codeClaims = z.object({
  ...RegisteredClaims.shape,
  ...Person.shape,
  redirect_uri: z.string(),
  nonce: z.string(),
  code_challenge: z.string(),
});
/** What a code was given for. */
export type Granted = z.output<typeof codeClaims>;

/** The code itself: it says what it was given for, so that nothing has to be kept of it. */
export const CODE: TokenKind<typeof codeClaims> = {
  name: "code",
  typ: "simulated-code+jwt",
  audience: "apex-edge:simulated-provider",
  lifetimeSeconds: 60,
  claims: codeClaims,
};

/** What a code is traded with (RFC 6749, section 4.1.3; RFC 7636, section 4.5). */
export const TokenRequest = z.object({
  grant_type: z.literal("authorization_code"),
  code: z.string(),
  redirect_uri: z.string(),
  code_verifier: z.string(),
});
