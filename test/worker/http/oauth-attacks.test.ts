/** Sign-in under attack: every way in which the browser, the network or the provider may lie. */
import { env } from "cloudflare:workers";
import { generateKeyPair } from "jose";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ask, ORIGIN, problemOf, signUp } from "./ask.ts";
import { CLIENT_SECRET, FakeProvider } from "./fake-provider.ts";
import { ATTEMPT_COOKIE, SignInBrowser } from "./sign-in-browser.ts";

const START = "/api/auth/oauth/fake/start";
const FAILED = "/?sign_in_error=sign_in_failed";
const UNAVAILABLE = "/?sign_in_error=provider_unavailable";
const OTHER_KEY = (await generateKeyPair("ES256")).privateKey;
const nowSeconds = () => Math.floor(Date.now() / 1000);

let provider: FakeProvider;
let bindings: object;
let browser: SignInBrowser;
let logged: string[];

let providers = 0;
beforeEach(() => {
  providers += 1;
  provider = new FakeProvider(`https://id-${providers}.example.com`);
  provider.person = {
    sub: "subject",
    email: `person-of-${providers}@example.net`,
    email_verified: true,
  };
  bindings = { OIDC_PROVIDERS: JSON.stringify([provider.settings]) };
  browser = new SignInBrowser(bindings);
  vi.spyOn(globalThis, "fetch").mockImplementation((input, init) =>
    provider.answer(new Request(input, init)),
  );
  logged = [];
  for (const level of ["log", "warn", "error"] as const) {
    vi.spyOn(console, level).mockImplementation((line) => void logged.push(String(line)));
  }
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** @returns the way back from the provider, for a sign-in that this browser has begun. */
async function comeBack(): Promise<URL> {
  return provider.consent(await browser.follow(START));
}

function countUsers(): Promise<number | null> {
  return env.DB.prepare("SELECT count(*) AS n FROM users").first<number>("n");
}

describe("the way out", () => {
  it.each([
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\r\nSet-Cookie: a=b",
    "javascript:alert(1)",
    "evil.example",
    "",
    `/${"a".repeat(512)}`,
    "/caf\u00e9",
  ])("is refused where it is to end at %j", async (return_to) => {
    const path = `${START}?return_to=${encodeURIComponent(return_to)}`;
    const response = await browser.visit(path);

    expect(response.headers.getSetCookie()).toEqual([]);
    expect(await problemOf(response)).toMatchObject({
      code: "invalid_fields",
      errors: [{ field: "return_to" }],
    });
  });

  it.each(["nobody", "google", "github", "__proto__", "%2e%2e"])(
    "does not exist for the provider %s, which is not set",
    async (name) => {
      const response = await browser.visit(`/api/auth/oauth/${name}/start`);

      expect(await problemOf(response)).toMatchObject({ code: "not_found" });
    },
  );

  it.each<[string, () => Response]>([
    ["fails", () => new Response("no", { status: 500 })],
    ["sends us elsewhere", () => Response.redirect("http://169.254.169.254/", 302)],
    ["tells no JSON", () => new Response("<html>", { headers: { "content-type": "text/html" } })],
    ["has no end", () => new Response("x".repeat(300_000))],
    ["is another issuer", () => Response.json({ issuer: "https://evil.example" })],
  ])(
    "ends at the page where the provider %s, and is a problem for a program",
    async (_, answer) => {
      provider.bends = { answers: { "/.well-known/openid-configuration": answer } };

      expect(await browser.follow(START)).toBe(UNAVAILABLE);
      const program = await ask(START, { bindings });
      expect(await problemOf(program)).toMatchObject({ status: 502, code: "provider_unavailable" });
      expect(provider.asked.every((path) => path.startsWith("/.well-known"))).toBe(true);
    },
  );
});

describe("the way back, in a browser's hands,", () => {
  it("is refused in a browser that has begun no sign-in", async () => {
    const back = await comeBack();
    const victim = new SignInBrowser(bindings);

    expect(await victim.follow(back)).toBe(FAILED);
    expect(victim.isSignedIn).toBe(false);
  });

  it("is refused in a browser that has begun another sign-in", async () => {
    const back = await comeBack();
    const victim = new SignInBrowser(bindings);
    await victim.follow(START);

    expect(await victim.follow(back)).toBe(FAILED);
  });

  it.each<[string, (query: URLSearchParams) => void]>([
    ["without a state", (query) => query.delete("state")],
    ["with an empty state", (query) => query.set("state", "")],
    ["with a state that nearly fits", (query) => query.set("state", `${query.get("state")}x`)],
    ["with two states", (query) => query.append("state", query.get("state") ?? "")],
    ["without an issuer, which the provider always names", (query) => query.delete("iss")],
    ["of another issuer", (query) => query.set("iss", "https://evil.example")],
    ["with an issuer that nearly fits", (query) => query.set("iss", `${query.get("iss")}/`)],
    ["without a code", (query) => query.delete("code")],
    ["with two codes", (query) => query.append("code", "another")],
    ["with a code that was never given", (query) => query.set("code", "guessed")],
    ["with tokens of the implicit flow", (query) => query.set("id_token", "eyJ.eyJ.x")],
    ["with an answer of its own (JARM)", (query) => query.set("response", "eyJ.eyJ.x")],
  ])("is refused %s", async (_, bend) => {
    const back = await comeBack();
    bend(back.searchParams);

    expect(await browser.follow(back)).toBe(FAILED);
    expect(browser.isSignedIn).toBe(false);
  });

  it("is refused over ten minutes after the way out", async () => {
    const back = await comeBack();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 10 * 60_000 + 6_000 });

    expect(await browser.follow(back)).toBe(FAILED);
  });

  it("is refused with an access token, or what was tampered with, for its cookie", async () => {
    const { access_token } = await signUp();
    const back = await comeBack();
    const genuine = browser.cookies.get(ATTEMPT_COOKIE) ?? "";

    for (const forged of [access_token, `${genuine}x`, genuine.replace(/\.[^.]+$/, "."), "x"]) {
      browser.cookies.set(ATTEMPT_COOKIE, forged);
      expect(await browser.follow(back)).toBe(FAILED);
    }
  });

  it("is refused at another provider than the one it was begun at (mix-up)", async () => {
    const other = { ...new FakeProvider("https://honest.example.com").settings, name: "honest" };
    const both = { OIDC_PROVIDERS: JSON.stringify([provider.settings, other]) };
    browser = new SignInBrowser(both);
    const back = await comeBack();
    back.pathname = back.pathname.replace("/fake/", "/honest/");

    expect(await browser.follow(back)).toBe(FAILED);
    expect(provider.asked).not.toContain("/token");
  });

  it("counts once, whether it comes again or ten times at once", async () => {
    const back = await comeBack();
    const kept = browser.cookies.get(ATTEMPT_COOKIE) ?? "";

    const ends = await Promise.all(
      Array.from({ length: 10 }, () => {
        const tab = new SignInBrowser(bindings);
        tab.cookies.set(ATTEMPT_COOKIE, kept);
        return tab.follow(back);
      }),
    );
    browser.cookies.set(ATTEMPT_COOKIE, kept);

    expect(ends.toSorted()).toEqual(["/", ...Array.from({ length: 9 }, () => FAILED)]);
    expect(await browser.follow(back)).toBe(FAILED);
    expect(provider.asked.filter((path) => path === "/token")).toHaveLength(1);
  });

  it("ends at the page where the person has said no", async () => {
    const back = await comeBack();
    back.searchParams.delete("code");
    back.searchParams.set("error", "access_denied");
    back.searchParams.set("error_description", "a secret of the provider");

    expect(await browser.follow(back)).toBe(FAILED);
    expect(logged.join()).toContain("access_denied");
    expect(logged.join()).not.toContain("a secret of the provider");
  });

  it("is a problem for a program, with what to do", async () => {
    const response = await browser.visit(`/api/auth/oauth/fake/callback?code=x&state=y`, {
      headers: { accept: "application/json" },
    });

    const problem = await problemOf(response);
    expect(problem).toMatchObject({ status: 400, code: "sign_in_failed" });
    expect(problem.detail).toContain("start again");
  });
});

