/** Authentication: the principal is the token's, whatever else a request claims. */
import { describe, expect, it } from "vitest";
import { issueAccessToken } from "../../../src/auth/access-tokens.ts";
import { authenticateRequest, authenticateUpgrade } from "../../../src/auth/authentication.ts";
import { issueTicket } from "../../../src/auth/tickets.ts";
import { ThreadId } from "../../../src/protocol/ids.ts";
import { ada, authorityBy, StandingClock, secret, sessionId } from "./forge.ts";

const authority = authorityBy(secret, new StandingClock());
const issuers = { tokenOfProxy: () => null, isOfOne: () => false, verify: () => Promise.reject() };
const asked: string[] = [];
const apiKeys = {
  async authenticate(key: string) {
    asked.push(key);
    return principal;
  },
};
const authorities = { tokens: authority, apiKeys, issuers };
const token = await issueAccessToken(ada, sessionId, authority);
const bearer = { authorization: `Bearer ${token}` };
const principal = await authenticateRequest(request("/api/auth/me", bearer), authorities);
const threadId = ThreadId.parse("thread-1");
const { ticket } = await issueTicket(principal, threadId, authority);

function request(path: string, headers: HeadersInit = {}) {
  const url = `https://apex.test${path}`;
  return { method: "GET", url, headers: new Headers(headers), cookies: {} };
}

describe("an upgrade", () => {
  it("is refused where its ticket is for another thread", async () => {
    const other = ThreadId.parse("thread-2");

    await expect(
      authenticateUpgrade(request(`/ws?ticket=${ticket}`), other, authorities),
    ).rejects.toMatchObject({ code: "token_invalid" });
  });

  it("is refused where an access token comes as a ticket, or a ticket as an access token", async () => {
    const requests = [
      request(`/ws?ticket=${token}`),
      request("/ws", { authorization: `Bearer ${ticket}` }),
    ];

    for (const swapped of requests) {
      await expect(authenticateUpgrade(swapped, threadId, authorities)).rejects.toMatchObject({
        code: "token_invalid",
      });
    }
  });

  it("with a ticket tells which, and for which thread, so that it can be spent", async () => {
    const expected = { principal, ticket: { id: expect.any(String), threadId } };

    for (const asked of [threadId, null]) {
      expect(
        await authenticateUpgrade(request(`/ws?ticket=${ticket}`), asked, authorities),
      ).toEqual(expected);
    }
  });

  it("with a token needs no ticket", async () => {
    expect(await authenticateUpgrade(request("/ws", bearer), threadId, authorities)).toEqual({
      principal,
      ticket: null,
    });
  });
});

describe("a request", () => {
  it("is refused, not crashed on, where it has no credential", async () => {
    await expect(authenticateRequest(request("/"), authorities)).rejects.toMatchObject({
      code: "unauthenticated",
    });
  });

  it("speaks for its token's user, not for one that its headers name", async () => {
    const claimed = { ...bearer, "x-user-id": "user-eve", "x-apex-user": "user-eve" };

    expect((await authenticateRequest(request("/", claimed), authorities)).userId).toBe(ada.id);
  });

  it("is asked about where it brings an API key, whole, and never taken for an access token", async () => {
    const key = { authorization: "Bearer apx_key_1_2" };

    expect(await authenticateRequest(request("/", key), authorities)).toEqual(principal);
    expect((await authenticateUpgrade(request("/ws", key), null, authorities)).ticket).toBeNull();
    expect(asked).toEqual(["apx_key_1_2", "apx_key_1_2"]);
  });
});
