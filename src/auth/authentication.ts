/** Authentication: from a request's credential to the principal it speaks for. */
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

/** Who opens a socket, and by what. */
export interface UpgradeAuthentication {
  readonly principal: Principal;
  /** The one-time ticket that was used, if one was: its id must be spent before the socket opens. */
  readonly ticket: { readonly id: string; readonly threadId: ThreadId } | null;
}

/** What credentials are checked by, each kind by its own. */
export interface Authorities {
  readonly tokens: TokenAuthority;
  readonly apiKeys: Pick<ApiKeyAuthority, "authenticate">;
  readonly issuers: Pick<ExternalIssuers, "tokenOfProxy" | "isOfOne" | "verify">;
}

/**
 * @returns the principal of an HTTP request: of its bearer token or cookie, and of nothing else it
 *   carries.
 * @throws {ApexError} `unauthenticated`, `token_expired` or `token_invalid`; `csrf_invalid` where a
 *   cookie alone asks for a change; `unavailable` where a key can't be looked up.
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
 * @param threadId the thread the socket is for; null where the request names none.
 * The Origin is for the caller to check.
 * @returns the principal of a WebSocket upgrade: of its bearer token, subprotocol, ticket or cookie.
 * @throws {ApexError} `unauthenticated`, `token_expired`, or `token_invalid`: also where the ticket
 *   is for another thread.
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

/** @returns the principal of a credential that speaks for itself, whichever kind it is of. */
function principalBy({ kind, value }: Credential, authorities: Authorities): Promise<Principal> {
  if (kind !== "token") return verifyAccessToken(value, authorities.tokens);
  if (looksLikeApiKey(value)) return authorities.apiKeys.authenticate(value);
  return verifyBearer(value, authorities);
}

/**
 * @returns the principal of a bearer token, ours or a trusted issuer's.
 * @throws {ApexError} `token_expired` or `token_invalid`; of an issuer's also what {@link ExternalIssuers}
 *   says.
 */
export function verifyBearer(
  token: string,
  { tokens, issuers }: Pick<Authorities, "tokens" | "issuers">,
): Promise<Principal> {
  return issuers.isOfOne(token) ? issuers.verify(token) : verifyAccessToken(token, tokens);
}