/** @returns the token with another header, and no signature. */
function unsigned(token: string): string {
  const header = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url");
  return `${header}.${token.split(".")[1]}.`;
}

describe("an ID token", () => {
  it.each<[string, FakeProvider["bends"]]>([
    ["that is missing", { idToken: () => undefined }],
    ["that is none", { idToken: () => "not a token" }],
    ["without a signature (alg none)", { idToken: unsigned }],
    [
      "signed by HMAC with the client's secret",
      { header: { alg: "HS256" }, key: new TextEncoder().encode(CLIENT_SECRET) },
    ],
    ["signed by another key", { key: OTHER_KEY }],
    ["of a key that the provider does not have", { header: { alg: "ES256", kid: "key-2" } }],
    ["whose header brings a key", { header: { alg: "ES256", jwk: {}, kid: "none" } }],
    ["for another client", { claims: { aud: "client-2" } }],
    ["for two clients, given to the other", { claims: { aud: ["client-1", "x"], azp: "x" } }],
    ["without an audience", { without: ["aud"] }],
    ["of another issuer", { claims: { iss: "https://evil.example" } }],
    ["with another nonce", { claims: { nonce: "another" } }],
    ["without a nonce", { without: ["nonce"] }],
    ["that has expired", { claims: { exp: nowSeconds() - 60 } }],
    ["without an expiry", { without: ["exp"] }],
    ["without a time of issue", { without: ["iat"] }],
    ["of tomorrow", { claims: { iat: nowSeconds() + 86_400, exp: nowSeconds() + 90_000 } }],
    ["of yesterday that lives on", { claims: { iat: nowSeconds() - 86_400 } }],
    ["without a subject", { without: ["sub"] }],
    ["with an endless subject", { claims: { sub: "s".repeat(256) } }],
    ["whose email address is not verified", { claims: { email_verified: false } }],
    ["that does not say whether it is verified", { without: ["email_verified"] }],
    ["whose email address is none", { claims: { email: "<script>" } }],
  ])("%s signs nobody in, and makes no user", async (_, bends) => {
    const before = await countUsers();
    const back = await comeBack();
    provider.bends = bends;

    expect(await browser.follow(back)).toBe(FAILED);
    expect(browser.isSignedIn).toBe(false);
    expect(await countUsers()).toBe(before);
  });
});

