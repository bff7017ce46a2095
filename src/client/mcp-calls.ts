/** The calls about MCP servers that one has connected, and about how MCP clients reach us. */
import type { McpServerId } from "../protocol/ids.ts";
import type {
  ChangeMcpServerBody,
  ConnectMcpServerBody,
  McpClientConfigs,
  McpProblem,
  McpServerHealth,
  McpServers,
  McpSignInStarted,
  McpStatus,
  McpTool,
  McpTools,
  SignInToMcpServerBody,
} from "../protocol/mcp-servers.ts";
import { type Ask, below } from "./ask.ts";
import {
  boolean,
  count,
  isObject,
  list,
  nullable,
  object,
  oneOf,
  present,
  text,
} from "./checks.ts";
import { isNothing } from "./http.ts";

const isServer = object<McpServerHealth>({
  id: text<McpServerId>,
  name: text,
  url: text,
  has_secret: boolean,
  enabled: boolean,
  created_at: text,
  updated_at: text,
  checked_at: nullable(text),
  problem: nullable(text),
  // A newer server may know more of them: its sentence is told then.
  known_problem: nullable(
    object<McpProblem>({ code: text<McpProblem["code"]>, named: nullable(text) }),
  ),
  tool_count: count,
  left_out: count,
  sign_in: oneOf({ none: 1, needed: 1, signed_in: 1, needed_again: 1 }),
  signs_in_at: nullable(text),
  health: oneOf({ unchecked: 1, healthy: 1, failing: 1 }),
  breaker: nullable(oneOf({ closed: 1, half_open: 1, open: 1 })),
});

const isServers = object<McpServers>({ data: list(isServer) });

const isStarted = object<McpSignInStarted>({ authorization_url: text });

const isTools = object<McpTools>({
  data: list(
    object<McpTool>({
      server_id: text<McpServerId>,
      server: text,
      tool: text,
      name: text,
      description: text,
      parameters: (value): value is McpTool["parameters"] => isObject(value),
      approved: boolean,
    }),
  ),
});

const isStatus = object<McpStatus>({
  servers: object<McpStatus["servers"]>({
    total: count,
    enabled: count,
    healthy: count,
    failing: count,
    unchecked: count,
  }),
  tools: object<McpStatus["tools"]>({ total: count, approved: count }),
  endpoint: text,
});

const isConfigs = object<McpClientConfigs>({
  endpoint: text,
  data: list(
    object<McpClientConfigs["data"][number]>({
      client: text,
      title: text,
      file: nullable(text),
      config: present,
    }),
  ),
});

export function mcpCalls(ask: Ask) {
  const path = "/api/mcp/servers";
  return {
    /** The user's MCP servers, each with its health. */
    list: (): Promise<McpServers> => ask(isServers, { method: "GET", path }),
    /** Connects a server and asks it at once for its tools; the answer says how that went. */
    connect: (body: ConnectMcpServerBody): Promise<McpServerHealth> =>
      ask(isServer, { method: "POST", path, body }),
    /** One server, with its health. */
    get: (id: McpServerId): Promise<McpServerHealth> =>
      ask(isServer, { method: "GET", path: below(path, id) }),
    /** Changes a server. A new address counts as a new server: its secret, tools and approvals are forgotten. */
    change: (id: McpServerId, body: ChangeMcpServerBody): Promise<McpServerHealth> =>
      ask(isServer, { method: "PATCH", path: below(path, id), body }),
    /** Removes a server, with its tools and approvals; its sign-in is revoked. */
    remove: (id: McpServerId): Promise<void> =>
      ask(isNothing, { method: "DELETE", path: below(path, id) }),
    /** Asks the server again for its tools; the answer says what is wrong with it, if anything. */
    check: (id: McpServerId): Promise<McpServerHealth> =>
      ask(isServer, { method: "POST", path: `${below(path, id)}/check` }),
    /**
     * Begins to sign in to a server by OAuth. The browser that asks is to go to `authorization_url`; it
     * comes back by itself. @throws ApexError `invalid_fields` where a `client_id` has to be given.
     */
    signIn: (id: McpServerId, body: SignInToMcpServerBody = {}): Promise<McpSignInStarted> =>
      ask(isStarted, { method: "POST", path: `${below(path, id)}/sign-in`, body }),
    /** Ends a sign-in: what it allowed is revoked where the server offers that, and forgotten. */
    signOut: (id: McpServerId): Promise<McpServerHealth> =>
      ask(isServer, { method: "DELETE", path: `${below(path, id)}/sign-in` }),
    /** What the connected servers can do, as they last said it. */
    tools: (): Promise<McpTools> => ask(isTools, { method: "GET", path: "/api/mcp/tools" }),
    /** How the servers are in all. */
    status: (): Promise<McpStatus> => ask(isStatus, { method: "GET", path: "/api/mcp/status" }),
    /** How MCP clients are told of this server, each in its own way. */
    clientConfigs: (): Promise<McpClientConfigs> =>
      ask(isConfigs, { method: "GET", path: "/api/mcp/config" }),
  };
}
