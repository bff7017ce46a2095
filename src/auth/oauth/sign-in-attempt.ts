/** A sign-in under way at a provider: what binds the answer to the browser that asked (RFC 9700, 2.1). */
import { generateRandomCodeVerifier, generateRandomNonce, generateRandomState } from "oauth4webapi";
import * as z from "zod";
import {
  RegisteredClaims,
  signToken,
  type TokenAuthority,
  type TokenKind,
} from "../signed-tokens.ts";

/**
 * Where a sign-in ends: a path of this host. The characters are those of a URL (RFC 3986), so neither
 * a backslash nor a control character makes a host of it, and a second slash does not follow the first.
 */
export const ReturnPath = z
  .string()
  .max(512)
  .regex(/^\/(?!\/)[\w\-.~!$&'()*+,;=:@%/?#[\]]*$/, "must be a path of this host");

const claims = z.object({
  ...RegisteredClaims.shape,
  provider: z.string(),
  return_to: ReturnPath,
  state: z.string(),
  nonce: z.string(),
  code_verifier: z.string(),
});

/** What the browser that asked keeps, in a cookie that no script reads. */
export type SignInAttempt = z.output<typeof claims>;

export const SIGN_IN_ATTEMPT: TokenKind<typeof claims> = {
  name: "sign-in",
  typ: "sign-in+jwt",
  audience: "apex-edge:sign-in",
  lifetimeSeconds: 10 * 60,
  claims,
};

/** What the provider is asked with. */
export type Challenge = Pick<SignInAttempt, "state" | "nonce" | "code_verifier">;

/** @returns state, nonce and code verifier, of 256 random bits each. */
export function newChallenge(): Challenge {
  return {
    state: generateRandomState(),
    nonce: generateRandomNonce(),
    code_verifier: generateRandomCodeVerifier(),
  };
}

/** @returns the attempt as a signed token. */
export function signAttempt(
  attempt: Challenge & Pick<SignInAttempt, "provider" | "return_to">,
  authority: TokenAuthority,
): Promise<string> {
  return signToken(SIGN_IN_ATTEMPT, attempt, authority);
}
