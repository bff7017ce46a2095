/** The requests to an authorization server: consent, tokens for a code, renewal, and revocation. */
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

/**
 * How long before its expiry a token is renewed, in milliseconds; for short-lived tokens it is half their
 * lifetime.
 */
const AHEAD_MS = 60_000;
/** Errors after which our tokens or client are of no use any more (RFC 6749, section 5.2). */
const FINAL = ["invalid_grant", "invalid_client", "unauthorized_client"];

export type SignedIn = Kept & { readonly client: OAuthClient; readonly tokens: Tokens };

/** @returns the address where the server asks the user for consent (RFC 6749, section 4.1.1; RFC 7636; RFC 8707). */
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
    // Without it, an OpenID server issues no refresh token (OpenID Connect Core, section 11).
    ...(authority.scope?.split(" ").includes("offline_access") && { prompt: "consent" }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url;
}

/**
 * Checks the state and issuer (RFC 9207) of the callback, and exchanges its code for tokens.
 * @param now in milliseconds since the Unix epoch.
 * @throws {McpFailure} in our own words, without quoting the answer.
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
 * @returns the new tokens. If the server sends no new refresh token, the old one is kept.
 * @throws {SignInNeeded} if the server refused for good, otherwise {@link McpFailure}.
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

/** Revokes the tokens, if the server supports it (RFC 7009); the refresh token first. */
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

/** @returns the error for a sign-in that cannot be renewed any more. */
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
