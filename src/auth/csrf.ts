/** CSRF tokens: what a page must say beside a cookie, since a browser sends cookies for any page. */
import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { ApexError } from "../protocol/errors.ts";
import type { KeyRing } from "./signing-keys.ts";

/** The header that repeats the CSRF cookie. No page of another origin can read the one or set the other. */
export const CSRF_HEADER = "X-CSRF-Token";

/** What changes nothing needs no token (RFC 9110, section 9.2.1). */
const SAFE_METHODS: readonly string[] = ["GET", "HEAD", "OPTIONS"];

/** What is read of a request that a cookie authenticates. */
export interface CookieRequest {
  readonly method: string;
  readonly headers: Headers;
  readonly cookies: { readonly csrf?: string | undefined };
}

/**
 * @returns the CSRF token of a session: an HMAC over the session's id, as OWASP's signed double-submit
 *   cookie. Nothing is stored; it lives as long as its session, and as the key that signs.
 */
export function csrfToken(sessionId: string, { signing }: KeyRing): string {
  return mac(sessionId, signing.secret).toString("base64url");
}

/**
 * Refuses an unsafe request whose header does not repeat its CSRF cookie, or whose token is another
 * session's: one that was planted from a sub-domain, say.
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

/** A token of any live key counts, so that rotating keys breaks no open page. */
function isTokenOf(sessionId: string, token: string, { all }: KeyRing): boolean {
  const given = Buffer.from(token, "base64url");
  return all.some(({ secret }) => {
    const expected = mac(sessionId, secret);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

/** Keyed by a derivation (RFC 5869): what signs tokens is used for nothing else. */
function mac(sessionId: string, secret: string): Buffer {
  const key = new Uint8Array(hkdfSync("sha256", secret, "", "apex-edge csrf", 32));
  return createHmac("sha256", key).update(sessionId).digest();
}
