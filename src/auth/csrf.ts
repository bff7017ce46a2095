/** CSRF tokens: what a page must send beside the session cookie, since browsers send cookies for any page. */
import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { ApexError } from "../protocol/errors.ts";
import type { KeyRing } from "./signing-keys.ts";

/** The header that repeats the CSRF cookie. No page of another origin can read the one or set the other. */
export const CSRF_HEADER = "X-CSRF-Token";

/** Safe methods change nothing, so they need no CSRF token (RFC 9110, section 9.2.1). */
const SAFE_METHODS: readonly string[] = ["GET", "HEAD", "OPTIONS"];

/** The parts that are read of a request with a session cookie. */
interface CookieRequest {
  readonly method: string;
  readonly headers: Headers;
  readonly cookies: { readonly csrf?: string | undefined };
}

/**
 * @returns the CSRF token of a session: an HMAC over the session's id, as in OWASP's signed double-submit cookie.
 *   Nothing is stored; the token is valid as long as the session and the signing key.
 */
export function csrfToken(sessionId: string, { signing }: KeyRing): string {
  return mac(sessionId, signing.secret).toString("base64url");
}

/**
 * Refuses an unsafe request whose header does not repeat its CSRF cookie, or whose token belongs to another
 * session (because a sub-domain planted it, for example).
 * @throws {ApexError} `csrf_invalid`.
 */
export function assertCsrf(request: CookieRequest, sessionId: string, keys: KeyRing): void {
  if (SAFE_METHODS.includes(request.method)) return;
  const said = request.headers.get(CSRF_HEADER);
  if (said !== null && said === request.cookies.csrf && isTokenOf(sessionId, said, keys)) return;
  throw new ApexError(
    "csrf_invalid",
    `Repeat the cookie __Host-apex-csrf in the header ${CSRF_HEADER}, or send a bearer token.`,
  );
}

/** Accepts a token of any current key, so that key rotation does not break open pages. */
function isTokenOf(sessionId: string, token: string, { all }: KeyRing): boolean {
  const given = Buffer.from(token, "base64url");
  return all.some(({ secret }) => {
    const expected = mac(sessionId, secret);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

/** The MAC key is derived (HKDF, RFC 5869), so that the signing key itself is used for signing only. */
function mac(sessionId: string, secret: string): Buffer {
  const key = new Uint8Array(hkdfSync("sha256", secret, "", "apex-edge csrf", 32));
  return createHmac("sha256", key).update(sessionId).digest();
}
