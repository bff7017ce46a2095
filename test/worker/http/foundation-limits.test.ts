/** The edge shield: who is counted under which key, and what the one too many is told. */
import { describe, expect, it } from "vitest";
import { makeKey } from "./api-key.ts";
import { ask, problemOf, signUp } from "./ask.ts";
import { somebody } from "./somebody.ts";

/** A limiter that remembers its keys and lets everybody pass, or nobody. */
function limiter(success = true) {
  const keys: string[] = [];
  return {
    keys,
    limit({ key }: { key: string }) {
      keys.push(key);
      return Promise.resolve({ success });
    },
  };
}

const from = { "cf-connecting-ip": "203.0.113.7" };

describe("one request too many", () => {
  it.each(["register", "login", "dev-login", "refresh"])(
    "to %s is told when to come back, before any password is hashed",
    async (action) => {
      const bindings = { SIGN_IN_LIMIT: limiter(false) };
      const response = await ask(`/api/auth/${action}`, { body: {}, bindings });

      expect(response.headers.get("retry-after")).toBe("60");
      expect(await problemOf(response)).toMatchObject({
        status: 429,
        code: "rate_limited",
        retry_after: 60,
      });
    },
  );

  it("is refused to a user, to a visitor, and to a guesser of tokens", async () => {
    const bindings = { REQUEST_LIMIT: limiter(false) };
    const { access_token } = await signUp();

    for (const asked of [
      ask("/api/auth/me", { token: access_token, bindings }),
      ask("/api/auth/me", { token: "guessed", bindings }),
      ask("/health", { bindings }),
    ]) {
      expect((await asked).status).toBe(429);
    }
  });
});

describe("a request is let through", () => {
  it.each([
    ["fails", () => Promise.reject(new Error("away"))],
    ["is silent", () => new Promise<never>(() => undefined)],
  ])("where the limiter %s, for to be there outranks to be exact", async (_, limit) => {
    const { access_token } = await somebody();
    const bindings = { REQUEST_LIMIT: { limit } };

    expect((await ask("/api/auth/me", { token: access_token, bindings })).status).toBe(200);
  });
});

describe("a request is not counted", () => {
  it("against its address where it was we who failed", async () => {
    const { key } = await makeKey(await somebody(), ["threads:read"]);
    const REQUEST_LIMIT = limiter();
    const refuse = () => Promise.reject(new Error("D1 is away"));
    const statement = { bind: () => statement, all: refuse, raw: refuse, run: refuse };
    const bindings = { REQUEST_LIMIT, DB: { prepare: () => statement, batch: refuse } };

    expect((await ask("/api/threads", { token: key, bindings })).status).toBe(503);
    expect(REQUEST_LIMIT.keys).toEqual([]);
  });
});

describe("a request is counted", () => {
  it("by its user where it is signed in, whatever its address", async () => {
    const REQUEST_LIMIT = limiter();
    const { access_token, user } = await signUp();

    await ask("/api/auth/me", {
      token: access_token,
      headers: from,
      bindings: { REQUEST_LIMIT },
    });

    expect(REQUEST_LIMIT.keys).toEqual([`user:${user.id}`]);
  });

  it("by its address where it is not, and no header of the client's changes that", async () => {
    const REQUEST_LIMIT = limiter();
    const headers = { ...from, "x-forwarded-for": "198.51.100.1", "x-user-id": "somebody" };

    await ask("/health", { headers, bindings: { REQUEST_LIMIT } });
    await ask("/api/auth/me", { headers, token: "guessed", bindings: { REQUEST_LIMIT } });

    expect(REQUEST_LIMIT.keys).toEqual(["address:203.0.113.7", "address:203.0.113.7"]);
  });

  it("by its address where it signs in", async () => {
    const SIGN_IN_LIMIT = limiter();

    await ask("/api/auth/login", { body: {}, headers: from, bindings: { SIGN_IN_LIMIT } });

    expect(SIGN_IN_LIMIT.keys).toEqual(["address:203.0.113.7"]);
  });
});

describe("an address is counted", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"],
    ["2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::"],
    ["2001:db8:1:3::1", "2001:db8:1:3::"],
    ["no address", "no address"],
  ])("as the network that one subscriber has: %s as %s", async (address, network) => {
    const SIGN_IN_LIMIT = limiter();
    const headers = { "cf-connecting-ip": address };
    await ask("/api/auth/login", { body: {}, headers, bindings: { SIGN_IN_LIMIT } });
    expect(SIGN_IN_LIMIT.keys).toEqual([`address:${network}`]);
  });
});
