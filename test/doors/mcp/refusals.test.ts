/** What the MCP door refuses before anything is called, in JSON-RPC's shape and as problem details. */
import { describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { MAX_BODY_BYTES } from "../../../src/protocol/limits.ts";
import { newPerson } from "../../e2e/person.ts";

describe("refuses in JSON-RPC's shape, and as problem details,", () => {
  const ping = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });
  const json = {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
  };
  const Refusal = z.object({
    jsonrpc: z.literal("2.0"),
    id: z.null(),
    error: z.object({ code: z.number(), message: z.string() }),
    code: z.string(),
  });

  async function refused(body: string, headers: object, url = `${inject("demoUrl")}/mcp`) {
    const answer = await fetch(url, { method: "POST", body, headers: { ...json, ...headers } });
    const { error, code } = Refusal.parse(await answer.json());
    return { status: answer.status, code, rpc: error.code, headers: answer.headers };
  }

  async function signedIn() {
    const { credentials } = await newPerson(inject("demoUrl"));
    return { authorization: `Bearer ${credentials.access_token}` };
  }

  it("who is not signed in, and says where it is told how", async () => {
    const url = inject("demoUrl");
    const { status, code, headers } = await refused(ping, {});
    const wrong = await refused(ping, { authorization: "Bearer apx_key_wrong" });
    const told = /resource_metadata="([^"]+)"/.exec(headers.get("www-authenticate") ?? "")?.[1];
    const metadata = await (await fetch(told ?? "")).json();
    const short = await (await fetch(`${url}/.well-known/oauth-protected-resource`)).json();

    expect([status, code]).toEqual([401, "unauthenticated"]);
    expect([wrong.status, wrong.code]).toEqual([401, "token_invalid"]);
    expect(metadata).toMatchObject({
      resource: `${url}/mcp`,
      bearer_methods_supported: ["header"],
    });
    expect(short).toEqual(metadata);
  });

  it("a token in the address", async () => {
    const { authorization } = await signedIn();
    const url = `${inject("demoUrl")}/mcp?access_token=${authorization.slice(7)}`;

    expect((await refused(ping, {}, url)).status).toBe(401);
  });

  it("pages of other hosts, and of names that were made to mean this one", async () => {
    const origin = "https://evil.test";

    expect(await refused(ping, { ...(await signedIn()), origin })).toMatchObject({
      status: 403,
      code: "forbidden",
    });
  });

  it("what is not JSON, of another type, or too large", async () => {
    const headers = await signedIn();

    expect(await refused("{", headers)).toMatchObject({ status: 400, rpc: -32700 });
    expect(await refused(ping, { ...headers, "content-type": "text/plain" })).toMatchObject({
      status: 415,
      rpc: -32600,
    });
    expect(await refused(`"${"x".repeat(MAX_BODY_BYTES)}"`, headers)).toMatchObject({
      status: 413,
      rpc: -32600,
    });
  });

  it("what is JSON and no JSON-RPC", async () => {
    const headers = { ...json, ...(await signedIn()) };
    for (const body of [
      "[]",
      "7",
      "{}",
      '{"jsonrpc":"1.0","id":1,"method":"ping"}',
      `[${ping},{}]`,
    ]) {
      const url = `${inject("demoUrl")}/mcp`;
      const answer = await fetch(url, { method: "POST", body, headers });
      const told = z.object({ error: z.object({ code: z.number() }) }).parse(await answer.json());

      expect([body, answer.status]).toEqual([body, 400]);
      expect([-32700, -32600, -32602]).toContain(told.error.code);
    }
  });
});
