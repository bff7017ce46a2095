/** One-time tokens: a signed token that counts for the first who brings it, and for nobody after. */
import { type Clock, timestamp } from "../core/clock.ts";
import type { SpentTokens } from "../store/spent-tokens.ts";

/** A spent token is remembered past its expiry, for clocks differ, in milliseconds. */
const MEMORY_MS = 60_000;

/**
 * @param claims of a token that was verified.
 * @returns whether it is spent now; false where it was before.
 * @throws {ApexError} `unavailable`.
 */
export function spendOnce(
  { jti, exp }: { readonly jti: string; readonly exp: number },
  spentTokens: SpentTokens,
  clock: Clock,
): Promise<boolean> {
  return spentTokens.spend({
    id: jti,
    expiresAt: timestamp(exp * 1000 + MEMORY_MS),
    now: timestamp(clock.now()),
  });
}
