/** The public keys: all that live, and nothing that is private; and what they sign works everywhere. */
import { exportJWK, generateKeyPair } from "jose";
import { describe, expect, it } from "vitest";
import { newId } from "../../../src/core/clock.ts";
import { Credentials } from "../../../src/protocol/api.ts";
import { JsonWebKeySet } from "../../../src/protocol/json-web-keys.ts";
import { ask, problemOf } from "./ask.ts";

const JWKS = "/.well-known/jwks.json";

async function keyPair(alg: "ES256" | "EdDSA", kid: string) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), alg, kid };
}

const older = await keyPair("ES256", "2026-10");
const newer = await keyPair("EdDSA", "2026-11");

function keyed(...keys: object[]) {
  return { JWT_SIGNING_KEYS: JSON.stringify(keys), JWT_SECRET: "" };
}

async function signIn(bindings: object): Promise<string> {
  const body = { email: `${newId()}@example.com` };
  const response = await ask("/api/auth/dev-login", { body, bindings });
  return Credentials.parse(await response.json()).access_token;
}

const me = (token: string, bindings: object) => ask("/api/auth/me", { token, bindings });

describe("the key set", () => {
  it("is empty where a secret signs", async () => {
    const response = await ask(JWKS);

    expect(response.headers.get("cache-control")).toBe("public, max-age=300");
    expect(await response.json()).toEqual({ keys: [] });
  });

  it("has the public halves alone, the one that signs first", async () => {
    const response = await ask(JWKS, { bindings: keyed(newer, older) });
    const text = await response.text();

    expect(JsonWebKeySet.parse(JSON.parse(text)).keys.map(({ kid }) => kid)).toEqual([
      "2026-11",
      "2026-10",
    ]);
    for (const { d } of [newer, older]) expect(text).not.toContain(d);
    expect(text).not.toContain('"d"');
  });

  it("is not given where the keys are at fault, and the problem shows nothing of them", async () => {
    const response = await ask(JWKS, { bindings: keyed(newer, { ...older, kid: newer.kid }) });
    const text = await response.clone().text();

    expect(await problemOf(response)).toMatchObject({ code: "misconfigured" });
    expect(text).not.toContain(older.d);
  });
});

describe("a token that a key pair signed", () => {
  it("is believed while its key lives, and not after that", async () => {
    const token = await signIn(keyed(older));

    expect((await me(token, keyed(older))).status).toBe(200);
    expect((await me(token, keyed(newer, older))).status).toBe(200);
    expect((await me(token, keyed(newer))).status).toBe(401);
  });

  it("takes over from the secret, whose tokens are believed as long as it stands beside", async () => {
    const token = await signIn({});

    expect((await me(token, { JWT_SIGNING_KEYS: JSON.stringify([newer]) })).status).toBe(200);
    expect((await me(token, keyed(newer))).status).toBe(401);
  });
});
