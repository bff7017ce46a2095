/** The authorization code grant with PKCE (OAuth 2.1), as it is used with every identity provider. */
import {
  type AuthorizationServer,
  allowInsecureRequests,
  authorizationCodeGrantRequest,
  type Client,
  type ClientAuth,
  calculatePKCECodeChallenge,
  customFetch,
  validateAuthResponse,
} from "oauth4webapi";
import type { BoundedFetch } from "./bounded-fetch.ts";
import type { Challenge } from "./sign-in-attempt.ts";

/** One client at one authorization server. */
export interface Grant {
  readonly server: AuthorizationServer;
  readonly client: Client;
  readonly clientAuth: ClientAuth;
  readonly fetch: BoundedFetch;
}

/**
 * @returns the library's options for reaching a server. Plain HTTP is allowed here, as the settings accept it
 *   only for loopback addresses.
 */
export function reaching(issuer: string, fetch: BoundedFetch) {
  return { [customFetch]: fetch, [allowInsecureRequests]: issuer.startsWith("http:") };
}

/** @returns the address where the server asks the user for consent (RFC 6749, section 4.1.1; RFC 7636). */
export async function authorizationUrl(
  { server, client }: Grant,
  { state, code_verifier }: Challenge,
  asked: { readonly redirectUri: string; readonly scope: string; readonly nonce?: string },
): Promise<URL> {
  const url = new URL(server.authorization_endpoint ?? server.issuer);
  const parameters = {
    response_type: "code",
    client_id: client.client_id,
    redirect_uri: asked.redirectUri,
    scope: asked.scope,
    state,
    code_challenge: await calculatePKCECodeChallenge(code_verifier),
    code_challenge_method: "S256",
    ...(asked.nonce !== undefined && { nonce: asked.nonce }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url;
}

/**
 * Checks the state and issuer (RFC 9207) of the answer, and exchanges its code for tokens.
 * @returns the answer of the token endpoint, not validated.
 */
export async function redeemCode(
  { server, client, clientAuth, fetch }: Grant,
  answer: URLSearchParams,
  { state, code_verifier }: Challenge,
  redirectUri: string,
): Promise<Response> {
  const parameters = validateAuthResponse(server, client, answer, state);
  const options = reaching(server.issuer, fetch);
  return await authorizationCodeGrantRequest(
    server,
    client,
    clientAuth,
    parameters,
    redirectUri,
    code_verifier,
    options,
  );
}
