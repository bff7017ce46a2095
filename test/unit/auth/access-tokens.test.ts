/** Access tokens: what a stranger can make is refused, what we made is believed until its time is over. */
import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { issueAccessToken, verifyAccessToken } from "../../../src/auth/access-tokens.ts";
import { newRefreshToken } from "../../../src/auth/refresh-tokens.ts";
import type { TokenAuthority } from "../../../src/auth/signed-tokens.ts";
import { issueTicket } from "../../../src/auth/tickets.ts";
import { ThreadId } from "../../../src/protocol/ids.ts";
import { scopesOf } from "../../../src/protocol/scopes.ts";
import {
  ada,
  authorityBy,
  encode,
  forge,
  genuine,
  StandingClock,
  secret,
  sessionId,
} from "./forge.ts";

const { header, claims } = genuine;
let clock: StandingClock;
let authority: TokenAuthority;

beforeEach(() => {
  clock = new StandingClock();
  authority = authorityBy(secret, clock);
});

/** @returns the claims without one of them. */
function without(name: keyof typeof claims): object {
  return Object.fromEntries(Object.entries(claims).filter(([claim]) => claim !== name));
}

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const publicPem = rsa.publicKey.export({ type: "spki", format: "pem" }).toString();
const attackerKey = "the-attacker-knows-this-key-of-32-characters";
const attackerJwk = { kty: "oct", k: encode(attackerKey), alg: "HS256" };

describe("a forged access token", () => {
  it.each<[string, string]>([
    ["is empty", ""],
    ["is not a JWT", "token"],
    ["has four parts", `${forge(header, claims)}.more`],
    ["is encrypted in form (five parts)", "a.b.c.d.e"],
    ["is 100 KB long", forge(header, { ...claims, name: "x".repeat(100_000) })],
    ["is just over 8 KB long", forge(header, { ...claims, name: "x".repeat(6_200) })],
    ["has alg none and no signature", `${encode({ ...header, alg: "none" })}.${encode(claims)}.`],
    ["has alg None and a signature", forge({ ...header, alg: "None" }, claims)],
    ["has no alg", forge({ typ: "at+jwt" }, claims)],
    [
      "has another HMAC, rightly signed",
      forge({ ...header, alg: "HS512" }, claims, { hash: "sha512" }),
    ],
    [
      "claims RS256 with an HMAC signature (key confusion)",
      forge({ ...header, alg: "RS256" }, claims),
    ],
    ["is signed with a public key as HMAC secret", forge(header, claims, { key: publicPem })],
    ["is signed with an empty key", forge(header, claims, { key: "" })],
    ["is signed with another key", forge(header, claims, { key: attackerKey })],
    ["names its key by a path", forge({ ...header, kid: "../../dev/null" }, claims, { key: "" })],
    ["names its key by SQL", forge({ ...header, kid: "' UNION SELECT ''--" }, claims, { key: "" })],
    [
      "names its key by a URL",
      forge({ ...header, kid: "https://evil.test/k" }, claims, { key: attackerKey }),
    ],
    ["brings its key as jwk", forge({ ...header, jwk: attackerJwk }, claims, { key: attackerKey })],
    [
      "brings its key by jku",
      forge({ ...header, jku: "https://evil.test/jwks" }, claims, { key: attackerKey }),
    ],
    [
      "brings its key by x5u",
      forge({ ...header, x5u: "https://evil.test/x5c" }, claims, { key: attackerKey }),
    ],
    [
      "demands an unknown critical extension",
      forge({ ...header, crit: ["b64x"], b64x: 1 }, claims),
    ],
    ["leaves its payload unencoded", forge({ ...header, crit: ["b64"], b64: false }, claims)],
    ["has no typ", forge({ alg: "HS256" }, claims)],
    ["has the typ of an ID token", forge({ ...header, typ: "JWT" }, claims)],
    ["has the typ of a ticket", forge({ ...header, typ: "ticket+jwt" }, claims)],
    ["has no issuer", forge(header, without("iss"))],
    ["has another issuer", forge(header, { ...claims, iss: "apex-edge.evil.test" })],
    ["has no audience", forge(header, without("aud"))],
    ["has another audience", forge(header, { ...claims, aud: "apex-edge:thread-socket" })],
    ["has no expiry", forge(header, without("exp"))],
    ["has its expiry as a string", forge(header, { ...claims, exp: "9999999999" })],
    ["has a fractional expiry", forge(header, { ...claims, exp: claims.exp + 0.5 })],
    ["has no time of issue", forge(header, without("iat"))],
    ["is issued in the future", forge(header, { ...claims, iat: claims.iat + 60 })],
    ["is not valid yet", forge(header, { ...claims, nbf: claims.iat + 60 })],
    ["has no id", forge(header, without("jti"))],
    ["has no subject", forge(header, without("sub"))],
    ["has an object for a subject", forge(header, { ...claims, sub: { toString: "user-ada" } })],
    ["has no session", forge(header, without("sid"))],
    ["has an unknown tier", forge(header, { ...claims, tier: "root" })],
    ["has scopes in one string", forge(header, { ...claims, scopes: "chat" })],
    ["has claims that are no object", forge(header, ["user-ada"])],
    ["has claims that are not JSON", forge(header, "{")],
  ])("that %s is not valid", async (_, token) => {
    await expect(verifyAccessToken(token, authority)).rejects.toMatchObject({
      code: "token_invalid",
    });
  });

  it("of whatever text is not valid, and never anything worse", async () => {
    const part = fc.oneof(fc.string(), fc.json().map(encode), fc.constant(encode(header)));
    const token = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.tuple(part, part, part).map((parts) => parts.join(".")),
    );

    await fc.assert(
      fc.asyncProperty(token, async (text) => {
        await expect(verifyAccessToken(text, authority)).rejects.toMatchObject({
          code: "token_invalid",
        });
      }),
    );
  });

  it("that changes one character of a genuine one is not valid", async () => {
    const token = await issueAccessToken(ada, sessionId, authority);

    // The last character of the signature carries two bits that mean nothing, so it stays.
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 2), async (at) => {
        const other = token[at] === "A" ? "B" : "A";
        const tampered = token.slice(0, at) + other + token.slice(at + 1);
        await expect(verifyAccessToken(tampered, authority)).rejects.toMatchObject({
          code: "token_invalid",
        });
      }),
    );
  });
});

