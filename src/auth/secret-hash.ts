/** How secrets that we generate are stored: only as a hash. */
import { createHash, timingSafeEqual } from "node:crypto";

/** SHA-256 in hex. A fast hash is enough, because 256 random bits cannot be guessed. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** Compares in constant time. */
export function isSameSecret(given: string, known: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(known));
}
