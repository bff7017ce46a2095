/** The state of connected MCP servers: what was stored at the last check, and their circuit breakers now. */
import type { Context } from "hono";
import { tellServersChanged } from "../account/tell-servers-changed.ts";
import { systemClock } from "../core/clock.ts";
import { connectedPart, viewBreakers } from "../durable/breakers.ts";
import { problemIn } from "../mcp/problems.ts";
import type { CircuitBreaker } from "../protocol/api.ts";
import type { McpServerId } from "../protocol/ids.ts";
import { McpServer, type McpServerHealth } from "../protocol/mcp-servers.ts";
import { openDatabase } from "../store/database.ts";
import { McpServerRows, type StoredMcpServer } from "../store/mcp-servers.ts";
import { consoleLog } from "../telemetry/log.ts";
import { notFound } from "./problems.ts";
import type { SignedInEnv } from "./router.ts";

/** @returns the servers without their secrets, in the same order. */
export async function healthOf(
  c: Context<SignedInEnv>,
  servers: readonly StoredMcpServer[],
): Promise<McpServerHealth[]> {
  const breakers = await breakersOf(c, servers);
  return servers.map((stored) => {
    const server = McpServer.parse(stored);
    const breaker = breakers?.find(({ part }) => part === connectedPart(server.id))?.state ?? null;
    const known_problem = server.problem === null ? null : problemIn(server.problem);
    return { ...server, known_problem, health: stateOf(server), breaker };
  });
}

/** @returns a server of the caller's own. @throws {ApexError} `not_found`. */
export async function knownServer(
  c: Context<SignedInEnv>,
  id: McpServerId,
): Promise<StoredMcpServer> {
  const server = await serverRows(c).find(id);
  if (server === null) throw notFound();
  return server;
}

/** @returns a server of the caller's own, with how it is. @throws {ApexError} `not_found`. */
export async function tellServer(
  c: Context<SignedInEnv>,
  id: McpServerId,
): Promise<McpServerHealth> {
  const [told] = await healthOf(c, [await knownServer(c, id)]);
  if (told === undefined) throw notFound();
  return told;
}

/** @returns the servers of who asks. */
export function serverRows(c: Context<SignedInEnv>): McpServerRows {
  const { userId } = c.var.principal;
  return new McpServerRows(openDatabase(c.env.DB), userId, () =>
    tellServersChanged(c.env, userId, consoleLog),
  );
}

/** The servers can be told of without their breakers. */
async function breakersOf(
  c: Context<SignedInEnv>,
  servers: readonly StoredMcpServer[],
): Promise<CircuitBreaker[] | null> {
  if (servers.length === 0) return [];
  const parts = servers.map(({ id }) => connectedPart(id));
  return await viewBreakers(c.env, systemClock, parts).catch((error: unknown) => {
    consoleLog.error("mcp.breakers_unknown", error);
    return null;
  });
}

function stateOf({ checked_at, problem }: McpServer): McpServerHealth["health"] {
  if (problem !== null) return "failing";
  return checked_at === null ? "unchecked" : "healthy";
}
