/** The routes of connected MCP servers: connect, check, change and remove them. */
import type { Context } from "hono";
import * as z from "zod";
import { sealSecret } from "../../auth/sealed-secret.ts";
import { keyRing } from "../../auth/signing-keys.ts";
import { newId, systemClock, timestamp } from "../../core/clock.ts";
import { ApexError } from "../../protocol/errors.ts";
import { McpServerId } from "../../protocol/ids.ts";
import {
  ChangeMcpServerBody,
  ConnectMcpServerBody,
  McpServerHealth,
  McpServers,
} from "../../protocol/mcp-servers.ts";
import { MAX_MCP_SERVERS } from "../../store/mcp-servers.ts";
import { connectedServersOf } from "../../thread/connected-servers.ts";
import { mcpSignInsOf } from "../../thread/mcp-sign-ins.ts";
import { readWebhookUrl } from "../../webhooks/webhook-url.ts";
import { audit } from "../audit.ts";
import { defineRoute, requires } from "../define-route.ts";
import { jsonAnswer, jsonBody } from "../json.ts";
import { healthOf, knownServer, serverRows, tellServer } from "../mcp-health.ts";
import { notFound, problems } from "../problems.ts";
import { createRouter, type SignedInEnv } from "../router.ts";

const tags = ["MCP servers"];
const params = z.object({ id: McpServerId });
const REFUSED = problems("unauthenticated", "token_invalid", "token_expired", "forbidden");
const BAD_BODY = problems("malformed_body", "unsupported_media_type", "invalid_fields");

const list = defineRoute({
  method: "get",
  path: "/api/mcp/servers",
  tags,
  ...requires("mcp:read"),
  summary: "One's connected MCP servers, by name, with how they are",
  responses: {
    200: jsonAnswer(McpServers, "The servers, without their secrets"),
    ...REFUSED,
    ...problems("unavailable"),
  },
});

const connect = defineRoute({
  method: "post",
  path: "/api/mcp/servers",
  tags,
  ...requires("mcp:write"),
  summary: "Connect an MCP server, whose tools agents may then call",
  description:
    "Over Streamable HTTP; it is asked at once what it can do, and the answer tells what came of that. Agents have its tools as `mcp_<name>_<tool>`. The first use of each has to be approved in the run, and again once the server describes it otherwise. The address is https, of a public host; redirects are not followed. A server is signed in to by a bearer token, given here, or by OAuth: `sign_in` tells that it asks for that.",
  request: { body: jsonBody(ConnectMcpServerBody) },
  responses: {
    201: jsonAnswer(McpServerHealth, "The server, with what came of asking it"),
    ...REFUSED,
    ...BAD_BODY,
    ...problems("quota_exceeded", "unavailable"),
  },
});

const read = defineRoute({
  method: "get",
  path: "/api/mcp/servers/{id}",
  tags,
  ...requires("mcp:read"),
  summary: "A connected MCP server, with how it is",
  request: { params },
  responses: {
    200: jsonAnswer(McpServerHealth, "The server, without its secret"),
    ...REFUSED,
    ...problems("not_found", "unavailable"),
  },
});

const change = defineRoute({
  method: "patch",
  path: "/api/mcp/servers/{id}",
  tags,
  ...requires("mcp:write"),
  summary: "Change a connected MCP server",
  description:
    "What is left out stays. Another address is another server: the secret, the sign-in, the tools and all approvals of the first are forgotten. A secret takes the place of a sign-in.",
  request: { params, body: jsonBody(ChangeMcpServerBody) },
  responses: {
    200: jsonAnswer(McpServerHealth, "The server as it is now"),
    ...REFUSED,
    ...BAD_BODY,
    ...problems("not_found", "unavailable"),
  },
});

const remove = defineRoute({
  method: "delete",
  path: "/api/mcp/servers/{id}",
  tags,
  ...requires("mcp:write"),
  summary: "Remove a connected MCP server, with its tools and approvals",
  request: { params },
  responses: {
    204: { description: "It is not asked any more" },
    ...REFUSED,
    ...problems("not_found", "unavailable"),
  },
});

