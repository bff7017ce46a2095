/** The credential of a request: where it may stand, and where it must not. */
import { describe, expect, it } from "vitest";
import {
  chooseSubprotocol,
  readCredential,
  type SessionCookies,
} from "../../../src/auth/credential.ts";
import { encode, forge, genuine } from "./forge.ts";

const jwt = forge(genuine.header, genuine.claims);
const offer = (offered: string) => new Headers({ "sec-websocket-protocol": offered });

function read(
  path: string,
  headers: HeadersInit = {},
  upgrade = false,
  cookies: SessionCookies = {},
) {
  const url = `https://apex.test${path}`;
  const request = { method: "GET", url, headers: new Headers(headers), cookies };
  return readCredential(request, { upgrade });
}

describe("a request without a credential", () => {
  it.each<[string, HeadersInit]>([
    ["nothing", {}],
    ["an identity of its own choice", { "x-user-id": "ada", "x-forwarded-user": "ada" }],
    ["a cookie", { cookie: `access_token=${jwt}` }],
    ["Basic authentication", { authorization: "Basic YWRhOnNlY3JldA==" }],
    ["a scheme alone", { authorization: "Bearer" }],
    ["a token without a scheme", { authorization: jwt }],
    ["two tokens in one header", { authorization: `Bearer ${jwt}, Bearer ${jwt}` }],
    ["a subprotocol, though it opens no socket", { "sec-websocket-protocol": `jwt-auth.${jwt}` }],
  ])("that brings %s is not authenticated", (_, headers) => {
    expect(() => read("/api/auth/me", headers)).toThrow(
      expect.objectContaining({ code: "unauthenticated" }),
    );
  });

  it.each(["apex-edge", "jwt-auth", "jwt-auth.", `jwt.${jwt}`, "bearer.a b"])(
    "that offers the subprotocol %s is not authenticated",
    (offered) => {
      expect(() => read("/ws", offer(offered), true)).toThrow(
        expect.objectContaining({ code: "unauthenticated" }),
      );
    },
  );
});

describe("a token in a URL", () => {
  it.each([
    "/ws?token=abc",
    "/ws?access_token=abc",
    "/ws?ACCESS_TOKEN=abc",
    "/ws?jwt=abc",
    `/ws?ticket=abc&after=${jwt}`,
    "/ws?x=apx_rt_abc",
    "/ws?ticket=abc&x=apx_key_abc",
  ])("is refused with an explanation: %s", (path) => {
    expect(() => read(path, { authorization: `Bearer ${jwt}` }, true)).toThrow(
      "Tokens never travel in a URL",
    );
  });

  it("is refused under the name of a ticket too, where no socket is opened", () => {
    expect(() => read(`/api/auth/me?ticket=${jwt}`)).toThrow("Tokens never travel in a URL");
  });
});

describe("a credential", () => {
  it.each([`Bearer ${jwt}`, `bearer ${jwt}`, `BEARER   ${jwt}`])(
    "is the bearer token of the Authorization header: %.10s",
    (authorization) => {
      expect(read("/api/auth/me", { authorization })).toEqual({ kind: "token", value: jwt });
    },
  );

  it.each([
    `jwt-auth.${jwt}`,
    `bearer.${jwt}`,
    `jwt-auth.${encode(jwt)}`,
    `bearer.${encode(jwt)}`,
    `apex-edge, jwt-auth.${jwt}`,
    `jwt-auth.${encode(jwt)},apex-edge`,
  ])("of an upgrade may be a subprotocol, raw or in base64url: %.24s", (offered) => {
    expect(read("/ws", offer(offered), true)).toEqual({ kind: "token", value: jwt });
  });

  it("of an upgrade may be an API key in a subprotocol, as it stands", () => {
    const key = `apx_key_${"0".repeat(32)}_${"a".repeat(43)}123456`;

    expect(read("/ws", offer(`bearer.${key}`), true)).toEqual({ kind: "token", value: key });
  });

  it("of an upgrade may be a ticket in the URL", () => {
    expect(read("/ws?thread_id=t&ticket=abc", {}, true)).toEqual({ kind: "ticket", value: "abc" });
  });

  it("may be the access cookie, but for a socket only where the browser says which page asks", () => {
    const cookies = { access: "one" };

    expect(read("/api/auth/me", {}, false, cookies)).toEqual({ kind: "cookie", value: "one" });
    const withOrigin = { origin: "https://apex.test" };
    expect(read("/ws", withOrigin, true, cookies)).toEqual({ kind: "cookie", value: "one" });
    expect(() => read("/ws", {}, true, cookies)).toThrow(
      expect.objectContaining({ code: "unauthenticated" }),
    );
  });

  it("that was sent on purpose wins over the cookie, also where it is worth nothing", () => {
    const cookies = { access: "one" };
    const page = { origin: "https://apex.test" };

    expect(read("/", { authorization: "Bearer two" }, false, cookies).value).toBe("two");
    expect(() => read("/", { authorization: "Basic two" }, false, cookies)).toThrow("Bearer");
    expect(read("/ws?ticket=three", page, true, cookies).kind).toBe("ticket");
  });

  it("is the header's, where an upgrade brings several", () => {
    const headers = { authorization: "Bearer one", "sec-websocket-protocol": "bearer.two" };

    expect(read("/ws?ticket=three", headers, true).value).toBe("one");
  });
});

describe("the subprotocol to answer with", () => {
  it.each<[string, string | undefined]>([
    [`jwt-auth.${jwt}, apex-edge`, "apex-edge"],
    [`chat, bearer.${jwt}`, `bearer.${jwt}`],
    ["apex-edge", "apex-edge"],
    ["chat", undefined],
    ["", undefined],
  ])("of %.24s is ours, else the one that brought the token, else none", (offered, chosen) => {
    expect(chooseSubprotocol(offer(offered))).toBe(chosen);
  });
});
