/** Authentication of requests: the one place where a route gets its principal from. */
import {
  authenticateRequest,
  authenticateUpgrade,
  type UpgradeAuthentication,
} from "../auth/authentication.ts";
import type { Principal } from "../auth/principal.ts";
import type { TokenAuthority } from "../auth/signed-tokens.ts";
import { systemClock } from "../core/clock.ts";
import type { ThreadId } from "../protocol/ids.ts";
import { admit } from "./admit.ts";
import { limitAddress, limitUser } from "./rate-limits.ts";
import type { AnswerContext, RequestContext } from "./router.ts";

/**
 * No header that claims an identity is looked at, the credential alone counts.
 * @throws {ApexError} `unauthenticated`, `token_expired`, `token_invalid`, `session_ended`,
 *   `rate_limited` or `quota_exceeded`.
 */
export async function principalOf(c: AnswerContext): Promise<Principal> {
  const principal = await orSpend(c, authenticateRequest(c.req.raw, authorityOf(c)));
  await limitUser(c, principal.userId);
  await admit(c, principal);
  return principal;
}

/**
 * For routes that open sockets, where a subprotocol or a one-time ticket counts as well.
 * @throws {ApexError} as {@link principalOf}.
 */
export async function principalOfUpgrade(
  c: AnswerContext,
  threadId: ThreadId | null,
): Promise<UpgradeAuthentication> {
  const known = await orSpend(c, authenticateUpgrade(c.req.raw, threadId, authorityOf(c)));
  await limitUser(c, known.principal.userId);
  await admit(c, known.principal);
  return known;
}

/** @returns what tokens are signed and checked with. */
export function authorityOf(c: RequestContext): TokenAuthority {
  return { secret: c.var.config.jwtSecret, clock: systemClock };
}

/** A refused request counts against its address, so that tokens can't be tried without end. */
async function orSpend<Known>(c: RequestContext, known: Promise<Known>): Promise<Known> {
  try {
    return await known;
  } catch (error) {
    await limitAddress(c);
    throw error;
  }
}
