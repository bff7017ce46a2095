/** Refreshing over HTTP: a token works once, and whoever uses it again ends the session. */
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { newRefreshToken } from "../../../src/auth/refresh-tokens.ts";
import { Credentials } from "../../../src/protocol/api.ts";
import { eventually } from "../thread/client.ts";
import { ask, problemOf, signUp } from "./ask.ts";

const MINUTE = 60_000;

// Each account costs a slow hash, and that is the point of it.
vi.setConfig({ testTimeout: 30_000 });

afterEach(() => {
  vi.useRealTimers();
});

async function credentialsOf(response: Response): Promise<Credentials> {
  return Credentials.parse(await response.json());
}

/** Moves the clock of the Worker; what waits, waits in real time. */
function travel(milliseconds: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + milliseconds });
}

describe("refreshing", () => {
  const refresh = (refresh_token: string) => ask("/api/auth/refresh", { body: { refresh_token } });

  it("refuses a token that nobody was given, and an access token", async () => {
    const { access_token } = await signUp();

    for (const token of ["apx_rt_guessed", "' OR 1=1 --", access_token.slice(0, 512)]) {
      expect(await problemOf(await refresh(token))).toMatchObject({
        status: 401,
        code: "token_invalid",
      });
    }
  });

  it("refuses a spent token, and ends its session for the one who has the next", async () => {
    const { refresh_token } = await signUp();
    const next = await credentialsOf(await refresh(refresh_token));
    const newest = await credentialsOf(await refresh(next.refresh_token));

    for (const token of [refresh_token, next.refresh_token, newest.refresh_token]) {
      expect(await problemOf(await refresh(token))).toMatchObject({
        status: 401,
        code: "session_ended",
      });
    }
  });

  it("refuses a spent token at once, and days later, though its successor was never used", async () => {
    for (const pause of [0, 29 * 24 * 60 * MINUTE]) {
      const { refresh_token } = await signUp();
      const next = await credentialsOf(await refresh(refresh_token));
      travel(pause);

      for (const token of [refresh_token, next.refresh_token]) {
        expect(await problemOf(await refresh(token))).toMatchObject({
          status: 401,
          code: "session_ended",
        });
      }
    }
  });

  it("answers one of fifty uses at once, refuses the rest, and ends the session", async () => {
    const { refresh_token } = await signUp();
    const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(refresh_token)));
    const [good, ...more] = answers.filter(({ status }) => status === 200);
    const refused = answers.filter(({ status }) => status === 401);

    expect([good?.status, more.length, refused.length]).toEqual([200, 0, 49]);
    for (const answer of refused) {
      expect(await problemOf(answer)).toMatchObject({ code: "session_ended" });
    }
    const next = Credentials.parse(await good?.json());
    expect(await problemOf(await refresh(next.refresh_token))).toMatchObject({
      code: "session_ended",
    });
    // Fifty ends at once keep the user's object busy: until it answers in time, tokens are let in.
    await eventually(async () => {
      expect((await ask("/api/auth/me", { token: next.access_token })).status).toBe(401);
    });
  });

  it("answers a renewal again that names the next token, until that one is used", async () => {
    const { refresh_token } = await signUp();
    const next_refresh_token = newRefreshToken();
    const renew = () => ask("/api/auth/refresh", { body: { refresh_token, next_refresh_token } });
    // The first answer is lost on the way.
    await renew();

    const again = await credentialsOf(await renew());
    expect(again.refresh_token).toBe(next_refresh_token);
    expect((await ask("/api/auth/me", { token: again.access_token })).status).toBe(200);
    expect((await refresh(next_refresh_token)).status).toBe(200);
    expect(await problemOf(await renew())).toMatchObject({ status: 401, code: "session_ended" });
  });

  it.each([
    ["is short", { refresh_token: newRefreshToken(), next_refresh_token: "apx_rt_1" }],
    ["has another prefix", { refresh_token: "x", next_refresh_token: `apx_${"a".repeat(43)}` }],
    [
      "stands beside a cookie, whose token no script is to know",
      { next_refresh_token: newRefreshToken() },
    ],
  ])("refuses a next token that %s", async (_, body) => {
    expect(await problemOf(await ask("/api/auth/refresh", { body }))).toMatchObject({
      status: 422,
      errors: [{ field: "next_refresh_token" }],
    });
  });

  it("refuses a next token that is one already, and spends nothing for it", async () => {
    const { refresh_token } = await signUp();
    const body = { refresh_token, next_refresh_token: refresh_token };
    expect(await problemOf(await ask("/api/auth/refresh", { body }))).toMatchObject({
      status: 422,
      errors: [{ field: "next_refresh_token", message: "is a token already" }],
    });
    expect((await refresh(refresh_token)).status).toBe(200);
  });

  it("leaves the user's other sessions alone when one is ended by reuse", async () => {
    const { user, password, refresh_token } = await signUp();
    const body = { email: user.email, password };
    const other = await credentialsOf(await ask("/api/auth/login", { body }));
    const next = await credentialsOf(await refresh(refresh_token));
    await refresh(next.refresh_token);
    expect((await refresh(refresh_token)).status).toBe(401);

    expect((await refresh(other.refresh_token)).status).toBe(200);
  });

  it("refuses a token whose session is 30 days old, however often it was refreshed", async () => {
    const { refresh_token } = await signUp();
    travel(29 * 24 * 60 * MINUTE);
    const next = await credentialsOf(await refresh(refresh_token));

    travel(24 * 60 * MINUTE);

    expect(await problemOf(await refresh(next.refresh_token))).toMatchObject({
      code: "token_expired",
    });
  });

  it("goes on where the signing key is another one by then, of which no token of before is valid", async () => {
    const { access_token: token, refresh_token } = await signUp();
    const bindings = { JWT_SECRET: "another-secret-of-more-than-32-characters" };
    const me = (of: string) => ask("/api/auth/me", { token: of, bindings });
    expect(await problemOf(await me(token))).toMatchObject({ code: "token_invalid" });

    const answer = await ask("/api/auth/refresh", { body: { refresh_token }, bindings });
    const next = await credentialsOf(answer);
    expect((await me(next.access_token)).status).toBe(200);
  });

  it("gives new tokens that work, with the permissions the account has now", async () => {
    const { refresh_token, user } = await signUp();
    await env.DB.prepare("UPDATE users SET tier = 'early' WHERE id = ?").bind(user.id).run();
    const next = await credentialsOf(await refresh(refresh_token));

    expect(next.user.tier).toBe("early");
    expect((await ask("/api/auth/me", { token: next.access_token })).status).toBe(200);
    expect((await refresh(next.refresh_token)).status).toBe(200);
  });
});
