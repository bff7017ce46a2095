/** The one way in which secrets that we make are kept: as a hash. */
import { createHash, timingSafeEqual } from "node:crypto";

/** SHA-256 in hex. A fast hash is enough, for there is nothing to guess in 256 random bits. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** Compares in the same time, however much of it is right. */
export function isSameSecret(given: string, known: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(known));
}
