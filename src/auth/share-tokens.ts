/**
 * Tokens in the links to shared threads: random, stored as hashes only, and ending in the name of the thread's
 * database.
 */
import { randomBytes } from "node:crypto";

/** What stands before the name of a database: no character of the random part, and fit for a path as it is. */
const MARK = "~";

/**
 * @param database the name of the one that the link's thread is in, so that none is asked but this; null for the
 *   main one. Whoever has the link learns it, and nothing of whose the thread is.
 * @returns a new token of 256 random bits, fit for a path.
 */
export function newShareToken(database: string | null): string {
  const random = randomBytes(32).toString("base64url");
  return database === null ? random : `${random}${MARK}${database}`;
}

/** @returns the name of the database that a token leads to; null for the main one. */
export function databaseOfShareToken(token: string): string | null {
  return token.split(MARK)[1] ?? null;
}
