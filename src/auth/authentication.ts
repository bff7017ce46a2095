/** Authentication: checks the credential of a request, and gives the principal that it speaks for. */
import { ApexError } from "../protocol/errors.ts";
import type { ThreadId } from "../protocol/ids.ts";
import { verifyAccessToken } from "./access-tokens.ts";
import { type ApiKeyAuthority, looksLikeApiKey } from "./api-keys.ts";
import { type Credential, type RequestParts, readCredential } from "./credential.ts";
import { assertCsrf } from "./csrf.ts";
import type { ExternalIssuers } from "./external-issuers.ts";
import type { Principal } from "./principal.ts";
import type { TokenAuthority } from "./signed-tokens.ts";
import { verifyTicket } from "./tickets.ts";

/** Who opens a socket, and with which ticket. */
export interface UpgradeAuthentication {
  readonly principal: Principal;
  /**
   * The one-time ticket that was used, or null for another credential. Its id must be spent before the socket
   * opens.
   */
  readonly ticket: { readonly id: string; readonly threadId: ThreadId } | null;
}

/** What checks each kind of credential. */
export interface Authorities {
  readonly tokens: TokenAuthority;
  readonly apiKeys: Pick<ApiKeyAuthority, "authenticate">;
  readonly issuers: Pick<ExternalIssuers, "tokenOfProxy" | "isOfOne" | "verify">;
}

/**
 * @returns the principal of an HTTP request, from its bearer token or cookie.
 * @throws {ApexError} `unauthenticated`, `token_expired` or `token_invalid`; `csrf_invalid` if an unsafe request
 *   with a cookie lacks its CSRF token; `unavailable` if an API key or an issuer's key cannot be looked up.
 */
export async function authenticateRequest(
  request: RequestParts,
  authorities: Authorities,
): Promise<Principal> {
  const proxied = authorities.issuers.tokenOfProxy(request.headers);
  const credential = readCredential(request, { upgrade: false, proxied });
  const principal = await principalBy(credential, authorities);
  if (credential.kind === "cookie") {
    assertCsrf(request, principal.voucher.id, authorities.tokens.keys);
  }
  return principal;
}

/**
 * The caller must check the Origin header itself.
 * @param threadId the thread that the socket is for; null if the request names none.
 * @returns the principal of a WebSocket upgrade, from its bearer token, subprotocol, ticket or cookie.
 * @throws {ApexError} `unauthenticated`, `token_expired` or `token_invalid`, the last also if the ticket is for
 *   another thread.
 */
export async function authenticateUpgrade(
  request: RequestParts,
  threadId: ThreadId | null,
  authorities: Authorities,
): Promise<UpgradeAuthentication> {
  const proxied = authorities.issuers.tokenOfProxy(request.headers);
  const credential = readCredential(request, { upgrade: true, proxied });
  if (credential.kind !== "ticket") {
    return { principal: await principalBy(credential, authorities), ticket: null };
  }
  const { principal, ...ticket } = await verifyTicket(credential.value, authorities.tokens);
  if (threadId !== null && threadId !== ticket.threadId) {
    throw new ApexError("token_invalid", "The ticket is for another thread.");
  }
  return { principal, ticket };
}

/** @returns the principal of a token or a cookie, whichever kind of token it is. */
function principalBy({ kind, value }: Credential, authorities: Authorities): Promise<Principal> {
  if (kind !== "token") return verifyAccessToken(value, authorities.tokens);
  if (looksLikeApiKey(value)) return authorities.apiKeys.authenticate(value);
  return verifyBearer(value, authorities);
}

/**
 * @returns the principal of a bearer token: an API key, a token of ours, or one of a trusted issuer.
 * @throws {ApexError} `token_expired` or `token_invalid`; for an issuer's token also what {@link ExternalIssuers}
 *   throws.
 */
export function verifyBearer(
  token: string,
  { tokens, issuers }: Pick<Authorities, "tokens" | "issuers">,
): Promise<Principal> {
  return issuers.isOfOne(token) ? issuers.verify(token) : verifyAccessToken(token, tokens);
}
