/** What MCP comes to here: the tools of connected servers, how they are in all, and how clients reach us. */
import type { Context } from "hono";
import { McpClientConfigs, McpStatus, McpTool, McpTools } from "../../protocol/mcp-servers.ts";
import { defineRoute, requires } from "../define-route.ts";
import { jsonAnswer } from "../json.ts";
import { mcpClientConfigs } from "../mcp-client-configs.ts";
import { healthOf, serverRows } from "../mcp-health.ts";
import { problems } from "../problems.ts";
import { createRouter, type SignedInEnv } from "../router.ts";

const tags = ["MCP servers"];
const REFUSED = problems("unauthenticated", "token_invalid", "token_expired", "forbidden");

const tools = defineRoute({
  method: "get",
  path: "/api/mcp/tools",
  tags,
  ...requires("mcp:read"),
  summary: "What one's connected MCP servers can do",
  description: "As they last said it, those of disabled servers too. The words are theirs.",
  responses: {
    200: jsonAnswer(McpTools, "The tools, by server and name"),
    ...REFUSED,
    ...problems("unavailable"),
  },
});

const status = defineRoute({
  method: "get",
  path: "/api/mcp/status",
  tags,
  ...requires("mcp:read"),
  summary: "How one's connected MCP servers are in all",
  responses: {
    200: jsonAnswer(McpStatus, "Counts, and where MCP clients reach us"),
    ...REFUSED,
    ...problems("unavailable"),
  },
});

const config = defineRoute({
  method: "get",
  path: "/api/mcp/config",
  tags,
  ...requires("mcp:read"),
  summary: "How MCP clients are told of this server",
  description: "Ready to paste for each client, but for the API key, which none of them holds.",
  responses: {
    200: jsonAnswer(McpClientConfigs, "A configuration for each client"),
    ...REFUSED,
  },
});

/** @returns the routes of what MCP comes to. */
export function mcpCatalogRoutes() {
  const router = createRouter();
  router.openapi(tools, async (c) => {
    const rows = await serverRows(c).tools();
    return c.json({ data: rows.map((row) => McpTool.parse(row)) }, 200);
  });
  router.openapi(status, async (c) => {
    const [stored, known] = await Promise.all([serverRows(c).list(), serverRows(c).tools()]);
    const servers = await healthOf(c, stored);
    const count = (state: string) => servers.filter(({ health }) => health === state).length;
    return c.json(
      {
        servers: {
          total: servers.length,
          enabled: servers.filter(({ enabled }) => enabled).length,
          healthy: count("healthy"),
          failing: count("failing"),
          unchecked: count("unchecked"),
        },
        tools: { total: known.length, approved: known.filter(({ approved }) => approved).length },
        endpoint: endpointOf(c),
      },
      200,
    );
  });
  router.openapi(config, (c) => {
    const endpoint = endpointOf(c);
    return c.json({ endpoint, data: mcpClientConfigs(endpoint) }, 200);
  });
  return router;
}

function endpointOf(c: Context<SignedInEnv>): string {
  return new URL("/mcp", c.req.url).href;
}
