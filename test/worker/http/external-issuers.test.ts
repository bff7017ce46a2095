/** Tokens of trusted issuers as bearers: believed for what the operator has set, and for nothing else. */
import { env } from "cloudflare:workers";
import { createHmac } from "node:crypto";
import {
  type CryptoKey,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from "jose";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { User } from "../../../src/protocol/entities.ts";
import { fieldsOf } from "../thread/client.ts";
import { ask, problemOf, signUp } from "./ask.ts";

const ME = "/api/auth/me";
const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
const other = await generateKeyPair("RS256");
const JWK = { ...(await exportJWK(publicKey)), kid: "key-1", alg: "RS256", use: "sig" };

let issuer: string;
let bindings: object;
let people = 0;
/** What the issuer answers, by path; a path that is missing is out of reach. */
let answers: Record<string, unknown>;
let asked: string[];

beforeEach(() => {
  people += 1;
  issuer = `https://issuer-${people}.example.com/`;
  bindings = { TRUSTED_ISSUERS: trusting({}) };
  answers = {
    ".well-known/openid-configuration": { issuer, jwks_uri: `${issuer}jwks` },
    jwks: { keys: [JWK] },
  };
  asked = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const path = new Request(input, init).url.slice(issuer.length);
    asked.push(path);
    if (!Object.hasOwn(answers, path)) throw new TypeError("connection refused");
    return Response.json(answers[path]);
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function trusting(settings: object): string {
  return JSON.stringify([{ issuer, audiences: ["apex", "apex-2"], ...settings }]);
}

interface Forged {
  readonly claims?: JWTPayload;
  readonly without?: readonly string[];
  readonly header?: JWTHeaderParameters;
  readonly key?: CryptoKey | Uint8Array;
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** @returns a token that would pass, but for what is bent. */
function tokenOf({ claims = {}, without = [], header, key = privateKey }: Forged = {}) {
  const given: JWTPayload = {
    iss: issuer,
    aud: "apex",
    sub: "auth0|ada",
    iat: seconds(),
    exp: seconds() + 300,
    email: `ada-${people}@example.org`,
    email_verified: true,
    ...claims,
  };
  for (const name of without) delete given[name];
  return new SignJWT(given)
    .setProtectedHeader(header ?? { alg: "RS256", kid: "key-1", typ: "JWT" })
    .sign(key);
}

async function codeOf(token: string): Promise<string> {
  return (await problemOf(await ask(ME, { token, bindings }))).code;
}

async function userOf(token: string): Promise<User> {
  return User.parse(await (await ask(ME, { token, bindings })).json());
}

describe("a bearer token", () => {
  it.each<[string, () => Forged]>([
    ["of an issuer that is not trusted", () => ({ claims: { iss: "https://evil.example/" } })],
    ["of an issuer that nearly fits", () => ({ claims: { iss: issuer.slice(0, -1) } })],
    ["without an issuer", () => ({ without: ["iss"] })],
    ["that claims to be ours", () => ({ claims: { iss: "apex-edge", aud: "apex-edge" } })],
    ["for another audience", () => ({ claims: { aud: "apex-edge" } })],
    ["without an audience", () => ({ without: ["aud"] })],
    ["without an expiry", () => ({ without: ["exp"] })],
    ["without a time of issue", () => ({ without: ["iat"] })],
    ["without a subject", () => ({ without: ["sub"] })],
    ["of the future", () => ({ claims: { iat: seconds() + 60 } })],
    ["that is not valid yet", () => ({ claims: { nbf: seconds() + 60 } })],
    ["signed by another key", () => ({ key: other.privateKey })],
    ["of a key that is not there", () => ({ header: { alg: "RS256", kid: "key-2" } })],
    ["whose key is a path", () => ({ header: { alg: "RS256", kid: "../../etc/passwd" } })],
    [
      "that brings its own key",
      () => ({ header: { alg: "RS256", jwk: JWK, kid: "own" }, key: other.privateKey }),
    ],
    [
      "that is one of our tickets",
      () => ({ header: { alg: "RS256", kid: "key-1", typ: "ticket+jwt" } }),
    ],
    ["with an endless subject", () => ({ claims: { sub: "s".repeat(256) } })],
  ])("%s is refused", async (_, bend) => {
    expect(await codeOf(await tokenOf(bend()))).toBe("token_invalid");
  });

  it.each(["PS256", "RS512"])("that asks for %s, which is not allowed, is refused", async (alg) => {
    const [, payload, signature] = (await tokenOf()).split(".");
    const header = Buffer.from(JSON.stringify({ alg, kid: "key-1" })).toString("base64url");

    expect(await codeOf(`${header}.${payload}.${signature}`)).toBe("token_invalid");
  });

  it("signed by HMAC with the issuer's public key is refused (key confusion)", async () => {
    const pem = await exportSPKI(publicKey);
    const [, payload] = (await tokenOf()).split(".");
    const header = Buffer.from('{"alg":"HS256","kid":"key-1"}').toString("base64url");
    const signature = createHmac("sha256", pem).update(`${header}.${payload}`).digest("base64url");

    expect(await codeOf(`${header}.${payload}.${signature}`)).toBe("token_invalid");
  });

  it("without a signature is refused", async () => {
    const [, payload] = (await tokenOf()).split(".");
    const header = Buffer.from('{"alg":"none"}').toString("base64url");

    expect(await codeOf(`${header}.${payload}.`)).toMatch(/token_invalid|unauthenticated/);
  });

  it("that has expired is told so", async () => {
    expect(await codeOf(await tokenOf({ claims: { exp: seconds() - 60 } }))).toBe("token_expired");
  });

  it("is not believed for the email address of an account that is there", async () => {
    const { user } = await signUp();

    expect(await codeOf(await tokenOf({ claims: { email: user.email } }))).toBe("email_taken");
  });
});

describe("an issuer's user", () => {
  it("is made at first sight, once, however many requests come at once", async () => {
    const token = await tokenOf({ claims: { name: "Ada" } });
    const users = await Promise.all([1, 2, 3, 4].map(() => userOf(token)));

    expect(new Set(users.map(({ id }) => id)).size).toBe(1);
    expect(users[0]).toMatchObject({ email: `ada-${people}@example.org`, name: "Ada" });
  });

  it("without a verified email address has one that no mail reaches", async () => {
    const { email } = await userOf(await tokenOf({ without: ["email_verified"] }));

    expect(email).toMatch(/^[0-9a-f]{40}@issuer\.invalid$/);
    // Else who knows an issuer's subjects could take their addresses before they come.
    const body = { email: `${"0".repeat(40)}@issuer.invalid`, password: "a long password" };
    expect(fieldsOf(await problemOf(await ask("/api/auth/register", { body })))).toEqual(["email"]);
    const claims = { sub: "another", email: body.email };
    expect(await codeOf(await tokenOf({ claims }))).toBe("sign_in_failed");
  });

  it("is remembered for a minute: one that was deleted comes back as a new one after it", async () => {
    const { id } = await userOf(await tokenOf());
    await env.DB.prepare("DELETE FROM users WHERE id = ?").bind(id).run();

    expect(await codeOf(await tokenOf())).toBe("session_ended");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 });
    expect((await userOf(await tokenOf())).id).not.toBe(id);
  });

  it("may do no more than its issuer's tokens permit", async () => {
    bindings = { TRUSTED_ISSUERS: trusting({ scopes: ["threads:read", "operator"] }) };
    const token = await tokenOf();

    expect((await ask("/api/threads", { token, bindings })).status).toBe(200);
    const refused = await ask("/api/threads", { token, bindings, body: {} });
    expect(await problemOf(refused)).toMatchObject({ code: "forbidden" });
    expect(await codeOf(token)).toBe("forbidden");
  });
});

describe("the keys of an issuer", () => {
  it("are asked for once, whatever tokens come after", async () => {
    await userOf(await tokenOf());
    for (let kid = 0; kid < 50; kid += 1) {
      await codeOf(await tokenOf({ header: { alg: "RS256", kid: `unknown-${kid}` } }));
    }

    expect(asked).toEqual([".well-known/openid-configuration", "jwks"]);
  });

  it("are asked for again after half a minute, where a token names a new one", async () => {
    await userOf(await tokenOf());
    answers.jwks = { keys: [{ ...JWK, kid: "key-2" }] };
    const renewed = { header: { alg: "RS256", kid: "key-2" } };
    expect(await codeOf(await tokenOf(renewed))).toBe("token_invalid");

    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 30_000 });

    expect((await ask(ME, { token: await tokenOf(renewed), bindings })).status).toBe(200);
    expect(await codeOf(await tokenOf())).toBe("token_invalid");
  });

  it("go on being believed while the issuer is down, and new ones wait", async () => {
    await userOf(await tokenOf());
    answers = {};
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 11 * 60_000 });
    const before = asked.length;

    for (let time = 0; time < 5; time += 1) {
      expect((await ask(ME, { token: await tokenOf(), bindings })).status).toBe(200);
    }
    const unknown = await tokenOf({ header: { alg: "RS256", kid: "key-2" } });
    const response = await ask(ME, { token: unknown, bindings });

    expect(response.headers.get("retry-after")).toBe("30");
    expect(await problemOf(response)).toMatchObject({ status: 503, code: "unavailable" });
    expect(asked.length).toBe(before + 1);
  });

  it("that can't be had, or are another issuer's, let nobody in, and are not asked for each time", async () => {
    answers[".well-known/openid-configuration"] = {
      issuer: "https://evil.example/",
      jwks_uri: `${issuer}jwks`,
    };

    for (let time = 0; time < 5; time += 1) {
      expect(await codeOf(await tokenOf())).toBe("unavailable");
    }
    expect(asked).toHaveLength(1);
  });

  it("are taken from their own address where one is set", async () => {
    bindings = { TRUSTED_ISSUERS: trusting({ jwks_uri: `${issuer}jwks` }) };
    await userOf(await tokenOf());

    expect(asked).toEqual(["jwks"]);
  });
});

describe("a proxy that authenticates in front of us", () => {
  const HEADER = "cf-access-jwt-assertion";
  const proxied = async (headers: Record<string, string> = {}) =>
    await ask(ME, { bindings, headers: { [HEADER]: await tokenOf(), ...headers } });

  it("is not believed where no issuer names its header", async () => {
    expect(await problemOf(await proxied())).toMatchObject({ code: "unauthenticated" });
  });

  it("is not believed for what another host's page asks", async () => {
    bindings = { TRUSTED_ISSUERS: trusting({ header: HEADER }) };

    expect(await problemOf(await proxied({ origin: "https://evil.example" }))).toMatchObject({
      code: "csrf_invalid",
    });
  });

  it("is believed where it is set, and a bearer token wins over it", async () => {
    bindings = { TRUSTED_ISSUERS: trusting({ header: HEADER }) };
    const { access_token, user } = await signUp();

    expect((await proxied({ origin: "https://apex.test" })).status).toBe(200);
    const mine = await proxied({ authorization: `Bearer ${access_token}` });
    expect(User.parse(await mine.json()).id).toBe(user.id);
  });
});
