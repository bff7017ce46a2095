/** A sign-in under way. It binds the callback to the browser that began it (RFC 9700, section 2.1). */
import { generateRandomCodeVerifier, generateRandomNonce, generateRandomState } from "oauth4webapi";
import * as z from "zod";
import {
  RegisteredClaims,
  signToken,
  type TokenAuthority,
  type TokenKind,
} from "../signed-tokens.ts";

/**
 * Where the browser goes after a sign-in: a path on this host. Only the characters of a URL (RFC 3986) are
 * allowed, and no second slash at its start, so it cannot name another host.
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

/** Kept by the browser in a cookie that scripts cannot read (`HttpOnly`). */
export type SignInAttempt = z.output<typeof claims>;

export const SIGN_IN_ATTEMPT: TokenKind<typeof claims> = {
  name: "sign-in",
  typ: "sign-in+jwt",
  audience: "apex-edge:sign-in",
  lifetimeSeconds: 10 * 60,
  claims,
};

/** The random values that the provider is sent. */
export type Challenge = Pick<SignInAttempt, "state" | "nonce" | "code_verifier">;

/** @returns a state, a nonce and a code verifier, of 256 random bits each. */
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
