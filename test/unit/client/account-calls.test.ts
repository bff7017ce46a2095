/** The calls about an account, its team, servers and webhooks: what is asked, and what is believed. */
import { beforeEach, describe, expect, test } from "vitest";
import { ApexClient } from "../../../src/client/apex-client.ts";
import { memoryStore } from "../../../src/client/session.ts";
import {
  AccountLimits,
  ApiKey,
  CreatedApiKey,
  DeletionReceipt,
  Sessions,
} from "../../../src/protocol/account.ts";
import { Budget, Ledger } from "../../../src/protocol/budget.ts";
import { ApiKeyId, McpServerId, SessionId, UserId, WebhookId } from "../../../src/protocol/ids.ts";
import {
  McpClientConfigs,
  McpServerHealth,
  McpStatus,
  McpTools,
} from "../../../src/protocol/mcp-servers.ts";
import { Invitation, Members, Organization } from "../../../src/protocol/organization.ts";
import { Preferences } from "../../../src/protocol/preferences.ts";
import { CreatedWebhook, WebhookDelivery } from "../../../src/protocol/webhooks.ts";
import { AT, problem, USAGE, USER } from "./frames.ts";
import { ScriptedServer } from "./scripted-server.ts";

let server: ScriptedServer;
let client: ApexClient;
const store = memoryStore();

beforeEach(async () => {
  server = new ScriptedServer();
  client = new ApexClient({ baseUrl: "http://server.test", store, fetch: server.fetch });
  await client.devLogin({ email: USER.email });
});

/** Answers a route with a body, or with nothing (204). */
function answer(route: string, body?: unknown, status = body === undefined ? 204 : 200): void {
  server.routes.set(route, () => ({ status, body }));
}

const session = {
  id: "s1",
  method: "password",
  address: null,
  user_agent: null,
  current: true,
  created_at: AT,
  last_used_at: AT,
  expires_at: AT,
};
const key = ApiKey.parse({
  id: "k1",
  name: "Nightly",
  start: "apx_1",
  scopes: ["threads:read"],
  created_at: AT,
  expires_at: AT,
  last_used_at: null,
  revoked_at: null,
});
const organization = Organization.parse({
  id: "o1",
  name: "Blue",
  tier: "free",
  role: "admin",
  created_at: AT,
});
const mcpServer = McpServerHealth.parse({
  id: "m1",
  name: "wiki",
  url: "https://mcp.example.com/mcp",
  has_secret: false,
  enabled: true,
  created_at: AT,
  updated_at: AT,
  checked_at: AT,
  problem: null,
  tool_count: 2,
  left_out: 0,
  sign_in: "none",
  signs_in_at: null,
  known_problem: null,
  health: "healthy",
  breaker: "closed",
});
const webhook = {
  id: "w1",
  url: "https://example.com/hook",
  events: ["run.finished"],
  created_at: AT,
};
const delivery = WebhookDelivery.parse({
  id: "msg_1",
  webhook_id: "w1",
  type: "webhook.test",
  status: "delivered",
  attempts: 1,
  last_status: 204,
  last_error: null,
  created_at: AT,
  updated_at: AT,
});
const sums = {
  runs: 1,
  estimated_runs: 0,
  unpriced_runs: 0,
  input_tokens: 1,
  cached_input_tokens: 0,
  output_tokens: 1,
  reasoning_tokens: 0,
  model_calls: 1,
  cost_usd: 0.5,
};

const ids = {
  session: SessionId.parse("s 1"),
  key: ApiKeyId.parse("k1"),
  user: UserId.parse("u1"),
  server: McpServerId.parse("m1"),
  webhook: WebhookId.parse("w1"),
};

