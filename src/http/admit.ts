/** Admits requests: each within its user's quota, and none of a session or key that has ended. */
import type { AccountRpc } from "../account/rpc.ts";
import type { Principal } from "../auth/principal.ts";
import { systemClock } from "../core/clock.ts";
import { secondsUntilReset } from "../core/quota.ts";
import { grantOf } from "../durable/grant.ts";
import { accountObjectName } from "../durable/names.ts";
import { reach } from "../durable/reach.ts";
import { ApexError } from "../protocol/errors.ts";
import type { LimitState } from "../protocol/tiers.ts";
import { consoleLog } from "../telemetry/log.ts";
import type { AnswerContext } from "./router.ts";

/** How long a request waits for its user's object, in milliseconds; then the edge shield is all. */
const DEADLINE_MS = 300;
/** That objects do not answer is logged this often at most, in milliseconds, by each isolate. */
const LOG_INTERVAL_MS = 60_000;

let loggedAt = Number.NEGATIVE_INFINITY;

/**
 * Counts a request of a user's, and tells in the answer's headers how the quota stands. Where the
 * user's object does not answer, the request is admitted: to be there outranks to be exact.
 * @throws {ApexError} `session_ended` or `quota_exceeded`.
 */
export async function admit(c: AnswerContext, principal: Principal): Promise<void> {
  const account = (): AccountRpc => c.env.ACCOUNTS.getByName(accountObjectName(principal.userId));
  const caller = grantOf(principal);
  const outcome = await reach(account, (it) => it.admit(caller), DEADLINE_MS).catch((error) =>
    unanswered(error),
  );
  if (outcome === null) return;
  const limit = outcome.ok ? outcome.value : outcome.problem.limit;
  if (limit !== undefined) tellLimit(c, limit);
  if (!outcome.ok) throw ApexError.fromProblem(outcome.problem);
}

/** As draft-ietf-httpapi-ratelimit-headers has it, and as most clients know it. */
function tellLimit(c: AnswerContext, limit: LimitState): void {
  const seconds = secondsUntilReset(limit, systemClock.now());
  const { name, remaining, window_seconds } = limit;
  c.header("RateLimit-Policy", `"${name}";q=${limit.limit};w=${window_seconds}`);
  c.header("RateLimit", `"${name}";r=${remaining};t=${seconds}`);
  c.header("X-RateLimit-Limit", String(limit.limit));
  c.header("X-RateLimit-Remaining", String(remaining));
  c.header("X-RateLimit-Reset", String(seconds));
}

function unanswered(error: unknown): null {
  const now = systemClock.now();
  if (now - loggedAt >= LOG_INTERVAL_MS) {
    loggedAt = now;
    consoleLog.error("requests.uncounted", error);
  }
  return null;
}
