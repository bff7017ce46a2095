/** Tokens as an attacker would make them: by hand, so that no library's good manners are in the way. */
import { createHmac, type KeyObject } from "node:crypto";
import type { TokenAuthority } from "../../../src/auth/signed-tokens.ts";
import { keyRing } from "../../../src/auth/signing-keys.ts";
import type { Clock } from "../../../src/core/clock.ts";
import { User } from "../../../src/protocol/entities.ts";
import { SessionId } from "../../../src/protocol/ids.ts";

/** 2026-11-21, at noon. */
export const NOON = Date.UTC(2026, 10, 21, 12);

/** A clock that stands, until it is set. */
export class StandingClock implements Clock {
  #now = NOON;
  now = () => this.#now;
  sleep = () => Promise.resolve();

  advance(seconds: number): void {
    this.#now += seconds * 1000;
  }
}

export const secret = "a-secret-for-tests-of-more-than-32-characters";

/** @returns what signs by a secret alone. */
export function authorityBy(jwtSecret: string, clock: Clock): TokenAuthority {
  return { keys: keyRing({ jwtSecret, signingKeys: [] }), clock };
}

export const sessionId = SessionId.parse("session-1");

export const ada = User.parse({
  id: "user-ada",
  email: "ada@example.com",
  name: "Ada",
  tier: "mid",
  permissions: ["chat", "usage:read"],
  organization_id: null,
  role: "member",
  created_at: "2026-11-21T12:00:00.000Z",
});

/** The header and claims of an access token that would pass at {@link NOON}. */
export const genuine = {
  header: { alg: "HS256", typ: "at+jwt" },
  claims: {
    iss: "apex-edge",
    aud: "apex-edge",
    sub: ada.id,
    sid: sessionId,
    org: null,
    role: "member",
    tier: "mid",
    scopes: ["chat", "usage:read"],
    iat: NOON / 1000,
    exp: NOON / 1000 + 900,
    jti: "token-1",
  },
} as const;

export function encode(part: unknown): string {
  return Buffer.from(typeof part === "string" ? part : JSON.stringify(part)).toString("base64url");
}

/** @returns a token of these parts, signed by HMAC whatever its header says. */
export function forge(
  header: unknown,
  claims: unknown,
  { key = secret, hash = "sha256" }: { key?: string | Buffer | KeyObject; hash?: string } = {},
): string {
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${createHmac(hash, key).update(signed).digest("base64url")}`;
}
