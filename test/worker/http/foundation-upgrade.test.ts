/** What a route that opens sockets stands on: whose page asks, and who is asking. */
import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { issueTicket } from "../../../src/auth/tickets.ts";
import { NO_SPAN } from "../../../src/core/trace.ts";
import { readConfig } from "../../../src/env.ts";
import { authorityOf, principalOf, principalOfUpgrade } from "../../../src/http/authenticate.ts";
import { assertAllowedOrigin } from "../../../src/http/origin.ts";
import { ThreadId } from "../../../src/protocol/ids.ts";
import { ORIGIN, signUp } from "./ask.ts";

const threadId = ThreadId.parse("thread-1");

function context(path: string, headers: Record<string, string>) {
  const raw = new Request(new URL(path, ORIGIN), { headers });
  const executionCtx = createExecutionContext();
  const header = () => undefined;
  const known = { requestId: "r", config: readConfig(env), span: NO_SPAN };
  return { req: { raw }, env, executionCtx, var: known, header };
}

const ALLOWED = ["https://app.example.com", "http://localhost:5173"];

describe("a page", () => {
  it.each([
    "https://evil.test",
    "https://apex.test.evil.test",
    "https://evil.test/apex.test",
    "https://apex.test:8443",
    "http://apex.test",
    "https://xn--apx-xna.test",
    "https://user@evil.test",
    "https://user@apex.test",
    "https://app.example.com.evil.test",
    "https://evil-app.example.com",
    "https://sub.app.example.com",
    "http://app.example.com",
    "https://app.example.com:8443",
    "https://app.example.com/",
    "https://APP.example.com",
    "https://app.example.com, https://evil.test",
    "http://localhost:51730",
    "null",
    "",
    "file://",
    "apex.test",
  ])("of the origin %j may open no socket", (origin) => {
    const { req } = context("/ws", { origin });

    expect(() => assertAllowedOrigin(req.raw, ALLOWED)).toThrow(
      expect.objectContaining({ code: "forbidden" }),
    );
  });

  it.each([ORIGIN, ...ALLOWED])("of the origin %j may", (origin) => {
    const { req } = context("/ws", { origin });

    expect(() => assertAllowedOrigin(req.raw, ALLOWED)).not.toThrow();
  });

  it("is not needed by a client that is no browser", () => {
    expect(() => assertAllowedOrigin(context("/ws", {}).req.raw, [])).not.toThrow();
  });
});

describe("an upgrade", () => {
  it("is refused without a token, and counted against its address", async () => {
    const asked = context("/ws", { "cf-connecting-ip": "203.0.113.7" });
    const keys: string[] = [];
    const limit = ({ key }: { key: string }) => {
      keys.push(key);
      return Promise.resolve({ success: true });
    };

    await expect(
      principalOfUpgrade({ ...asked, env: { ...env, REQUEST_LIMIT: { limit } } }, null),
    ).rejects.toMatchObject({ code: "unauthenticated" });
    expect(keys).toEqual(["address:203.0.113.7"]);
  });

  it("speaks for the same principal by header, by subprotocol and by ticket", async () => {
    const { access_token, user } = await signUp();
    const header = context("/ws", { authorization: `Bearer ${access_token}` });
    const subprotocol = context("/ws", { "sec-websocket-protocol": `jwt-auth.${access_token}` });
    const principal = await principalOf(header);
    const { ticket } = await issueTicket(principal, threadId, authorityOf(header));

    expect(principal.userId).toBe(user.id);
    expect(await principalOfUpgrade(header, threadId)).toEqual({ principal, ticket: null });
    expect(await principalOfUpgrade(subprotocol, threadId)).toEqual({ principal, ticket: null });
    expect(await principalOfUpgrade(context(`/ws?ticket=${ticket}`, {}), threadId)).toEqual({
      principal,
      ticket: { id: expect.any(String), threadId },
    });
  });
});