describe("another kind of token", () => {
  it("does not pass for an access token, though it is genuine", async () => {
    const principal = await verifyAccessToken(forge(header, claims), authority);
    const { ticket } = await issueTicket(principal, ThreadId.parse("thread-1"), authority);

    for (const token of [ticket, newRefreshToken()]) {
      await expect(verifyAccessToken(token, authority)).rejects.toMatchObject({
        code: "token_invalid",
      });
    }
  });
});

describe("an access token", () => {
  it("names the user, the session and what the account permits", async () => {
    const token = await issueAccessToken(ada, sessionId, authority);

    expect(await verifyAccessToken(token, authority)).toEqual({
      userId: ada.id,
      organizationId: null,
      role: "member",
      tier: "mid",
      scopes: scopesOf("member", ["chat"]),
      voucher: { kind: "session", id: sessionId },
      expiresAt: claims.exp,
    });
  });

  it("expires after 15 minutes, with five seconds of grace for clocks that differ", async () => {
    const token = await issueAccessToken(ada, sessionId, authority);

    clock.advance(904);
    await expect(verifyAccessToken(token, authority)).resolves.toMatchObject({ userId: ada.id });

    clock.advance(1);
    await expect(verifyAccessToken(token, authority)).rejects.toMatchObject({
      code: "token_expired",
    });
  });

  it("expires by its age, whatever expiry was put into it", async () => {
    const eternal = forge(header, { ...claims, exp: claims.exp + 10 ** 6 });

    clock.advance(1_000);

    await expect(verifyAccessToken(eternal, authority)).rejects.toMatchObject({
      code: "token_expired",
    });
  });

  it("is worth nothing after the secret has changed", async () => {
    const token = await issueAccessToken(ada, sessionId, authority);

    const changed = authorityBy(`another-${secret}`, clock);

    await expect(verifyAccessToken(token, changed)).rejects.toMatchObject({
      code: "token_invalid",
    });
  });
});
