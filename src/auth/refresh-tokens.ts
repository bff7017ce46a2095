/** Refresh tokens: opaque, random, and known to the store by their hashes alone. */
import { randomBytes } from "node:crypto";

/** Lets secret scanners recognise a leaked token. */
export const REFRESH_TOKEN_PREFIX = "apx_rt_";

/** How long a session lasts without signing in again, in milliseconds. */
export const SESSION_LIFETIME_MS = 30 * 24 * 60 * 60 * 1000;

/** @returns a new token of 256 random bits. */
export function newRefreshToken(): string {
  return REFRESH_TOKEN_PREFIX + randomBytes(32).toString("base64url");
}
