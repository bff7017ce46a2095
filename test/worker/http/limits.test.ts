/** Requests within their user's quota: what every answer tells of it, and what the one too many is told. */
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Account } from "../../../src/account/account-object.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { Grant } from "../../../src/durable/grant.ts";
import { accountObjectName } from "../../../src/durable/names.ts";
import { AccountLimits } from "../../../src/protocol/account.ts";
import { LimitName, TIER_LIMITS } from "../../../src/protocol/tiers.ts";
import { ask, problemOf } from "./ask.ts";
import { somebody } from "./somebody.ts";

const CALLER = Grant.parse({ scopes: [], tier: "free", organizationId: null, voucherId: "any" });
const LIMIT = TIER_LIMITS.free.requests;
const NAMES = [
  "ratelimit-policy",
  "ratelimit",
  "x-ratelimit-limit",
  "x-ratelimit-remaining",
  "x-ratelimit-reset",
];

afterEach(() => {
  vi.restoreAllMocks();
});

/** Stops the clock in a minute that is to come, half-way, so that no window ends meanwhile. */
function stopClock(): void {
  const now = Date.now();
  vi.spyOn(systemClock, "now").mockReturnValue(now - (now % 60_000) + 90_000);
}

const told = ({ headers }: Response) => NAMES.map((name) => headers.get(name));

describe("the answer to a request of a user's", () => {
  it.each([
    ["that succeeds", "/api/auth/me", 200],
    ["that fails", "/api/threads/missing", 404],
    ["that is not permitted", "/api/operator/threads/u/t/dead-letters", 404],
  ])("%s tells how the quota stands, in both spellings", async (_, path, status) => {
    const { access_token: token } = await somebody();
    stopClock();
    await ask(path, { token });
    const response = await ask(path, { token });

    expect(response.status).toBe(status);
    expect(told(response)).toEqual([
      `"requests";q=${LIMIT};w=60`,
      `"requests";r=${LIMIT - 2};t=30`,
      `${LIMIT}`,
      `${LIMIT - 2}`,
      "30",
    ]);
  });

  it("tells nothing to a visitor", async () => {
    expect(told(await ask("/health"))).toEqual(NAMES.map(() => null));
  });
});

describe("one request too many", () => {
  it("is refused with the limit and when to come back, and admitted then", async () => {
    const { access_token: token, user } = await somebody();
    stopClock();
    const account = env.ACCOUNTS.getByName(accountObjectName(user.id));
    await Promise.all(Array.from({ length: LIMIT }, () => account.admit(CALLER)));
    const response = await ask("/api/auth/me", { token });

    expect(response.headers.get("retry-after")).toBe("30");
    expect(told(response)[1]).toBe('"requests";r=0;t=30');
    expect(await problemOf(response)).toMatchObject({
      status: 429,
      code: "quota_exceeded",
      retry_after: 30,
      limit: { name: "requests", limit: LIMIT, used: LIMIT, remaining: 0, window_seconds: 60 },
    });
    const later = systemClock.now() + 30_000;
    vi.spyOn(systemClock, "now").mockReturnValue(later);
    expect((await ask("/api/auth/me", { token })).status).toBe(200);
  });
});

describe("while the user's object is away", () => {
  it.each([
    ["fails", () => Promise.reject(new Error("away"))],
    ["is silent", () => new Promise<never>(() => undefined)],
  ])("because it %s, requests are admitted, and not told a quota", async (_, answer) => {
    const { access_token: token } = await somebody();
    vi.spyOn(Account.prototype, "admit").mockImplementation(answer);
    const response = await ask("/api/auth/me", { token });

    expect(response.status).toBe(200);
    expect(told(response)).toEqual(NAMES.map(() => null));
  });
});

describe("GET /api/account/limits", () => {
  it("needs a sign-in", async () => {
    expect((await ask("/api/account/limits")).status).toBe(401);
  });

  it("tells every limit of the tier, with what is used and when it is whole again", async () => {
    const { access_token: token } = await somebody();
    stopClock();
    const { tier, limits } = AccountLimits.parse(
      await (await ask("/api/account/limits", { token })).json(),
    );

    expect(tier).toBe("free");
    expect(limits.map(({ name }) => name)).toEqual(LimitName.options);
    for (const { name, limit, used, remaining, resets_at, window_seconds } of limits) {
      expect({ limit, used, remaining }).toEqual({
        limit: TIER_LIMITS.free[name],
        used: name === "requests" ? 1 : 0,
        remaining: TIER_LIMITS.free[name] - (name === "requests" ? 1 : 0),
      });
      expect(resets_at === null).toBe(window_seconds === null);
    }
  });
});