describe("a provider", () => {
  it.each<[string, string, () => Response | Promise<Response>]>([
    [UNAVAILABLE, "fails", () => new Response("trace with secrets", { status: 503 })],
    [UNAVAILABLE, "sends our secret elsewhere", () => Response.redirect("https://evil.example")],
    [UNAVAILABLE, "does not end", () => Response.json({ access_token: "x".repeat(300_000) })],
    [UNAVAILABLE, "is gone", () => Promise.reject(new TypeError("connection refused"))],
    [FAILED, "refuses the code", () => Response.json({ error: "invalid_grant" }, { status: 400 })],
    [FAILED, "says no JSON", () => new Response("{", { status: 200 })],
    [FAILED, "says nothing", () => new Response(null, { status: 204 })],
    [FAILED, "says something else", () => Response.json({ access_token: 7 })],
  ])("goes to %s where its token endpoint %s", async (end, _, answer) => {
    const back = await comeBack();
    provider.bends = { answers: { "/token": answer } };

    expect(await browser.follow(back)).toBe(end);
    expect(logged.join()).not.toContain("secrets");
  });

  it("never gets into an account that was made with the same email address", async () => {
    const { user } = await signUp();
    provider.person = { sub: "thief", email: user.email.toUpperCase(), email_verified: true };

    expect(await browser.follow(await comeBack())).toBe("/?sign_in_error=email_taken");
    expect(browser.isSignedIn).toBe(false);
  });

  it("has nothing of a sign-in in the logs, whether it fails or not", async () => {
    const back = await comeBack();
    const attempt = browser.cookies.get(ATTEMPT_COOKIE) ?? "missing";
    await browser.follow(back);
    await browser.follow(back);
    const secrets = [
      CLIENT_SECRET,
      "access-at-fake",
      attempt,
      back.searchParams.get("code") ?? "missing",
      back.searchParams.get("state") ?? "missing",
      provider.person.email ?? "missing",
      ...browser.cookies.values(),
    ];

    expect(logged.join()).toContain("sign_in_failed");
    for (const secret of secrets) expect(logged.join()).not.toContain(secret);
  });
});

it("D1 away ends at the page too", async () => {
  const back = await comeBack();
  const fail = () => Promise.reject(new Error("D1 is away"));
  const statement = { bind: () => statement, all: fail, first: fail, raw: fail, run: fail };
  const away = new SignInBrowser({ ...bindings, DB: { prepare: () => statement, batch: fail } });
  away.cookies.set(ATTEMPT_COOKIE, browser.cookies.get(ATTEMPT_COOKIE) ?? "");

  expect(await away.follow(back)).toBe("/?sign_in_error=unavailable");
  expect(back.origin).toBe(ORIGIN);
});
