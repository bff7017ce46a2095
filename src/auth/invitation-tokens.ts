/** Invitation tokens: random, and stored as hashes only. */
import { randomBytes } from "node:crypto";

/** A prefix by which secret scanners recognise a leaked token. */
export const INVITATION_PREFIX = "apx_inv_";

/** How long an invitation may be accepted, in milliseconds. */
export const INVITATION_LIFETIME_MS = 7 * 24 * 60 * 60_000;

/** @returns a new token of 256 random bits. */
export function newInvitationToken(): string {
  return INVITATION_PREFIX + randomBytes(32).toString("base64url");
}
