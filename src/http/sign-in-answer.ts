/** The answer that signs a browser in: its session travels in cookies, of which a script reads none but the CSRF token. */
import type { Context } from "hono";
import { setCookie } from "hono/cookie";
import type { Credentials } from "../protocol/api.ts";
import type { AppEnv } from "./router.ts";

/** How long a session lasts without signing in again, in seconds. */
const SESSION_SECONDS = 30 * 24 * 60 * 60;

/** Sets the cookies of a session. */
export function setSessionCookies(c: Context<AppEnv>, credentials: Credentials): void {
  const hidden = { secure: true, httpOnly: true, sameSite: "Lax" } as const;
  setCookie(c, "__Host-apex-access", credentials.access_token, {
    ...hidden,
    path: "/",
    maxAge: credentials.expires_in,
  });
  setCookie(c, "__Secure-apex-refresh", credentials.refresh_token, {
    ...hidden,
    path: "/api/auth",
    maxAge: SESSION_SECONDS,
  });
  setCookie(c, "__Host-apex-csrf", crypto.randomUUID(), {
    ...hidden,
    httpOnly: false,
    path: "/",
    maxAge: SESSION_SECONDS,
  });
}
