/** A visit to a server, over real HTTP: what is asked of it, and what becomes of one that misbehaves. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { McpFailure } from "../../../src/mcp/failure.ts";
import { problemIn } from "../../../src/mcp/problems.ts";
import { type SessionPorts, visit } from "../../../src/mcp/session.ts";
import {
  type Misbehaviour,
  type ScriptedMcpServer,
  startMcpServer,
} from "../../mcp-server/main.ts";

let server: ScriptedMcpServer;
let asked: string[];
let ports: SessionPorts;

beforeEach(async () => {
  server = await startMcpServer();
  asked = [];
  ports = {
    fetch: (request) => {
      asked.push(request.url);
      return fetch(request);
    },
    isDevelopment: true,
    listMs: 20_000,
    callMs: 300,
  };
});

afterEach(() => server.close());

function call(
  url = server.url,
  signal = new AbortController().signal,
  secret: string | null = null,
) {
  return visit({ url, secret, signIn: null }, ports, signal, async (session) => {
    await session.listTools();
    return await session.callTool("echo", { message: "hello" });
  });
}

async function failureOf(promise: Promise<unknown>): Promise<McpFailure> {
  const error: unknown = await promise.catch((thrown: unknown) => thrown);
  if (!(error instanceof McpFailure)) throw new Error(`There was no failure but ${error}`);
  // Whatever is wrong is named for programs as well.
  expect(problemIn(error.message)).not.toBeNull();
  return error;
}

describe("A server that misbehaves in a call", () => {
  test.each<[string, Misbehaviour, string, boolean]>([
    ["hangs", { kind: "hangs" }, "did not answer within", false],
    ["hangs in its body", { kind: "hangs_in_body" }, "did not answer within", false],
    ["claims 100 MB", { kind: "lies", length: 100 * 1024 * 1024 }, "more than 1024 KiB", false],
    ["sends less than it says", { kind: "lies", length: 5_000 }, "could not be reached", false],
    ["sends more than it says", { kind: "lies", length: 5 }, "could not be reached", false],
    ["sends no MCP", { kind: "html" }, "does not speak MCP", false],
    ["sends half of its JSON", { kind: "torn" }, "does not speak MCP", false],
    ["breaks down", { kind: "status", status: 500 }, "answered with status 500", false],
    ["refuses the secret", { kind: "status", status: 401 }, "refuses the secret", true],
  ])("because it %s is told of in words", async (_name, misbehaviour, reason, alive) => {
    server.misbehaves.set("tools/call", misbehaviour);
    const failure = await failureOf(call());
    expect(failure.message).toContain(reason);
    expect(failure.alive).toBe(alive);
  });

  test("by 100 MB is left after the first of them", async () => {
    server.misbehaves.set("tools/call", { kind: "endless" });
    expect((await failureOf(call())).message).toContain("more than 1024 KiB");
    await expect.poll(() => server.seen.length).toBeGreaterThan(0);
    expect(server.sent).toBeLessThan(50 * 1024 * 1024);
  });

  test.each([
    "http://169.254.169.254/latest/meta-data",
    "http://127.0.0.1:1/",
    "https://example.com/",
  ])("by a redirect to %s is not followed", async (to) => {
    server.misbehaves.set("tools/call", { kind: "redirects", to });
    expect((await failureOf(call())).message).toContain("not followed");
    expect(new Set(asked)).toEqual(new Set([server.url]));
  });
});

describe("An address", () => {
  test.each([
    "http://example.com/mcp",
    "https://10.0.0.1/mcp",
    "https://[fd00::1]/mcp",
    "https://metadata.internal/mcp",
    "https://example.com:8443/mcp",
    "file:///etc/passwd",
  ])("as %s is not asked", async (url) => {
    const failure = await failureOf(call(url));
    expect(failure.message).toMatch(/^The server's address must/);
    expect(asked).toEqual([]);
  });

  test("of this machine is asked in development alone", async () => {
    ports = { ...ports, isDevelopment: false };
    expect((await failureOf(call())).message).toContain("must be https");
    expect(asked).toEqual([]);
  });

  test("at which nobody is fails", async () => {
    await server.close();
    expect((await failureOf(call())).message).toContain("could not be reached");
  });
});

test("A server that refuses by the protocol's own error is alive, and quoted", async () => {
  const unknown = visit(
    { url: server.url, secret: null, signIn: null },
    ports,
    new AbortController().signal,
    async (session) => {
      server.misbehaves.set("tools/call", { kind: "refuses", message: "Bad \u202e name" });
      return await session.callTool("echo", {});
    },
  );
  const failure = await failureOf(unknown);
  expect(failure.message).toBe("It refused: Bad   name");
  expect(failure.alive).toBe(true);
});

test("A visit whose signal aborts ends with its reason", async () => {
  server.misbehaves.set("tools/call", { kind: "hangs" });
  const stop = new AbortController();
  ports = { ...ports, callMs: 20_000 };
  const visited = call(server.url, stop.signal);
  const ended = expect(visited).rejects.toThrow("enough");
  await expect.poll(() => server.seen.at(-1)?.method).toBe("tools/call");
  stop.abort(new Error("enough"));
  await ended;
});

test("A visit shows its secret, and gives what the server says", async () => {
  const result = await call(server.url, new AbortController().signal, "s3cret");
  expect(result).toMatchObject({ content: [{ type: "text", text: '{"message":"hello"}' }] });
  expect(new Set(server.seen.map(({ secret }) => secret))).toEqual(new Set(["Bearer s3cret"]));
  expect(server.seen.map(({ method }) => method)).toEqual([
    "server/discover",
    "initialize",
    "notifications/initialized",
    "tools/list",
    "tools/call",
  ]);
});

test("A visit in a trace names that in each of its requests, and nothing else of it", async () => {
  const trace = { traceId: "a".repeat(32), spanId: "b".repeat(16), sampled: false, state: "v=1" };
  const { signal } = new AbortController();
  await visit({ url: server.url, secret: null, signIn: null, trace }, ports, signal, (it) =>
    it.listTools(),
  );
  const told = new Set(server.seen.map(({ traceparent }) => traceparent));
  expect(told).toEqual(new Set([`00-${trace.traceId}-${trace.spanId}-00`]));
});
