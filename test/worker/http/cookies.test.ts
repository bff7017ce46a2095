/** Cookies: they authenticate, and only a page that can read them may have anything changed by them. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { newId } from "../../../src/core/clock.ts";
import { Credentials } from "../../../src/protocol/api.ts";
import { beginThread } from "../thread/conversation.ts";
import { ask, ORIGIN, problemOf } from "./ask.ts";
import { ACCESS, Browser, CSRF, cookiesOf, REFRESH } from "./browser.ts";

const THREADS = "/api/threads";
const ME = "/api/auth/me";

let email: string;
let browser: Browser;
beforeEach(async () => {
  email = `${newId()}@example.com`;
  browser = await Browser.signedIn(email);
});

afterEach(() => {
  vi.useRealTimers();
});

describe("a change that a cookie alone asks for", () => {
  const changes = [
    ["POST", THREADS],
    ["DELETE", "/api/sessions"],
    ["POST", "/api/account/password"],
    ["POST", "/api/auth/refresh"],
    ["POST", "/api/auth/logout"],
  ] as const;

  it.each(changes)("is refused without the CSRF token: %s %s", async (method, path) => {
    const headers = { "x-csrf-token": "" };

    expect(await problemOf(await browser.ask(path, { method, headers }))).toMatchObject({
      status: 403,
      code: "csrf_invalid",
    });
  });

  it.each(changes)("is refused with another session's token: %s %s", async (method, path) => {
    const eve = await Browser.signedIn(`${newId()}@example.com`);
    browser.keep(CSRF, eve.cookie(CSRF));

    expect(await problemOf(await browser.ask(path, { method }))).toMatchObject({
      code: "csrf_invalid",
    });
  });

  it("is refused with a token of the user's other session", async () => {
    const elsewhere = await Browser.signedIn(email);
    browser.keep(CSRF, elsewhere.cookie(CSRF));

    expect((await browser.ask(THREADS, { body: {} })).status).toBe(403);
  });

  it.each<[string, (token: string) => Record<string, string>]>([
    ["cut", (token) => ({ "x-csrf-token": token.slice(1) })],
    ["twice", (token) => ({ "x-csrf-token": `${token}, ${token}` })],
    ["in the Authorization", (token) => ({ "x-csrf-token": "", "x-xsrf-token": token })],
  ])("is refused with the token %s", async (_, headersOf) => {
    const headers = headersOf(browser.cookie(CSRF));

    expect((await browser.ask(THREADS, { body: {}, headers })).status).toBe(403);
  });

  it("is refused with a token of the asker's own making, in cookie and header", async () => {
    for (const planted of ["x", "a".repeat(43)]) {
      browser.keep(CSRF, planted);
      expect((await browser.ask(THREADS, { body: {} })).status).toBe(403);
    }
  });

  it("is refused where the cookie is gone, though the header is right", async () => {
    const headers = { "x-csrf-token": browser.cookie(CSRF) };
    browser.keep(CSRF, "");

    expect((await browser.ask(THREADS, { body: {}, headers })).status).toBe(403);
  });

  it("is made where the header repeats the token", async () => {
    expect((await browser.ask(THREADS, { body: {} })).status).toBe(201);
  });
});

describe("a socket by cookie", () => {
  it.each([
    ["a foreign page", { origin: "https://evil.test" }, 403],
    ["a page of a look-alike host", { origin: `${ORIGIN}.evil.test` }, 403],
    ["no page at all (a sandbox)", { origin: "null" }, 403],
    ["something that names no page", {}, 401],
  ])("is refused to %s", async (_, headers: Record<string, string>, status) => {
    expect((await browser.knock("/ws", headers)).status).toBe(status);
  });

  it("is opened to a page of this host", async () => {
    expect((await browser.knock("/ws", { origin: ORIGIN })).status).toBe(101);
  });
});

describe("an access cookie", () => {
  it.each(["", "x", "eyJhbGciOiJub25lIn0.e30."])("that says %s lets nobody in", async (value) => {
    const headers = { cookie: `${ACCESS}=${value}` };

    expect((await ask(ME, { headers })).status).toBe(401);
  });

  it("under a name without its prefix, which any host could set, lets nobody in", async () => {
    for (const name of ["apex-access", "__Secure-apex-access", "__host-apex-access"]) {
      const headers = { cookie: `${name}=${browser.cookie(ACCESS)}` };
      expect((await ask(ME, { headers })).status).toBe(401);
    }
  });

  it("says who asks", async () => {
    expect(await (await browser.ask(ME)).json()).toMatchObject({ email });
  });

  it("gives way to a bearer, who needs no CSRF token", async () => {
    const { owner } = await beginThread();
    const headers = { "x-csrf-token": "" };
    const made = await browser.ask(THREADS, { body: {}, headers, token: owner.access_token });
    const me = await browser.ask(ME, { token: owner.access_token });

    expect(made.status).toBe(201);
    expect(await me.json()).toMatchObject({ email: owner.user.email });
    expect((await browser.ask(ME, { token: "wrong" })).status).toBe(401);
  });
});

describe("refreshing by cookie", () => {
  const REFRESHING = "/api/auth/refresh";

  it("is refused without a token in the body or a cookie", async () => {
    for (const asked of [{ method: "POST" }, { body: {} }]) {
      expect(await problemOf(await ask(REFRESHING, asked))).toMatchObject({
        status: 401,
        code: "unauthenticated",
      });
    }
  });

  it("is refused with a cookie that nobody was given", async () => {
    browser.keep(REFRESH, "apx_rt_guessed");

    expect(await problemOf(await browser.ask(REFRESHING, { method: "POST" }))).toMatchObject({
      code: "token_invalid",
    });
  });

  it("spends no token where the CSRF token is missing", async () => {
    await browser.ask(REFRESHING, { method: "POST", headers: { "x-csrf-token": "" } });

    expect((await browser.ask(REFRESHING, { method: "POST" })).status).toBe(200);
  });

  it("works after the access cookie is gone, again and again, and sets new ones", async () => {
    for (let times = 0; times < 3; times += 1) {
      const before = browser.cookie(REFRESH);
      browser.keep(ACCESS, "");
      const response = await browser.ask(REFRESHING, { method: "POST" });

      expect(response.status).toBe(200);
      const { access_token, refresh_token } = Credentials.parse(await response.json());
      expect(browser.cookie(ACCESS)).toBe(access_token);
      expect(browser.cookie(REFRESH)).toBe(refresh_token);
      expect(refresh_token).not.toBe(before);
      expect((await browser.ask(THREADS, { body: {} })).status).toBe(201);
    }
  });
});

describe("the cookies of a session", () => {
  it("have exactly the attributes that keep them", async () => {
    const response = await ask("/api/auth/dev-login", { body: { email } });
    const { access_token, refresh_token } = Credentials.parse(await response.json());

    expect(cookiesOf(response)).toEqual([
      {
        name: ACCESS,
        value: access_token,
        attributes: ["Max-Age=900", "Path=/", "HttpOnly", "Secure", "SameSite=Strict"],
      },
      {
        name: REFRESH,
        value: refresh_token,
        attributes: ["Max-Age=2592000", "Path=/api/auth", "HttpOnly", "Secure", "SameSite=Strict"],
      },
      {
        name: CSRF,
        value: expect.stringMatching(/^[\w-]{43}$/),
        attributes: ["Max-Age=2592000", "Path=/", "Secure", "SameSite=Strict"],
      },
    ]);
  });

  it("are cleared by logging out, which ends the session", async () => {
    const token = browser.cookie(REFRESH);
    const response = await browser.ask("/api/auth/logout", { method: "POST" });

    expect(response.status).toBe(204);
    expect(
      cookiesOf(response).map(({ name, value, attributes }) => [name, value, attributes[0]]),
    ).toEqual([
      [ACCESS, "", "Max-Age=0"],
      [REFRESH, "", "Max-Age=0"],
      [CSRF, "", "Max-Age=0"],
    ]);
    const again = await ask("/api/auth/refresh", { body: { refresh_token: token } });
    expect(await problemOf(again)).toMatchObject({ code: "session_ended" });
  });
});
