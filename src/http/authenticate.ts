/** Authenticates requests: the one place from which routes learn who is asking. */
import { ApiKeyAuthority } from "../auth/api-keys.ts";
import {
  type Authorities,
  authenticateRequest,
  authenticateUpgrade,
  type UpgradeAuthentication,
} from "../auth/authentication.ts";
import type { RequestParts } from "../auth/credential.ts";
import type { Principal } from "../auth/principal.ts";
import type { TokenAuthority } from "../auth/signed-tokens.ts";
import { keyRing } from "../auth/signing-keys.ts";
import { systemClock } from "../core/clock.ts";
import { ApexError } from "../protocol/errors.ts";
import type { ThreadId } from "../protocol/ids.ts";
import { openDatabase } from "../store/database.ts";
import { addToLogContext, consoleLog } from "../telemetry/log.ts";
import { admit } from "./admit.ts";
import { externalIssuersOf } from "./issuers.ts";
import { limitAddress, limitUser } from "./rate-limits.ts";
import type { AnswerContext, RequestContext } from "./router.ts";
import { readCookies } from "./session-cookies.ts";

/**
 * Authenticates a request, and counts it against the user's limits. Only the credential counts: headers that merely
 * claim an identity are ignored.
 * @throws {ApexError} `unauthenticated`, `token_expired`, `token_invalid`, `session_ended`,
 *   `csrf_invalid`, `rate_limited` or `quota_exceeded`.
 */
export async function principalOf(c: AnswerContext): Promise<Principal> {
  const principal = await orSpend(c, authenticateRequest(partsOf(c), authoritiesOf(c)));
  recognize(c, principal);
  await limitUser(c, principal.userId);
  await admit(c, principal);
  return principal;
}

/**
 * Authenticates a request that opens a socket: the credential may also be a subprotocol or a one-time ticket.
 * @param assert a further check of who it is. It runs while the request is being counted, to save time.
 * @throws {ApexError} as {@link principalOf}, or else what `assert` throws.
 */
export async function principalOfUpgrade(
  c: AnswerContext,
  threadId: ThreadId | null,
  assert: (known: UpgradeAuthentication) => Promise<void> = async () => {},
): Promise<UpgradeAuthentication> {
  const known = await orSpend(c, authenticateUpgrade(partsOf(c), threadId, authoritiesOf(c)));
  recognize(c, known.principal);
  await limitUser(c, known.principal.userId);
  const answers = await Promise.allSettled([admit(c, known.principal), assert(known)]);
  for (const answer of answers) if (answer.status === "rejected") throw answer.reason;
  return known;
}

/** @returns the keys that sign and verify access tokens. */
export function authorityOf(c: RequestContext): TokenAuthority {
  return { keys: keyRing(c.var.config), clock: systemClock };
}

/** @returns the parts of a request that may hold a credential. */
export function partsOf(c: RequestContext): RequestParts {
  const { method, url, headers } = c.req.raw;
  return { method, url, headers, cookies: readCookies(headers) };
}

/** @returns the authority that issues and verifies API keys. */
export function apiKeysOf(c: RequestContext): ApiKeyAuthority {
  return new ApiKeyAuthority({
    db: openDatabase(c.env.DB),
    clock: systemClock,
    log: consoleLog,
    defer: (work) => c.executionCtx.waitUntil(work),
  });
}

function authoritiesOf(c: RequestContext): Authorities {
  return { tokens: authorityOf(c), apiKeys: apiKeysOf(c), issuers: externalIssuersOf(c) };
}

/** Adds the user to the request's log lines. Their wish to have the trace recorded counts now; a stranger's does not. */
function recognize(c: RequestContext, { userId }: Principal): void {
  addToLogContext({ user_id: userId });
  c.var.span.trust();
}

/** Counts a refused credential against the network address, so that nobody can guess without end. Our own failures don't count. */
async function orSpend<Known>(c: RequestContext, known: Promise<Known>): Promise<Known> {
  try {
    return await known;
  } catch (error) {
    if (ApexError.from(error).status < 500) await limitAddress(c);
    throw error;
  }
}