const check = defineRoute({
  method: "post",
  path: "/api/mcp/servers/{id}/check",
  tags,
  ...requires("mcp:write"),
  summary: "Ask a connected MCP server what it can do",
  description: "Also while its breaker is open. What is wrong with it stands in the answer.",
  request: { params },
  responses: {
    200: jsonAnswer(McpServerHealth, "The server, with what came of asking it"),
    ...REFUSED,
    ...problems("not_found", "unavailable"),
  },
});

/** @returns the routes below /api/mcp/servers. */
export function mcpServerRoutes() {
  const router = createRouter();
  router.openapi(list, async (c) => {
    const data = await healthOf(c, await serverRows(c).list());
    return c.json({ data }, 200);
  });
  router.openapi(connect, async (c) => {
    const { userId, voucher } = c.var.principal;
    const { name, enabled, ...given } = c.req.valid("json");
    const id = McpServerId.parse(newId());
    const url = addressOf(c, given.url);
    const secret = await sealed(c, id, given.secret);
    const server = { id, name, url, secret, enabled, created_at: now() };
    const outcome = await serverRows(c).connect(server);
    if (outcome === "taken") throw taken(name);
    if (outcome === "full") {
      const detail = `An account has at most ${MAX_MCP_SERVERS} MCP servers. Remove one first.`;
      throw new ApexError("quota_exceeded", detail);
    }
    await audit(c, { userId, voucher, action: "mcp_server_connected", subject: id });
    await askIt(c, id);
    return c.json(await tellServer(c, id), 201);
  });
  router.openapi(read, async (c) => c.json(await tellServer(c, c.req.valid("param").id), 200));
  router.openapi(change, async (c) => {
    const { userId, voucher } = c.var.principal;
    const { id } = c.req.valid("param");
    const { url, secret, enabled } = c.req.valid("json");
    // Before the address is checked, so that another user's id is always answered like an unknown one.
    await knownServer(c, id);
    if (url !== undefined || typeof secret === "string") await forgetSignIn(c, id);
    const changed = await serverRows(c).change(
      id,
      {
        ...(url !== undefined && { url: addressOf(c, url) }),
        ...(secret !== undefined && { secret: await sealed(c, id, secret) }),
        ...(enabled !== undefined && { enabled }),
      },
      now(),
    );
    if (!changed) throw notFound();
    await audit(c, { userId, voucher, action: "mcp_server_changed", subject: id });
    if (url !== undefined || secret !== undefined) await askIt(c, id);
    return c.json(await tellServer(c, id), 200);
  });
  router.openapi(remove, async (c) => {
    const { userId, voucher } = c.var.principal;
    const { id } = c.req.valid("param");
    await forgetSignIn(c, id);
    if (!(await serverRows(c).remove(id))) throw notFound();
    await audit(c, { userId, voucher, action: "mcp_server_removed", subject: id });
    return c.body(null, 204);
  });
  router.openapi(check, async (c) => {
    const { id } = c.req.valid("param");
    if (!(await askIt(c, id))) throw notFound();
    return c.json(await tellServer(c, id), 200);
  });
  return router;
}

/** The authorization was given for one address, and ends when that changes. */
async function forgetSignIn(c: Context<SignedInEnv>, id: McpServerId): Promise<void> {
  const revoke = await mcpSignInsOf(c.env).forget(c.var.principal.userId, id);
  c.executionCtx.waitUntil(revoke());
}

/** @returns false if the user has no such server. */
function askIt(c: Context<SignedInEnv>, id: McpServerId): Promise<boolean> {
  return connectedServersOf(c.env).check(c.var.principal.userId, id, c.req.raw.signal);
}

function addressOf(c: Context<SignedInEnv>, given: string): string {
  const isDevelopment = c.var.config.environment === "development";
  const url = readWebhookUrl(given, isDevelopment, "The server's");
  url.hash = "";
  return url.href;
}

async function sealed(c: Context<SignedInEnv>, id: McpServerId, secret: string | null) {
  return secret === null ? null : await sealSecret(keyRing(c.var.config), secret, id);
}

function taken(name: string): ApexError {
  const message = `There is a server "${name}" already.`;
  return new ApexError("invalid_fields", message, {
    errors: [{ field: "name", message, code: "taken" }],
  });
}

function now(): string {
  return timestamp(systemClock.now());
}
