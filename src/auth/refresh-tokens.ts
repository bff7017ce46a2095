/** Refresh tokens: random, and stored as hashes only. */
import { randomBytes } from "node:crypto";
import { REFRESH_TOKEN_BYTES, REFRESH_TOKEN_PREFIX } from "../protocol/refresh-token.ts";

/** How long a session lasts without signing in again, in milliseconds. */
export const SESSION_LIFETIME_MS = 30 * 24 * 60 * 60 * 1000;

/** @returns a new token of 256 random bits. */
export function newRefreshToken(): string {
  return REFRESH_TOKEN_PREFIX + randomBytes(REFRESH_TOKEN_BYTES).toString("base64url");
}
