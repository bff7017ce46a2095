/**
 * Coarse rate limits at the edge, per location and per user or address. The exact quotas are in the Account
 * object.
 */
import { createMiddleware } from "hono/factory";
import { withDeadline } from "../core/deadline.ts";
import { ApexError } from "../protocol/errors.ts";
import type { UserId } from "../protocol/ids.ts";
import { consoleLog } from "../telemetry/log.ts";
import { addressOf, networkOf } from "./origin.ts";
import type { AppEnv, RequestContext } from "./router.ts";

/** The period of the bindings in wrangler.toml, in seconds. The bindings do not say how much of it is left. */
const PERIOD_SECONDS = 60;
/** How long a request waits for the limiter, in milliseconds. */
const DEADLINE_MS = 300;

/** For routes that anybody may call. */
export const limitAnonymous = createMiddleware<AppEnv>(async (c, next) => {
  await limitAddress(c);
  await next();
});

/** For routes that take passwords or refresh tokens, which must not be guessed at. */
export const limitSignIns = createMiddleware<AppEnv>(async (c, next) => {
  await spend(c.env.SIGN_IN_LIMIT, keyOf(c));
  await next();
});

/** @throws {ApexError} `rate_limited`. */
export function limitAddress(c: RequestContext): Promise<void> {
  return spend(c.env.REQUEST_LIMIT, keyOf(c));
}

/** @throws {ApexError} `rate_limited`. */
export function limitUser(c: RequestContext, userId: UserId): Promise<void> {
  return spend(c.env.REQUEST_LIMIT, `user:${userId}`);
}

/** If the limiter does not answer, the request passes: availability matters more than exact counts. */
async function spend(limiter: RateLimit, key: string): Promise<void> {
  try {
    const { success } = await withDeadline(DEADLINE_MS, () => limiter.limit({ key }));
    if (success) return;
  } catch (error) {
    return consoleLog.error("limiter.silent", error);
  }
  throw new ApexError("rate_limited", "Too many requests. Please wait a minute.", {
    retryAfter: PERIOD_SECONDS,
  });
}

function keyOf(c: RequestContext): string {
  const address = addressOf(c.req.raw);
  return `address:${address === null ? "unknown" : networkOf(address)}`;
}
