/** Finds the one credential of a request: where it may stand, and which one counts if there are several. */

import { ApexError } from "../protocol/errors.ts";
import { SUBPROTOCOL } from "../protocol/frames.ts";
import { REFRESH_TOKEN_PREFIX } from "../protocol/refresh-token.ts";
import { API_KEY_PREFIX } from "./api-key-format.ts";
import { INVITATION_PREFIX } from "./invitation-tokens.ts";

/** The parts of a request that are read. */
export interface RequestParts {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly cookies: SessionCookies;
}

/** The session cookies as the browser sends them. */
export interface SessionCookies {
  readonly access?: string | undefined;
  readonly refresh?: string | undefined;
  readonly csrf?: string | undefined;
}

export interface Credential {
  /** A browser sends cookies for any page that asks, so a `cookie` needs a CSRF token beside it. */
  readonly kind: "token" | "cookie" | "ticket";
  readonly value: string;
}

/** RFC 6750, section 2.1; the scheme's name is case-insensitive (RFC 9110, section 11.1). */
const BEARER = /^Bearer +([\w\-.~+/]+=*)$/i;
/** A token as a subprotocol, because a browser cannot set headers on a WebSocket. */
const TOKEN_SUBPROTOCOL = /^(?:jwt-auth|bearer)\.([\w\-.]+)$/;
const TOKEN_PARAMETER =
  /^(token|access_token|refresh_token|id_token|jwt|auth|authorization|bearer)$/i;
const TOKEN_VALUE = new RegExp(
  `^(eyJ[\\w-]*\\.|${REFRESH_TOKEN_PREFIX}|${API_KEY_PREFIX}|${INVITATION_PREFIX})`,
);

/**
 * A credential that was sent on purpose wins over a cookie, which browsers send by themselves. For an upgrade a
 * cookie counts only if there is an Origin header, which the caller must check.
 * @param options.upgrade whether the request opens a socket: then a subprotocol or a ticket counts too.
 * @param options.proxied the token added by a trusted proxy; it counts only if there is no other credential.
 * @throws {ApexError} `unauthenticated` if there is no credential, or a token stands in the URL; `csrf_invalid`
 *   if there is only the proxy's token, and the request comes from another site's page.
 */
export function readCredential(
  { url, headers, cookies }: RequestParts,
  options: { readonly upgrade: boolean; readonly proxied?: string | null },
): Credential {
  const query = new URL(url).searchParams;
  const ticket = options.upgrade ? query.get("ticket") : null;
  if (ticket !== null) query.delete("ticket");
  refuseTokens(query);

  const authorization = headers.get("authorization");
  if (authorization !== null) return { kind: "token", value: readBearer(authorization) };
  const token = options.upgrade ? readSubprotocolToken(headers) : undefined;
  if (token !== undefined) return { kind: "token", value: token };
  if (ticket !== null) return { kind: "ticket", value: ticket };
  if (options.proxied) {
    assertOwnPage(url, headers);
    return { kind: "token", value: options.proxied };
  }
  if (cookies.access !== undefined && (!options.upgrade || headers.has("origin"))) {
    return { kind: "cookie", value: cookies.access };
  }
  throw new ApexError("unauthenticated", "Send an access token: Authorization: Bearer <token>.");
}

/**
 * @returns the subprotocol to answer an upgrade with: ours if it was offered, else the one that carried the
 *   token. Browsers drop a connection that selects none of the subprotocols they offered.
 */
export function chooseSubprotocol(headers: Headers): string | undefined {
  const offered = offeredSubprotocols(headers);
  if (offered.includes(SUBPROTOCOL)) return SUBPROTOCOL;
  return offered.find((name) => TOKEN_SUBPROTOCOL.test(name));
}

function readBearer(authorization: string): string {
  const token = BEARER.exec(authorization)?.[1];
  if (token !== undefined) return token;
  throw new ApexError(
    "unauthenticated",
    "Only Authorization: Bearer <access token> is understood.",
  );
}

function readSubprotocolToken(headers: Headers): string | undefined {
  for (const name of offeredSubprotocols(headers)) {
    const token = TOKEN_SUBPROTOCOL.exec(name)?.[1];
    if (token !== undefined) return isRaw(token) ? token : decodeBase64Url(token);
  }
}

function offeredSubprotocols(headers: Headers): string[] {
  const offered = headers.get("sec-websocket-protocol") ?? "";
  return offered.split(",").map((name) => name.trim());
}

/**
 * Whether a subprotocol holds the token as it is, not base64url-encoded: a JWT has dots, which base64url has not,
 * and an API key has its prefix.
 */
function isRaw(token: string): boolean {
  return token.includes(".") || token.startsWith(API_KEY_PREFIX);
}

function decodeBase64Url(text: string): string {
  return Buffer.from(text, "base64url").toString();
}

/**
 * The proxy adds its token to whatever a signed-in browser sends, even on behalf of another site's page. So such
 * a request must come from a page of our own host.
 */
function assertOwnPage(url: string, headers: Headers): void {
  const origin = headers.get("origin");
  if (origin === null || URL.parse(origin)?.host === new URL(url).host) return;
  throw new ApexError(
    "csrf_invalid",
    "Pages of other hosts must send a bearer token of their own.",
  );
}

/**
 * URLs end up in logs, browser histories and referrers, so a token in one counts as leaked (RFC 6750, section
 * 5.3).
 */
function refuseTokens(query: URLSearchParams): void {
  for (const [name, value] of query) {
    if (TOKEN_PARAMETER.test(name) || TOKEN_VALUE.test(value)) {
      throw new ApexError(
        "unauthenticated",
        "Tokens never travel in a URL. Send Authorization: Bearer <access token>, and treat this token as lost.",
      );
    }
  }
}
