/** Tickets: for one thread, for half a minute, and for nothing else. */
import { beforeEach, describe, expect, it } from "vitest";
import { issueAccessToken, verifyAccessToken } from "../../../src/auth/access-tokens.ts";
import type { Principal } from "../../../src/auth/principal.ts";
import type { TokenAuthority } from "../../../src/auth/signed-tokens.ts";
import { issueTicket, verifyTicket } from "../../../src/auth/tickets.ts";
import { ThreadId } from "../../../src/protocol/ids.ts";
import { ada, authorityBy, forge, genuine, StandingClock, secret, sessionId } from "./forge.ts";

const threadId = ThreadId.parse("thread-1");
let clock: StandingClock;
let authority: TokenAuthority;
let accessToken: string;
let principal: Principal;

beforeEach(async () => {
  clock = new StandingClock();
  authority = authorityBy(secret, clock);
  accessToken = await issueAccessToken(ada, sessionId, authority);
  principal = await verifyAccessToken(accessToken, authority);
});

describe("a ticket", () => {
  it("is not valid where it is an access token, or names no thread", async () => {
    const typ = "ticket+jwt";
    const aud = "apex-edge:thread-socket";
    const threadless = forge(
      { ...genuine.header, typ },
      { ...genuine.claims, aud, token_exp: genuine.claims.exp },
    );

    for (const token of [accessToken, threadless]) {
      await expect(verifyTicket(token, authority)).rejects.toMatchObject({
        code: "token_invalid",
      });
    }
  });

  it("expires after 30 seconds, with five of grace", async () => {
    const { ticket, expires_in } = await issueTicket(principal, threadId, authority);
    expect(expires_in).toBe(30);

    clock.advance(34);
    await expect(verifyTicket(ticket, authority)).resolves.toMatchObject({ threadId });

    clock.advance(1);
    await expect(verifyTicket(ticket, authority)).rejects.toMatchObject({
      code: "token_expired",
    });
  });

  it("carries the thread, and the principal with the expiry of its access token", async () => {
    clock.advance(60);
    const { ticket } = await issueTicket(principal, threadId, authority);

    expect(await verifyTicket(ticket, authority)).toEqual({
      id: expect.any(String),
      threadId,
      principal,
    });
  });

  it("has an id of its own, so that each can be spent once", async () => {
    const issue = async () => {
      const { ticket } = await issueTicket(principal, threadId, authority);
      return (await verifyTicket(ticket, authority)).id;
    };

    expect(await issue()).not.toBe(await issue());
  });
});
