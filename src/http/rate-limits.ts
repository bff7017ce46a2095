/** The edge shield: coarse limits a location, by user or by address. Quotas belong elsewhere. */
import { createMiddleware } from "hono/factory";
import { ApexError } from "../protocol/errors.ts";
import type { UserId } from "../protocol/ids.ts";
import type { AppEnv, RequestContext } from "./router.ts";

/** The period of the bindings in wrangler.toml, in seconds; they do not tell what is left of it. */
const PERIOD_SECONDS = 60;

/** For routes that anybody may call. */
export const limitAnonymous = createMiddleware<AppEnv>(async (c, next) => {
  await limitAddress(c);
  await next();
});

/** For routes that take passwords or refresh tokens, which must not be guessed at. */
export const limitSignIns = createMiddleware<AppEnv>(async (c, next) => {
  await spend(c.env.SIGN_IN_LIMIT, addressOf(c));
  await next();
});

/** @throws {ApexError} `rate_limited`. */
export function limitAddress(c: RequestContext): Promise<void> {
  return spend(c.env.REQUEST_LIMIT, addressOf(c));
}

/** @throws {ApexError} `rate_limited`. */
export function limitUser(c: RequestContext, userId: UserId): Promise<void> {
  return spend(c.env.REQUEST_LIMIT, `user:${userId}`);
}

async function spend(limiter: RateLimit, key: string): Promise<void> {
  const { success } = await limiter.limit({ key });
  if (success) return;
  throw new ApexError("rate_limited", "Too many requests. Please wait a minute.", {
    retryAfter: PERIOD_SECONDS,
  });
}

/** Set by the platform, which drops a client's own; absent only in tests. */
function addressOf(c: RequestContext): string {
  return `address:${c.req.raw.headers.get("cf-connecting-ip") ?? "unknown"}`;
}
