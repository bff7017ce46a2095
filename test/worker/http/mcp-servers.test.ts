/** Connected MCP servers over HTTP: connected, asked, changed and removed, each by its owner alone. */
import { env } from "cloudflare:workers";
import { exportJWK, generateKeyPair } from "jose";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { sealSecret } from "../../../src/auth/sealed-secret.ts";
import { keyRing } from "../../../src/auth/signing-keys.ts";
import type { BreakerStatus } from "../../../src/core/breaker.ts";
import { newId } from "../../../src/core/clock.ts";
import { connectedPart } from "../../../src/durable/breakers.ts";
import { BREAKERS_OBJECT_NAME } from "../../../src/durable/names.ts";
import { CircuitBreakers, Credentials } from "../../../src/protocol/api.ts";
import {
  McpClientConfigs,
  McpServerHealth,
  McpServers,
  McpStatus,
  McpTools,
} from "../../../src/protocol/mcp-servers.ts";
import { openDatabase } from "../../../src/store/database.ts";
import { MAX_MCP_SERVERS, McpServerRows } from "../../../src/store/mcp-servers.ts";
import { answerMcp, ECHO, type ScriptedTool } from "../../mcp-server/answer.ts";
import { ask, problemOf } from "./ask.ts";
import { somebody } from "./somebody.ts";

const ADDRESS = "https://mcp.example.com/mcp";
const SECRET = "a-secret-that-nobody-else-knows";

let tools: readonly ScriptedTool[];
let away: boolean;
let seen: { readonly url: string; readonly secret: string | null }[];