/** Each call, the request it makes, and what the server says to it. */
const CALLS: readonly [string, (client: ApexClient) => Promise<unknown>, string, unknown][] = [
  [
    "sessions.list",
    (c) => c.sessions.list(),
    "GET /api/sessions",
    Sessions.parse({ data: [session] }),
  ],
  ["sessions.end", (c) => c.sessions.end(ids.session), "DELETE /api/sessions/s%201", undefined],
  ["sessions.endOthers", (c) => c.sessions.endOthers(), "DELETE /api/sessions", undefined],
  ["keys.list", (c) => c.keys.list(), "GET /api/keys", { data: [key] }],
  [
    "keys.create",
    (c) => c.keys.create({ name: "Nightly", scopes: ["threads:read"], expires_in_days: 7 }),
    "POST /api/keys",
    CreatedApiKey.parse({ ...key, key: "apx_1_secret" }),
  ],
  ["keys.revoke", (c) => c.keys.revoke(ids.key), "DELETE /api/keys/k1", undefined],
  ["profile.rename", (c) => c.profile.rename({ name: "Ada" }), "PATCH /api/auth/me", USER],
  [
    "profile.preferences",
    (c) => c.profile.preferences(),
    "GET /api/me/preferences",
    Preferences.parse({}),
  ],
  [
    "profile.prefer",
    (c) => c.profile.prefer({ theme: "dark" }),
    "PATCH /api/me/preferences",
    Preferences.parse({ theme: "dark" }),
  ],
  [
    "profile.changePassword",
    (c) => c.profile.changePassword({ current_password: "a", new_password: "b" }),
    "POST /api/account/password",
    undefined,
  ],
  [
    "limits.get",
    (c) => c.limits.get(),
    "GET /api/account/limits",
    AccountLimits.parse({
      tier: "free",
      limits: [
        { name: "usd", limit: 5, used: 1, remaining: 4, window_seconds: 86_400, resets_at: AT },
      ],
    }),
  ],
  [
    "budget.get",
    (c) => c.budget.get(),
    "GET /api/account/budget",
    Budget.parse({
      monthly_usd: null,
      spent_usd: 1,
      remaining_usd: null,
      period: "2026-11",
      resets_at: AT,
    }),
  ],
  [
    "budget.set",
    (c) => c.budget.set({ monthly_usd: 9 }),
    "PUT /api/account/budget",
    Budget.parse({
      monthly_usd: 9,
      spent_usd: 1,
      remaining_usd: 8,
      period: "2026-11",
      resets_at: AT,
    }),
  ],
  [
    "budget.ledger",
    (c) => c.budget.ledger(),
    "GET /api/account/ledger",
    Ledger.parse({
      data: [
        {
          run_id: "t.1",
          thread_id: "t",
          status: "completed",
          agent: null,
          model: "demo",
          usage: USAGE,
          ended_at: AT,
        },
      ],
      next_cursor: null,
      days: [{ ...sums, day: "2026-11-21" }],
      total: sums,
    }),
  ],
  ["team.get", (c) => c.team.get(), "GET /api/organization", organization],
  ["team.create", (c) => c.team.create({ name: "Blue" }), "POST /api/organization", organization],
  ["team.delete", (c) => c.team.delete(), "DELETE /api/organization", undefined],
  [
    "team.members",
    (c) => c.team.members(),
    "GET /api/organization/members",
    Members.parse({ data: [{ user_id: "u1", email: "a@b.c", name: "A", role: "member" }] }),
  ],
  [
    "team.changeRole",
    (c) => c.team.changeRole(ids.user, { role: "admin" }),
    "PATCH /api/organization/members/u1",
    undefined,
  ],
  ["team.remove", (c) => c.team.remove(ids.user), "DELETE /api/organization/members/u1", undefined],
  [
    "team.invite",
    (c) => c.team.invite({ email: "a@b.c", role: "member" }),
    "POST /api/organization/invitations",
    Invitation.parse({ token: "inv_1", email: "a@b.c", role: "member", expires_at: AT }),
  ],
  [
    "team.accept",
    (c) => c.team.accept({ token: "inv_1" }),
    "POST /api/organization/invitations/accept",
    organization,
  ],
  ["mcpServers.list", (c) => c.mcpServers.list(), "GET /api/mcp/servers", { data: [mcpServer] }],
  [
    "mcpServers.connect",
    (c) => c.mcpServers.connect({ name: "wiki", url: "https://x", secret: null, enabled: true }),
    "POST /api/mcp/servers",
    mcpServer,
  ],
  ["mcpServers.get", (c) => c.mcpServers.get(ids.server), "GET /api/mcp/servers/m1", mcpServer],
  [
    "mcpServers.change",
    (c) => c.mcpServers.change(ids.server, { enabled: false }),
    "PATCH /api/mcp/servers/m1",
    mcpServer,
  ],
  [
    "mcpServers.remove",
    (c) => c.mcpServers.remove(ids.server),
    "DELETE /api/mcp/servers/m1",
    undefined,
  ],
  [
    "mcpServers.check",
    (c) => c.mcpServers.check(ids.server),
    "POST /api/mcp/servers/m1/check",
    mcpServer,
  ],
  [
    "mcpServers.signIn",
    (c) => c.mcpServers.signIn(ids.server),
    "POST /api/mcp/servers/m1/sign-in",
    { authorization_url: "https://auth.example.com/authorize" },
  ],
  [
    "mcpServers.signOut",
    (c) => c.mcpServers.signOut(ids.server),
    "DELETE /api/mcp/servers/m1/sign-in",
    mcpServer,
  ],
  [
    "mcpServers.tools",
    (c) => c.mcpServers.tools(),
    "GET /api/mcp/tools",
    McpTools.parse({
      data: [
        {
          server_id: "m1",
          server: "wiki",
          tool: "find",
          name: "mcp_wiki_find",
          description: "Finds.",
          parameters: { type: "object" },
          approved: false,
        },
      ],
    }),
  ],
  [
    "mcpServers.status",
    (c) => c.mcpServers.status(),
    "GET /api/mcp/status",
    McpStatus.parse({
      servers: { total: 1, enabled: 1, healthy: 1, failing: 0, unchecked: 0 },
      tools: { total: 2, approved: 0 },
      endpoint: "https://x/mcp",
    }),
  ],
  [
    "mcpServers.clientConfigs",
    (c) => c.mcpServers.clientConfigs(),
    "GET /api/mcp/config",
    McpClientConfigs.parse({
      endpoint: "https://x/mcp",
      data: [{ client: "cli", title: "CLI", file: null, config: "run it" }],
    }),
  ],
  ["webhooks.list", (c) => c.webhooks.list(), "GET /api/webhooks", { data: [webhook] }],
  [
    "webhooks.create",
    (c) => c.webhooks.create({ url: "https://x", events: ["run.finished"] }),
    "POST /api/webhooks",
    CreatedWebhook.parse({ ...webhook, secret: "whsec_1" }),
  ],
  ["webhooks.delete", (c) => c.webhooks.delete(ids.webhook), "DELETE /api/webhooks/w1", undefined],
  [
    "webhooks.deliveries",
    (c) => c.webhooks.deliveries(ids.webhook),
    "GET /api/webhooks/w1/deliveries",
    { data: [delivery] },
  ],
  ["webhooks.test", (c) => c.webhooks.test(ids.webhook), "POST /api/webhooks/w1/test", delivery],
  [
    "webhooks.replay",
    (c) => c.webhooks.replay(ids.webhook, "msg_1"),
    "POST /api/webhooks/w1/deliveries/msg_1/replay",
    delivery,
  ],
];

