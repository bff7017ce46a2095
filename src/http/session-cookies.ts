/** The session's cookies. Browsers use them in place of bearer tokens, and scripts cannot read the tokens. */
import type { Context } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import { parse } from "hono/utils/cookie";
import { ACCESS_TOKEN } from "../auth/access-tokens.ts";
import type { SessionCookies } from "../auth/credential.ts";
import { SESSION_LIFETIME_MS } from "../auth/refresh-tokens.ts";
import type { Credentials } from "../protocol/api.ts";

const SESSION_SECONDS = SESSION_LIFETIME_MS / 1000;
const EVERY_COOKIE = { path: "/", secure: true, sameSite: "Strict" } as const;

/**
 * With these prefixes browsers refuse cookies that another host or plain HTTP tries to set (RFC 6265bis, section
 * 4.1.3).
 */
export const ACCESS_COOKIE = {
  name: "__Host-apex-access",
  options: { ...EVERY_COOKIE, httpOnly: true, maxAge: ACCESS_TOKEN.lifetimeSeconds },
};

/** Sent only to the routes that renew and end sessions. */
const REFRESH_COOKIE = {
  name: "__Secure-apex-refresh",
  options: { ...EVERY_COOKIE, path: "/api/auth", httpOnly: true, maxAge: SESSION_SECONDS },
};

/** Readable by scripts, because the page repeats it in a header. */
export const CSRF_COOKIE = {
  name: "__Host-apex-csrf",
  options: { ...EVERY_COOKIE, maxAge: SESSION_SECONDS },
};

/** @returns the session's cookies of a request. */
export function readCookies(headers: Headers): SessionCookies {
  const cookies = parse(headers.get("cookie") ?? "");
  return {
    access: cookies[ACCESS_COOKIE.name],
    refresh: cookies[REFRESH_COOKIE.name],
    csrf: cookies[CSRF_COOKIE.name],
  };
}

/** Sets a sign-in's tokens as cookies too. Clients that are no browsers ignore them. */
export function setSessionCookies(c: Context, credentials: Credentials, csrf: string): void {
  setCookie(c, ACCESS_COOKIE.name, credentials.access_token, ACCESS_COOKIE.options);
  setCookie(c, REFRESH_COOKIE.name, credentials.refresh_token, REFRESH_COOKIE.options);
  setCookie(c, CSRF_COOKIE.name, csrf, CSRF_COOKIE.options);
}

export function clearSessionCookies(c: Context): void {
  for (const { name, options } of [ACCESS_COOKIE, REFRESH_COOKIE, CSRF_COOKIE]) {
    deleteCookie(c, name, options);
  }
}
