/** Authentication of requests: the one place where a route gets its principal from. */
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
 * No header that claims an identity is looked at, the credential alone counts.
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
 * For routes that open sockets, where a subprotocol or a one-time ticket counts as well.
 * @param assert what else has to hold of who it is: asked while the request is counted, since a person waits.
 * @throws {ApexError} as {@link principalOf}; what `assert` throws where nothing of that is to be said.
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

/** @returns what tokens are signed and checked with. */
export function authorityOf(c: RequestContext): TokenAuthority {
  return { keys: keyRing(c.var.config), clock: systemClock };
}

/** @returns what is read of a request to find out whose it is. */
export function partsOf(c: RequestContext): RequestParts {
  const { method, url, headers } = c.req.raw;
  return { method, url, headers, cookies: readCookies(headers) };
}

/** @returns what API keys are made and checked with. */
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

/** From here on it is known whose request it is: to its log, and to its trace. */
function recognize(c: RequestContext, { userId }: Principal): void {
  addToLogContext({ user_id: userId });
  c.var.span.trust();
}

/** A refused request counts against its address, so that tokens can't be tried without end; one that we failed at does not. */
async function orSpend<Known>(c: RequestContext, known: Promise<Known>): Promise<Known> {
  try {
    return await known;
  } catch (error) {
    if (ApexError.from(error).status < 500) await limitAddress(c);
    throw error;
  }
}
