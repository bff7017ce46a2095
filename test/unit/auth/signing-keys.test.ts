/** Key pairs: a token is believed by a living key of ours, whatever it says of its key. */
import { createPublicKey, sign } from "node:crypto";
import { exportJWK, generateKeyPair } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import { issueAccessToken, verifyAccessToken } from "../../../src/auth/access-tokens.ts";
import type { TokenAuthority } from "../../../src/auth/signed-tokens.ts";
import { keyRing, publicKeys } from "../../../src/auth/signing-keys.ts";
import { PrivateJwk } from "../../../src/protocol/json-web-keys.ts";
import { ada, encode, forge, genuine, StandingClock, secret, sessionId } from "./forge.ts";

async function keyPair(alg: "ES256" | "EdDSA" | "Ed25519", kid: string): Promise<PrivateJwk> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return PrivateJwk.parse({ ...(await exportJWK(privateKey)), alg, kid });
}

const older = await keyPair("ES256", "older");
const newer = await keyPair("EdDSA", "newer");
const stranger = await keyPair("ES256", "older");

let clock: StandingClock;
beforeEach(() => {
  clock = new StandingClock();
});

function authority(signingKeys: readonly PrivateJwk[], jwtSecret?: string): TokenAuthority {
  return { keys: keyRing({ jwtSecret, signingKeys }), clock };
}

/** @returns a token of these parts, signed by the key pair whatever its header says. */
function signedBy(key: PrivateJwk, header: object): string {
  const signed = `${encode(header)}.${encode(genuine.claims)}`;
  const options = { key, format: "jwk", dsaEncoding: "ieee-p1363" } as const;
  const hash = key.kty === "EC" ? "sha256" : null;
  return `${signed}.${sign(hash, Buffer.from(signed), options).toString("base64url")}`;
}

const header = { alg: "ES256", typ: "at+jwt", kid: "older" };

/** What is public of a key, in the forms that somebody may take for an HMAC secret. */
function publicForms(key: PrivateJwk): readonly (string | Buffer)[] {
  const [jwk] = publicKeys({ jwtSecret: undefined, signingKeys: [key] }).keys;
  const object = createPublicKey({ key, format: "jwk" });
  return [
    object.export({ type: "spki", format: "pem" }),
    object.export({ type: "spki", format: "der" }),
    JSON.stringify(jwk),
    key.x,
    Buffer.from(key.x, "base64url"),
    "",
  ];
}

function refused(token: string, by: TokenAuthority) {
  return expect(verifyAccessToken(token, by)).rejects.toMatchObject({ code: "token_invalid" });
}

describe("a token beside key pairs", () => {
  it.each<[string, unknown]>([
    ["a path", "../../keys/older"],
    ["an absolute path", "/dev/null"],
    ["SQL", "older' OR '1'='1"],
    ["a URL", "https://evil.test/key"],
    ["an unknown name", "newest"],
    ["another case", "OLDER"],
    ["a space more", "older "],
    ["nothing", ""],
    ["null", null],
    ["a number", 0],
    ["an array that holds it", ["older"]],
    ["an object", { toString: "older" }],
    ["a property of every object", "__proto__"],
    ["the key beside it", "newer"],
    ["no key at all", undefined],
  ])("that names its key by %s is not valid, though the key is ours", async (_, kid) => {
    await refused(signedBy(older, { ...header, kid }), authority([older, newer]));
  });

  it.each<[string, object]>([
    ["jwk", { jwk: publicKeys({ jwtSecret: undefined, signingKeys: [stranger] }).keys[0] }],
    ["jku", { jku: "https://evil.test/jwks.json" }],
    ["x5u", { x5u: "https://evil.test/x5u" }],
    ["x5c", { x5c: [encode("certificate")] }],
    ["the same kid", {}],
  ])("that brings a key of its own by %s is not valid", async (_, more) => {
    await refused(signedBy(stranger, { ...header, ...more }), authority([older]));
  });

  it.each(["none", "None", "HS256", "HS512", "RS256", "PS256", "ES384", "EdDSA", "Ed25519"])(
    "that claims %s for a key of ES256 is not valid",
    async (alg) => {
      await refused(signedBy(older, { ...header, alg }), authority([older]));
      await refused(forge({ ...header, alg }, genuine.claims), authority([older], secret));
    },
  );

  it("that has no signature is not valid", async () => {
    for (const alg of ["none", "ES256"]) {
      const unsigned = `${encode({ ...header, alg })}.${encode(genuine.claims)}.`;
      await refused(unsigned, authority([older]));
    }
  });

  it("is never checked with a public key as its secret, in whichever form", async () => {
    for (const key of [older, newer]) {
      for (const form of publicForms(key)) {
        for (const kid of [undefined, key.kid]) {
          const token = forge({ ...genuine.header, kid }, genuine.claims, { key: form });
          await refused(token, authority([key]));
          await refused(token, authority([key], secret));
        }
      }
    }
  });

  it("that the secret signed is not valid where only key pairs live, nor with a kid beside them", async () => {
    await refused(forge(genuine.header, genuine.claims), authority([older]));
    const named = forge({ ...genuine.header, kid: "older" }, genuine.claims);
    await refused(named, authority([older], secret));
  });

  it("of a retired key is not valid", async () => {
    const token = await issueAccessToken(ada, sessionId, authority([older]));

    await refused(token, authority([newer]));
    await refused(token, authority([stranger]));
  });
});

describe("keys", () => {
  it.each(["ES256", "EdDSA", "Ed25519"] as const)("of %s sign what they verify", async (alg) => {
    const keys = authority([await keyPair(alg, "only")]);

    const token = await issueAccessToken(ada, sessionId, keys);
    expect((await verifyAccessToken(token, keys)).userId).toBe(ada.id);
  });

  it("rotate without signing anybody out: the first signs, all verify, then one is removed", async () => {
    const before = await issueAccessToken(ada, sessionId, authority([older]));
    const both = authority([newer, older]);
    const after = await issueAccessToken(ada, sessionId, both);

    for (const token of [before, after]) await verifyAccessToken(token, both);
    await refused(before, authority([newer]));
    await verifyAccessToken(after, authority([newer]));
  });

  it("take over from the secret, which verifies yet, and no longer signs", async () => {
    const before = forge(genuine.header, genuine.claims);
    const migrating = authority([older], secret);
    const after = await issueAccessToken(ada, sessionId, migrating);

    await verifyAccessToken(before, migrating);
    await verifyAccessToken(after, authority([older]));
  });

  it("show nothing private, and nothing of the secret", () => {
    const shown = publicKeys({ jwtSecret: secret, signingKeys: [older, newer] });

    expect(shown.keys.map(({ kid }) => kid)).toEqual(["older", "newer"]);
    expect(JSON.stringify(shown)).not.toContain(secret);
    for (const { d } of [older, newer]) expect(JSON.stringify(shown)).not.toContain(d);
  });

  it("are made once for the same settings, and never out of none", () => {
    const settings = { jwtSecret: secret, signingKeys: [] };

    expect(keyRing(settings)).toBe(keyRing(settings));
    expect(() => keyRing({ jwtSecret: undefined, signingKeys: [] })).toThrow("no key to sign with");
  });
});
