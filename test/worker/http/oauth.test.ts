/** Sign-in at a provider, over its real redirects: from the button to the session, and back again. */
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { IdentityProviders } from "../../../src/protocol/account.ts";
import { User } from "../../../src/protocol/entities.ts";
import { ask } from "./ask.ts";
import { FakeProvider } from "./fake-provider.ts";
import { ACCESS_COOKIE, SignInBrowser } from "./sign-in-browser.ts";

const START = "/api/auth/oauth/fake/start";

let provider: FakeProvider;
let bindings: object;

let providers = 0;
beforeEach(() => {
  providers += 1;
  provider = new FakeProvider(`https://idp-${providers}.example.com`);
  const email = `somebody-${providers}@example.org`;
  provider.person = { sub: "subject", email, email_verified: true, name: "  Ada Lovelace " };
  bindings = { OIDC_PROVIDERS: JSON.stringify([provider.settings]) };
  vi.spyOn(globalThis, "fetch").mockImplementation((input, init) =>
    provider.answer(new Request(input, init)),
  );
});
afterEach(() => vi.restoreAllMocks());

/** @returns where a whole sign-in ends, and the browser that it ends in. */
async function signIn(path = START): Promise<{ end: string; browser: SignInBrowser }> {
  const browser = new SignInBrowser(bindings);
  const back = provider.consent(await browser.follow(path));
  return { end: await browser.follow(back), browser };
}

async function userOf(browser: SignInBrowser): Promise<User> {
  const token = browser.cookies.get(ACCESS_COOKIE) ?? "";
  return User.parse(await (await ask("/api/auth/me", { token, bindings })).json());
}

describe("the providers", () => {
  it("are listed with where to start, and with no secret", async () => {
    const settings = {
      ...bindings,
      GITHUB_CLIENT_ID: "id",
      GITHUB_CLIENT_SECRET: "hunter2",
      GOOGLE_CLIENT_ID: "id",
      GOOGLE_CLIENT_SECRET: "hunter2",
    };
    const text = await (await ask("/api/auth/oauth", { bindings: settings })).text();
    const { data } = IdentityProviders.parse(JSON.parse(text));

    expect(data.map(({ name }) => name)).toEqual(["github", "google", "fake", "simulated"]);
    expect(data[2]).toEqual({ name: "fake", title: "Fake", start_url: START });
    expect(text).not.toContain("hunter2");
  });
});

describe("a sign-in", () => {
  it("asks the provider with PKCE, state and nonce, each new each time", async () => {
    const browser = new SignInBrowser(bindings);
    const [one, other] = [
      new URL(await browser.follow(START)),
      new URL(await browser.follow(START)),
    ];

    expect(Object.fromEntries(one.searchParams)).toEqual({
      response_type: "code",
      client_id: "client-1",
      redirect_uri: "https://apex.test/api/auth/oauth/fake/callback",
      scope: "openid email profile",
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: "S256",
    });
    for (const name of ["state", "nonce", "code_challenge"]) {
      expect(one.searchParams.get(name)).not.toBe(other.searchParams.get(name));
    }
  });

  it("keeps the attempt where no script and no other site gets at it", async () => {
    const response = await new SignInBrowser(bindings).visit(START);
    const [cookie = ""] = response.headers.getSetCookie();

    expect(cookie).toMatch(/^__Host-apex-sign-in=/);
    for (const part of ["Path=/", "Secure", "HttpOnly", "SameSite=Lax", "Max-Age=600"]) {
      expect(cookie.split("; ")).toContain(part);
    }
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it("ends where it was to end, with a session of the provider's name", async () => {
    const { end, browser } = await signIn(`${START}?return_to=/t/thread-1%3Fx=1`);
    const user = await userOf(browser);
    const session = await env.DB.prepare("SELECT method FROM sessions WHERE user_id = ?")
      .bind(user.id)
      .first<string>("method");
    const deeds = await env.DB.prepare(
      "SELECT action, subject FROM audit_events WHERE user_id = ? ORDER BY id",
    )
      .bind(user.id)
      .all();

    expect(end).toBe("/t/thread-1?x=1");
    expect(user).toMatchObject({ email: provider.person.email, name: "Ada Lovelace" });
    expect(session).toBe("fake");
    expect(deeds.results).toEqual([
      { action: "account_created", subject: "fake" },
      { action: "signed_in", subject: "fake" },
    ]);
    expect([...browser.cookies.keys()].toSorted()).toEqual([
      "__Host-apex-access",
      "__Host-apex-csrf",
      "__Secure-apex-refresh",
    ]);
  });

  it("finds the same user again, also with another email address", async () => {
    const first = await userOf((await signIn()).browser);
    provider.person = { sub: "subject", name: "Renamed" };

    expect(await userOf((await signIn()).browser)).toEqual(first);
  });

  it("at first sight in two browsers at once makes one user", async () => {
    const both = await Promise.all([signIn(), signIn()]);
    const [one, other] = await Promise.all(both.map(({ browser }) => userOf(browser)));

    expect(one?.id).toBe(other?.id);
  });

  it("reads the email address of the user info where the ID token has none", async () => {
    const userinfo_endpoint = `${provider.issuer}/userinfo`;
    provider.bends = { metadata: { userinfo_endpoint }, without: ["email", "email_verified"] };

    expect((await userOf((await signIn()).browser)).email).toBe(provider.person.email);
  });

  it("takes the user info of somebody else for a lie", async () => {
    const userinfo_endpoint = `${provider.issuer}/userinfo`;
    const stranger = { sub: "stranger", email: "stranger@example.org", email_verified: true };
    provider.bends = {
      metadata: { userinfo_endpoint },
      without: ["email"],
      answers: { "/userinfo": () => Response.json(stranger) },
    };

    expect((await signIn()).end).toBe("/?sign_in_error=sign_in_failed");
  });

  it("names itself by Basic where the provider takes nothing else", async () => {
    const seen: (string | null)[] = [];
    provider.bends = { metadata: { token_endpoint_auth_methods_supported: undefined } };
    vi.mocked(fetch).mockImplementation((input, init) => {
      const request = new Request(input, init);
      if (request.url.endsWith("/token")) seen.push(request.headers.get("authorization"));
      return provider.answer(request);
    });
    await signIn();

    expect(seen).toEqual([expect.stringMatching(/^Basic /)]);
  });
});