describe.each(CALLS)("client.%s", (_name, call, route, body) => {
  test("does not believe an answer of another form", async () => {
    answer(route, { unexpected: true }, 200);
    await expect(call(client)).rejects.toMatchObject({ code: "internal" });
  });

  test("gives what the server says", async () => {
    answer(route, body);
    expect(await call(client)).toEqual(body);
    expect(server.count(route)).toBe(1);
  });
});

test("a wrong password is told as it is: the token beside it is not renewed for it", async () => {
  answer("POST /api/account/password", problem("credentials_invalid", 401), 401);
  const change = client.profile.changePassword({ current_password: "x", new_password: "y" });
  await expect(change).rejects.toMatchObject({ code: "credentials_invalid" });
  expect(server.count("POST /api/account/password")).toBe(1);
  expect(server.count("POST /api/auth/refresh")).toBe(0);
});

test("fresh tokens are to be had at once, with who one is now", async () => {
  await client.refresh();
  expect(await store.load()).toMatchObject({ refresh_token: "refresh-2" });
});

describe("the end of an account", () => {
  const receipt = DeletionReceipt.parse({
    deleted_at: AT,
    complete: true,
    deleted: { threads: 2 },
    left: {},
  });

  test("that is refused leaves one signed in", async () => {
    answer("DELETE /api/account", problem("invalid_fields", 422), 422);
    await expect(client.account.delete({ email: "x" })).rejects.toMatchObject({
      code: "invalid_fields",
    });
    expect(await store.load()).not.toBeNull();
  });

  test("is told, and nobody is signed in here any more", async () => {
    answer("DELETE /api/account", receipt);
    expect(await client.account.delete({ email: USER.email })).toEqual(receipt);
    expect(server.requests.at(-1)?.body).toEqual({ email: USER.email });
    expect(await store.load()).toBeNull();
  });
});

test("an export comes as it is sent, line by line", async () => {
  const lines = new Blob(['{"kind":"end","lines":1}\n']).stream();
  server.routes.set("GET /api/account/export", () => ({ status: 200, body: lines }));
  const exported = await client.account.export(new AbortController().signal);
  expect(await new Response(exported).text()).toBe('{"kind":"end","lines":1}\n');
});
