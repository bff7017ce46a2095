/** Admits a request if it is within its user's quota, and its session or API key has not ended. */
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

/** How long to wait for the user's Account object, in milliseconds. After that only the limits per location apply. */
const DEADLINE_MS = 300;
/** How often at most an isolate logs that Account objects do not answer, in milliseconds. */
const LOG_INTERVAL_MS = 60_000;

let loggedAt = Number.NEGATIVE_INFINITY;

/**
 * Counts a request, and tells in the answer's headers what is left of the quota. If the user's Account object does
 * not answer, the request is admitted: being available matters more than counting exactly.
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

/** Sets the headers of draft-ietf-httpapi-ratelimit-headers, and the older `X-RateLimit-` ones that most clients know. */
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
