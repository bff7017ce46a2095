/** CSRF tokens: bound to one session, and to keys that live. */
import { exportJWK, generateKeyPair } from "jose";
import { describe, expect, it } from "vitest";
import { assertCsrf, csrfToken } from "../../../src/auth/csrf.ts";
import { keyRing } from "../../../src/auth/signing-keys.ts";
import { PrivateJwk } from "../../../src/protocol/json-web-keys.ts";
import { secret } from "./forge.ts";

const { privateKey } = await generateKeyPair("ES256", { extractable: true });
const pair = PrivateJwk.parse({ ...(await exportJWK(privateKey)), alg: "ES256", kid: "one" });
const bySecret = keyRing({ jwtSecret: secret, signingKeys: [] });
const byPair = keyRing({ jwtSecret: undefined, signingKeys: [pair] });
const token = csrfToken("session-1", bySecret);

function request(method: string, header: string | null, csrf?: string) {
  const headers = new Headers(header === null ? {} : { "x-csrf-token": header });
  return { method, headers, cookies: { csrf } };
}

describe("a request that changes something", () => {
  it.each<[string, string | null, string | undefined]>([
    ["neither header nor cookie", null, undefined],
    ["the cookie alone", null, token],
    ["the header alone", token, undefined],
    ["two that differ", token, csrfToken("session-2", bySecret)],
    ["another session's", csrfToken("session-2", bySecret), csrfToken("session-2", bySecret)],
    ["another deployment's", csrfToken("session-1", byPair), csrfToken("session-1", byPair)],
    ["nothing in both", "", ""],
    ["a part of it in both", token.slice(0, 20), token.slice(0, 20)],
    ["more than it in both", `${token}AAAA`, `${token}AAAA`],
  ])("is refused with %s", (_, header, cookie) => {
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "get", "PROPFIND"]) {
      expect(() => assertCsrf(request(method, header, cookie), "session-1", bySecret)).toThrow(
        expect.objectContaining({ code: "csrf_invalid" }),
      );
    }
  });

  it("passes with its session's token in both", () => {
    expect(() => assertCsrf(request("POST", token, token), "session-1", bySecret)).not.toThrow();
  });

  it("passes with the token of a key that lives yet, after another took over", () => {
    const rotated = keyRing({ jwtSecret: secret, signingKeys: [pair] });

    expect(() => assertCsrf(request("POST", token, token), "session-1", rotated)).not.toThrow();
    expect(csrfToken("session-1", rotated)).toBe(csrfToken("session-1", byPair));
    expect(() => assertCsrf(request("POST", token, token), "session-1", byPair)).toThrow();
  });
});

it.each(["GET", "HEAD", "OPTIONS"])("%s changes nothing, and needs no token", (method) => {
  expect(() => assertCsrf(request(method, null), "session-1", bySecret)).not.toThrow();
});
