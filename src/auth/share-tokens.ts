/** Tokens of links to shared threads: opaque, random, and known to the store by their hashes alone. */
import { randomBytes } from "node:crypto";

/** @returns a new token of 256 random bits, fit for a path. */
export function newShareToken(): string {
  return randomBytes(32).toString("base64url");
}
