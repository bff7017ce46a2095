/** The simulated provider: a real one in every rule, and nowhere that real users are. */

import { env } from "cloudflare:workers";
import { createHash } from "node:crypto";
import { createRemoteJWKSet, customFetch, jwtVerify } from "jose";
import { afterEach, describe, expect, it, vi } from "vitest";
import { SimulatedProvider } from "../../../src/auth/oauth/simulation.ts";
import { keyRing } from "../../../src/auth/signing-keys.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { readConfig } from "../../../src/env.ts";
import { IdentityProviders } from "../../../src/protocol/account.ts";
import { openDatabase } from "../../../src/store/database.ts";
import { SpentTokens } from "../../../src/store/spent-tokens.ts";
import { ask, ORIGIN, problemOf } from "./ask.ts";
import { SignInBrowser } from "./sign-in-browser.ts";

const ROOT = "/simulated-provider";
const CALLBACK = `${ORIGIN}/api/auth/oauth/simulated/callback`;
const KEY = "a-key-of-staging-with-over-32-characters";
const VERIFIER = "a-code-verifier-of-at-least-43-characters-long";
const REQUEST = {
  response_type: "code",
  client_id: "apex-edge",
  redirect_uri: CALLBACK,
  scope: "openid email",
  state: "state-1",
  nonce: "nonce-1",
  code_challenge: createHash("sha256").update(VERIFIER).digest("base64url"),
  code_challenge_method: "S256",
};
const keys = keyRing(readConfig(env));
const parts = {
  origin: ORIGIN,
  key: null,
  secret: keys.signing.secret,
  authority: { keys, clock: systemClock },
  spentTokens: new SpentTokens(openDatabase(env.DB)),
};
const { client_secret } = new SimulatedProvider(parts, CALLBACK).settings;

afterEach(() => vi.useRealTimers());

function post(path: string, fields: object, bindings = {}): Promise<Response> {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  const body = new URLSearchParams(given).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return ask(`${ROOT}${path}`, { body, headers, bindings });
}

/** @returns the code that a person's consent gives. */
async function newCode(): Promise<string> {
  const said = { decision: "allow", email: "Ada@Example.com", name: "Ada" };
  const response = await post("/authorize", { ...REQUEST, ...said });
  return new URL(response.headers.get("location") ?? "").searchParams.get("code") ?? "";
}

async function redeem(fields: object): Promise<{ status: number; body: unknown }> {
  const response = await post("/token", {
    grant_type: "authorization_code",
    client_id: "apex-edge",
    client_secret,
    redirect_uri: CALLBACK,
    code_verifier: VERIFIER,
    ...fields,
  });
  return { status: response.status, body: await response.json() };
}

describe("where real users are, the simulated provider", () => {
  const places = [
    ["production", { ENVIRONMENT: "production" }],
    ["production with a key", { ENVIRONMENT: "production", OAUTH_SIMULATION_KEY: KEY }],
    ["staging without a key", { ENVIRONMENT: "staging" }],
    ["staging with an empty key", { ENVIRONMENT: "staging", OAUTH_SIMULATION_KEY: "" }],
  ] as const;

  it.each(places)("is not there in %s", async (_, bindings) => {
    const query = new URLSearchParams(REQUEST);
    const answers = [
      await ask(`${ROOT}/.well-known/openid-configuration`, { bindings }),
      await ask(`${ROOT}/jwks`, { bindings }),
      await ask(`${ROOT}/authorize?${query}`, { bindings }),
      await post("/authorize", { ...REQUEST, decision: "allow", email: "a@b.example" }, bindings),
      await post("/token", {}, bindings),
      await ask("/api/auth/oauth/simulated/start", { bindings }),
      await ask("/api/auth/oauth/simulated/callback?code=x&state=y", { bindings }),
    ];

    for (const answer of answers) {
      expect(await problemOf(answer)).toMatchObject({ status: 404, code: "not_found" });
    }
    const list = await ask("/api/auth/oauth", { bindings });
    expect(IdentityProviders.parse(await list.json()).data).toEqual([]);
  });

  it("stops staging whose key can be guessed", async () => {
    const bindings = { ENVIRONMENT: "staging", OAUTH_SIMULATION_KEY: "k".repeat(31) };

    expect(await problemOf(await ask("/api/auth/oauth", { bindings }))).toMatchObject({
      code: "misconfigured",
      errors: [{ field: "OAUTH_SIMULATION_KEY" }],
    });
  });

  it("asks for the key in staging, and takes no other", async () => {
    const bindings = { ENVIRONMENT: "staging", OAUTH_SIMULATION_KEY: KEY };
    const form = { ...REQUEST, decision: "allow", email: "ada@example.com" };
    const page = await ask(`${ROOT}/authorize?${new URLSearchParams(REQUEST)}`, { bindings });

    expect(await page.text()).toContain('name="key"');
    for (const wrong of [{}, { key: "" }, { key: `${KEY}x` }, { key: KEY.toUpperCase() }]) {
      const answer = await post("/authorize", { ...form, ...wrong }, bindings);
      expect(await problemOf(answer)).toMatchObject({ code: "forbidden" });
    }
    expect((await post("/authorize", { ...form, key: KEY }, bindings)).status).toBe(303);
  });
});

