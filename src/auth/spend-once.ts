/** One-time tokens: a signed token that is accepted only the first time. */
import { type Clock, timestamp } from "../core/clock.ts";
import type { SpentTokens } from "../store/spent-tokens.ts";

/** How long a spent token is remembered past its expiry, in milliseconds, because clocks differ. */
const MEMORY_MS = 60_000;

/**
 * @param claims those of a verified token.
 * @returns whether the token was unused until now.
 * @throws {ApexError} `unavailable` if the store does not answer.
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