beforeEach(() => {
  tools = [ECHO];
  away = false;
  seen = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    seen.push({ url: request.url, secret: request.headers.get("authorization") });
    if (away) throw new Error("Nobody is there.");
    const told = request.method === "POST" ? answerMcp(await request.json(), tools) : null;
    return told === null ? new Response(null, { status: 202 }) : Response.json(told);
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** The setting while the keys change, when the older one only verifies, and after that. */
const KEYS = JSON.stringify([
  {
    ...(await exportJWK((await generateKeyPair("EdDSA", { extractable: true })).privateKey)),
    alg: "EdDSA",
    kid: "newer",
  },
]);
const ROTATING = { JWT_SIGNING_KEYS: KEYS };
const ROTATED = { JWT_SIGNING_KEYS: KEYS, JWT_SECRET: "" };

async function signedIn(email: string, bindings: object): Promise<Credentials> {
  const response = await ask("/api/auth/dev-login", { body: { email }, bindings });
  return Credentials.parse(await response.json());
}

function post(owner: Credentials, more: object = {}): Promise<Response> {
  const body = { name: "files", url: ADDRESS, ...more };
  return ask("/api/mcp/servers", { token: owner.access_token, body });
}

async function connected(owner: Credentials, more: object = {}): Promise<McpServerHealth> {
  const response = await post(owner, more);
  expect(response.status).toBe(201);
  return McpServerHealth.parse(await response.json());
}

const get = (owner: Credentials, path: string) => ask(path, { token: owner.access_token });
const at = (owner: Credentials, id: string, method: string, body?: unknown) =>
  ask(`/api/mcp/servers/${id}`, { method, token: owner.access_token, body });

async function toolsOf(owner: Credentials) {
  return McpTools.parse(await (await get(owner, "/api/mcp/tools")).json()).data;
}

describe("connecting a server is refused", () => {
  it.each([
    "http://mcp.example.com/mcp",
    "https://127.0.0.2/mcp",
    "https://169.254.169.254/mcp",
    "https://[::ffff:10.0.0.1]/mcp",
    "https://mcp.internal/mcp",
    "https://user:word@mcp.example.com/mcp",
    "no address",
  ])("at %s, which is not asked", async (url) => {
    const problem = await problemOf(await post(await somebody(), { url }));
    expect(problem).toMatchObject({ status: 422, code: "invalid_fields" });
    expect(problem.errors).toMatchObject([{ field: "url" }]);
    expect(seen).toEqual([]);
  });

  it.each([
    ["a name with more than letters and digits", { name: "my_files" }],
    ["a secret that no header holds", { secret: "two\r\nlines" }],
    ["a field that is not known", { token: "x" }],
  ])("with %s", async (_name, more) => {
    expect(await problemOf(await post(await somebody(), more))).toMatchObject({ status: 422 });
    expect(seen).toEqual([]);
  });

  it("under a name that is taken, and past the most servers, also at once", async () => {
    const owner = await somebody();
    await connected(owner);
    expect(await problemOf(await post(owner))).toMatchObject({
      code: "invalid_fields",
      errors: [{ field: "name" }],
    });
    const names = Array.from({ length: MAX_MCP_SERVERS + 2 }, (_, index) => `s${index}`);
    const answers = await Promise.all(names.map((name) => post(owner, { name })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(MAX_MCP_SERVERS - 1);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(3);
  });
});

describe("a connected server", () => {
  it("is asked at once what it can do, and shown its secret, which nobody else is", async () => {
    const owner = await somebody();
    const server = await connected(owner, { secret: SECRET });
    expect(server).toMatchObject({
      name: "files",
      url: ADDRESS,
      has_secret: true,
      enabled: true,
      health: "healthy",
      breaker: "closed",
      tool_count: 1,
      problem: null,
      known_problem: null,
    });
    expect(new Set(seen.map(({ secret }) => secret))).toEqual(new Set([`Bearer ${SECRET}`]));
    const listed = await (await get(owner, "/api/mcp/servers")).text();
    expect(McpServers.parse(JSON.parse(listed)).data).toEqual([server]);
    const [row] = await new McpServerRows(openDatabase(env.DB), owner.user.id).list();
    expect(row?.secret).toMatch(/^v1\./);
    const exported = await (await get(owner, "/api/account/export")).text();
    expect(exported).toContain('"kind":"mcp_server"');
    for (const text of [listed, exported, JSON.stringify(row)]) expect(text).not.toContain(SECRET);
  });

  it("that nobody reaches is kept, and told to fail; asked again it is well", async () => {
    away = true;
    const owner = await somebody();
    const { id, health, problem, known_problem } = await connected(owner);
    expect({ health, problem, known_problem }).toEqual({
      health: "failing",
      problem: "It could not be reached, or does not speak MCP.",
      known_problem: { code: "unreachable", named: null },
    });
    away = false;
    const checked = await at(owner, `${id}/check`, "POST");
    expect(await checked.json()).toMatchObject({ health: "healthy", tool_count: 1 });
  });

  it("is its owner's alone", async () => {
    const [owner, stranger] = [await somebody(), await somebody()];
    const { id } = await connected(owner);
    const before = seen.length;
    expect((await at(stranger, id, "GET")).status).toBe(404);
    expect((await at(stranger, id, "PATCH", { enabled: false })).status).toBe(404);
    expect((await at(stranger, id, "PATCH", { url: "https://evil.example.com/" })).status).toBe(
      404,
    );
    expect((await at(stranger, id, "DELETE")).status).toBe(404);
    expect((await at(stranger, `${id}/check`, "POST")).status).toBe(404);
    expect(await toolsOf(stranger)).toEqual([]);
    expect(await (await at(owner, id, "GET")).json()).toMatchObject({ enabled: true });
    expect(seen).toHaveLength(before);
  });

  it("at another address is another server: its secret and approvals are forgotten", async () => {
    const owner = await somebody();
    const { id } = await connected(owner, { secret: SECRET });
    const rows = new McpServerRows(openDatabase(env.DB), owner.user.id);
    const [tool] = await rows.tools();
    await rows.approve(id, "echo", tool?.fingerprint ?? "");
    expect(await toolsOf(owner)).toMatchObject([{ name: "mcp_files_echo", approved: true }]);
    seen = [];
    const moved = await at(owner, id, "PATCH", { url: "https://other.example.com/mcp" });
    expect(await moved.json()).toMatchObject({ has_secret: false, tool_count: 1 });
    expect(new Set(seen.map(({ secret }) => secret))).toEqual(new Set([null]));
    expect(await toolsOf(owner)).toMatchObject([{ approved: false }]);
    tools = Array.from({ length: 65 }, (_, n) => ({ ...ECHO, name: `tool${n}` }));
    const full = await at(owner, `${id}/check`, "POST");
    expect(await full.json()).toMatchObject({ left_out: 1 });
    away = true;
    const gone = await at(owner, id, "PATCH", { url: "https://gone.example.com/mcp" });
    expect(await gone.json()).toMatchObject({ tool_count: 0, left_out: 0 });
  });

  it("keeps its secret past the removal of the key that sealed it, once it was asked", async () => {
    const email = `${newId()}@example.com`;
    const owner = await signedIn(email, {});
    const { id } = await connected(owner, { secret: SECRET });
    const check = (who: Credentials, bindings: object) =>
      ask(`/api/mcp/servers/${id}/check`, { method: "POST", token: who.access_token, bindings });
    expect((await check(owner, ROTATING)).status).toBe(200);
    seen = [];
    const later = await signedIn(email, ROTATED);
    expect(await (await check(later, ROTATED)).json()).toMatchObject({ problem: null });
    expect(new Set(seen.map(({ secret }) => secret))).toEqual(new Set([`Bearer ${SECRET}`]));
  });

  it("is not asked as nobody where no key opens its secret, which is told", async () => {
    const owner = await somebody();
    const { id } = await connected(owner);
    const ring = keyRing({ jwtSecret: "a-key-that-was-removed-long-ago-----", signingKeys: [] });
    const rows = new McpServerRows(openDatabase(env.DB), owner.user.id);
    await rows.change(id, { secret: await sealSecret(ring, SECRET, id) }, new Date().toISOString());
    seen = [];
    const checked = await at(owner, `${id}/check`, "POST");
    expect(await checked.json()).toMatchObject({
      has_secret: true,
      health: "failing",
      problem: expect.stringContaining("must be set again"),
    });
    expect(seen).toEqual([]);
  });

  it("whose tools change has them approved anew, and those it lost are gone", async () => {
    const owner = await somebody();
    tools = [ECHO, { ...ECHO, name: "other" }];
    const { id } = await connected(owner);
    const rows = new McpServerRows(openDatabase(env.DB), owner.user.id);
    for (const { tool, fingerprint } of await rows.tools())
      await rows.approve(id, tool, fingerprint);
    tools = [{ ...ECHO, description: "Now something else." }];
    await at(owner, `${id}/check`, "POST");
    expect(await toolsOf(owner)).toMatchObject([
      { tool: "echo", description: "Now something else.", approved: false },
    ]);
    tools = [ECHO];
    await at(owner, `${id}/check`, "POST");
    expect(await toolsOf(owner)).toMatchObject([{ tool: "echo", approved: true }]);
  });

  it("is changed, counted and removed, and the audit log has it", async () => {
    const owner = await somebody();
    const { id } = await connected(owner);
    const off = await at(owner, id, "PATCH", { enabled: false, secret: SECRET });
    expect(await off.json()).toMatchObject({ enabled: false, has_secret: true });
    const status = McpStatus.parse(await (await get(owner, "/api/mcp/status")).json());
    expect(status).toEqual({
      servers: { total: 1, enabled: 0, healthy: 1, failing: 0, unchecked: 0 },
      tools: { total: 1, approved: 0 },
      endpoint: "https://apex.test/mcp",
    });
    expect((await at(owner, id, "DELETE")).status).toBe(204);
    expect((await at(owner, id, "GET")).status).toBe(404);
    expect(await toolsOf(owner)).toEqual([]);
    const log = await (await get(owner, "/api/account/audit")).text();
    for (const deed of ["connected", "changed", "removed"]) {
      expect(log).toContain(`mcp_server_${deed}`);
    }
  });

  it("stands among its owner's breakers, and in nobody else's view", async () => {
    const [owner, stranger] = [await somebody(), await somebody()];
    const { id } = await connected(owner);
    const now = Date.now();
    const opened: BreakerStatus = {
      state: "open",
      since: now,
      failuresInRow: 3,
      nextProbeAt: now + 60_000,
    };
    const part = connectedPart(id);
    const report = { part, instance: "a", version: 1, status: opened, at: now };
    await env.BREAKERS.getByName(BREAKERS_OBJECT_NAME).report(report);
    const view = async (who: Credentials) =>
      CircuitBreakers.parse(await (await get(who, "/api/circuit-breakers")).json()).data;
    expect((await view(owner)).find((each) => each.part === part)).toMatchObject({ state: "open" });
    expect((await view(stranger)).map((each) => each.part)).toEqual([
      "model",
      "analytics",
      "history",
    ]);
    expect(await (await at(owner, id, "GET")).json()).toMatchObject({ breaker: "open" });
  });
});

it("tells clients how to reach us, with a place for the key and none in it", async () => {
  const owner = await somebody();
  const answer = await get(owner, "/api/mcp/config");
  const text = await answer.text();
  const { endpoint, data } = McpClientConfigs.parse(JSON.parse(text));
  expect(endpoint).toBe("https://apex.test/mcp");
  expect(data.map(({ client }) => client)).toEqual([
    "claude-code",
    "claude-desktop",
    "cursor",
    "vscode",
    "gemini-cli",
    "codex",
  ]);
  for (const { config } of data) expect(JSON.stringify(config)).toContain(endpoint);
  expect(text).not.toContain(owner.access_token);
});