describe("the authorize page", () => {
  it.each<[string, object]>([
    ["code_challenge", { code_challenge: "" }],
    ["code_challenge", { code_challenge: "short" }],
    ["code_challenge_method", { code_challenge_method: "plain" }],
    ["redirect_uri", { redirect_uri: `${CALLBACK}/` }],
    ["redirect_uri", { redirect_uri: `${CALLBACK}?x=1` }],
    ["redirect_uri", { redirect_uri: CALLBACK.replace("apex.test", "apex.test.evil.example") }],
    ["redirect_uri", { redirect_uri: CALLBACK.replace("apex.test", "apex.test@evil.example") }],
    ["redirect_uri", { redirect_uri: CALLBACK.replace("https", "http") }],
    ["redirect_uri", { redirect_uri: CALLBACK.toUpperCase() }],
    ["redirect_uri", { redirect_uri: "javascript:alert(1)" }],
    ["client_id", { client_id: "another" }],
    ["response_type", { response_type: "token" }],
    ["scope", { scope: "email" }],
    ["state", { state: "" }],
    ["nonce", { nonce: "" }],
  ])("refuses a bent %s on the spot, and sends the browser nowhere", async (field, bent) => {
    const request = { ...REQUEST, ...bent };
    const asked = await ask(`${ROOT}/authorize?${new URLSearchParams(request)}`);
    const decided = await post("/authorize", { ...request, decision: "allow", email: "a@b.co" });

    for (const answer of [asked, decided]) {
      expect(answer.headers.get("location")).toBeNull();
      expect(await problemOf(answer)).toMatchObject({ errors: [{ field }] });
    }
  });

  it("runs no script and is framed by nobody, whatever the request says", async () => {
    const bent = { ...REQUEST, state: '"><script>alert(1)</script>' };
    const page = await ask(`${ROOT}/authorize?${new URLSearchParams(bent)}`);
    const text = await page.text();

    expect(page.headers.get("content-security-policy")).toBe(
      "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
    );
    expect(text).not.toContain("<script");
    expect(text).toContain("&lt;script&gt;");
  });

  it("refuses what is no email address", async () => {
    const answer = await post("/authorize", { ...REQUEST, decision: "allow", email: "ada" });

    expect(await problemOf(answer)).toMatchObject({ errors: [{ field: "email" }] });
  });
});

describe("a code", () => {
  it.each<[string, string, object]>([
    ["without its verifier", "invalid_request", { code_verifier: undefined }],
    ["with another verifier", "invalid_grant", { code_verifier: `${VERIFIER}x` }],
    [
      "with the challenge for a verifier",
      "invalid_grant",
      { code_verifier: REQUEST.code_challenge },
    ],
    ["for another address", "invalid_grant", { redirect_uri: `${CALLBACK}/` }],
    ["without the client's secret", "invalid_client", { client_secret: "" }],
    ["with another secret", "invalid_client", { client_secret: `${client_secret}x` }],
    ["of another client", "invalid_client", { client_id: "another" }],
    ["by another grant", "invalid_request", { grant_type: "password" }],
    ["that was made up", "invalid_grant", { code: "guessed" }],
  ])("%s gives nothing", async (_, error, bent) => {
    const { body } = await redeem({ code: await newCode(), ...bent });

    expect(body).toEqual({ error });
  });

  it("gives nothing after a minute", async () => {
    const code = await newCode();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 66_000 });

    expect(await redeem({ code })).toEqual({ status: 400, body: { error: "invalid_grant" } });
  });

  it("gives once, also where it comes five times at once", async () => {
    const code = await newCode();
    const answers = await Promise.all(Array.from({ length: 5 }, () => redeem({ code })));

    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await redeem({ code })).toEqual({ status: 400, body: { error: "invalid_grant" } });
  });

  it("gives an ID token that its published keys verify", async () => {
    const { body } = await redeem({ code: await newCode() });
    const { id_token } = Object(body);
    const keys = createRemoteJWKSet(new URL(`${ORIGIN}${ROOT}/jwks`), {
      [customFetch]: (url) => ask(url),
    });
    const { payload } = await jwtVerify(id_token, keys, {
      issuer: `${ORIGIN}${ROOT}`,
      audience: "apex-edge",
      algorithms: ["ES256"],
    });

    expect(payload).toMatchObject({
      email: "ada@example.com",
      email_verified: true,
      name: "Ada",
      nonce: "nonce-1",
    });
    expect(await (await ask(`${ROOT}/jwks`)).text()).not.toContain('"d"');
  });
});

describe("a sign-in at the simulated provider", () => {
  it("goes over its page into a session, by redirects alone", async () => {
    const browser = new SignInBrowser({});
    const authorize = await browser.follow("/api/auth/oauth/simulated/start?return_to=/t/x");
    const page = await (await browser.visit(authorize)).text();
    const fields = [...page.matchAll(/name="(\w+)" value="([^"]*)"/g)]
      .filter(([, name]) => name !== "decision")
      .map(([, name = "", value = ""]): [string, string] => [name, value.replaceAll("&amp;", "&")]);
    const body = new URLSearchParams([
      ...fields,
      ["email", "grace@example.com"],
      ["decision", "allow"],
    ]).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const back = await browser.follow(`${ROOT}/authorize`, { body, headers });

    expect(await browser.follow(back)).toBe("/t/x");
    expect(browser.isSignedIn).toBe(true);
  });

  it("that the person denies ends at the page", async () => {
    const browser = new SignInBrowser({});
    const { searchParams } = new URL(await browser.follow("/api/auth/oauth/simulated/start"));
    searchParams.set("decision", "deny");
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const body = searchParams.toString();
    const back = await browser.follow(`${ROOT}/authorize`, { body, headers });

    expect(await browser.follow(back)).toBe("/?sign_in_error=sign_in_failed");
  });
});
