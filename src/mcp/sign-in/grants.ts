/** What is asked of a sign-in server: leave of the person, tokens for a code, new tokens, and their end. */
import {
  AuthorizationResponseError,
  authorizationCodeGrantRequest,
  ClientSecretBasic,
  ClientSecretPost,
  calculatePKCECodeChallenge,
  None,
  processAuthorizationCodeResponse,
  processRefreshTokenResponse,
  ResponseBodyError,
  refreshTokenGrantRequest,
  revocationRequest,
  type TokenEndpointResponse,
  validateAuthResponse,
} from "oauth4webapi";
import { McpFailure, SignInNeeded } from "../failure.ts";
import { problemSentence } from "../problems.ts";
import type { GuardedFetch } from "./guarded-fetch.ts";
import { type Kept, type OAuthClient, type Pending, Tokens } from "./kept.ts";
import { reaching } from "./registration.ts";

/** How long before its end a token is renewed, in milliseconds; of short ones half their life. */
const AHEAD_MS = 60_000;
/** Answers that say that what we have is of no use any more (RFC 6749, section 5.2). */
const FINAL = ["invalid_grant", "invalid_client", "unauthorized_client"];

export type SignedIn = Kept & { readonly client: OAuthClient; readonly tokens: Tokens };

/** @returns the address at which the server asks the person (RFC 6749, 4.1.1; RFC 7636; RFC 8707). */
export async function authorizationUrl(pending: Pending): Promise<URL> {
  const { authority, client, state, code_verifier } = pending;
  const url = new URL(authority.server.authorization_endpoint);
  const parameters = {
    response_type: "code",
    client_id: client.client_id,
    redirect_uri: client.redirect_uri,
    state,
    code_challenge: await calculatePKCECodeChallenge(code_verifier),
    code_challenge_method: "S256",
    resource: authority.resource,
    ...(authority.scope !== null && { scope: authority.scope }),
    // Without it an OpenID server gives no leave to renew (OpenID Connect Core, section 11).
    ...(authority.scope?.split(" ").includes("offline_access") && { prompt: "consent" }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url;
}

/**
 * Checks state and issuer (RFC 9207) of what the browser brought, and trades its code for tokens.
 * @param now in milliseconds.
 * @throws {McpFailure}, in words of ours: nothing of the answer is repeated.
 */
export async function redeem(
  { authority: { server, resource }, client, state, code_verifier }: Pending,
  answer: URLSearchParams,
  fetch: GuardedFetch,
  now: number,
): Promise<Tokens> {
  try {
    const response = await authorizationCodeGrantRequest(
      server,
      client,
      authenticationOf(client),
      validateAuthResponse(server, client, answer, state),
      client.redirect_uri,
      code_verifier,
      { ...reaching(server, fetch), additionalParameters: { resource } },
    );
    return tokensOf(await processAuthorizationCodeResponse(server, client, response), null, now);
  } catch (cause) {
    if (cause instanceof McpFailure) throw cause;
    const isDenied = cause instanceof AuthorizationResponseError && cause.error === "access_denied";
    const reason = isDenied
      ? "The server was told not to let you sign in."
      : "What the sign-in server answered does not fit this sign-in. Please start again.";
    throw new McpFailure(reason, { alive: true, cause });
  }
}

/**
 * @returns the new tokens; a server that gives no other refresh token leaves the one there is.
 * @throws {SignInNeeded} where the server has spoken its last word, otherwise {@link McpFailure}.
 */
export async function refresh(
  { authority: { server, resource }, client, tokens }: SignedIn,
  fetch: GuardedFetch,
  now: number,
): Promise<Tokens> {
  const { refresh_token } = tokens;
  if (refresh_token === null) throw over();
  try {
    const response = await refreshTokenGrantRequest(
      server,
      client,
      authenticationOf(client),
      refresh_token,
      { ...reaching(server, fetch), additionalParameters: { resource } },
    );
    return tokensOf(
      await processRefreshTokenResponse(server, client, response),
      refresh_token,
      now,
    );
  } catch (cause) {
    if (cause instanceof McpFailure) throw cause;
    if (cause instanceof ResponseBodyError && FINAL.includes(cause.error)) throw over();
    throw new McpFailure(problemSentence("sign_in_not_renewed"), { cause });
  }
}

/** Ends what the tokens allow, where the server offers that (RFC 7009); the refresh token first. */
export async function revoke(
  { authority: { server }, client, tokens }: SignedIn,
  fetch: GuardedFetch,
): Promise<void> {
  if (server.revocation_endpoint === undefined) return;
  for (const token of [tokens.refresh_token, tokens.access_token]) {
    if (token === null) continue;
    await revocationRequest(
      server,
      client,
      authenticationOf(client),
      token,
      reaching(server, fetch),
    );
  }
}

/** @returns the failure of a sign-in that can't be renewed any more. */
export function over(): SignInNeeded {
  return new SignInNeeded(problemSentence("sign_in_over"), null);
}

function tokensOf(told: TokenEndpointResponse, refreshToken: string | null, now: number): Tokens {
  const { access_token, token_type, expires_in } = told;
  if (token_type !== "bearer") throw new McpFailure(problemSentence("sign_in_token_unknown"));
  const life = expires_in === undefined ? null : expires_in * 1_000;
  return Tokens.parse({
    access_token,
    refresh_token: told.refresh_token ?? refreshToken,
    renew_at: life === null ? null : now + Math.max(life - AHEAD_MS, life / 2),
  });
}

function authenticationOf({ auth_method, client_secret }: OAuthClient) {
  if (auth_method === "none" || client_secret === null) return None();
  return auth_method === "client_secret_basic"
    ? ClientSecretBasic(client_secret)
    : ClientSecretPost(client_secret);
}
