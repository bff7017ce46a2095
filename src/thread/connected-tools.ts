/** Which tools of the user's own servers a run is offered: settled when its message is accepted. */
import * as z from "zod";
import { withDeadline } from "../core/deadline.ts";
import type { Tool } from "../core/tool.ts";
import type { Grant } from "../durable/grant.ts";
import type { ConnectedServers } from "../mcp/connected-servers.ts";
import { connectedTool, OfferedTool } from "../mcp/connected-tool.ts";
import type { UserId } from "../protocol/ids.ts";
import { permits, toolScope } from "../protocol/scopes.ts";
import { McpServerRows } from "../store/mcp-servers.ts";
import type { Ports } from "./ports.ts";
import type { RunRow } from "./run-row.ts";

/** Tools offered to one run, and what they take up of its prompt as JSON, in UTF-16 code units. */
const MAX_OFFERED = 64;
const MAX_OFFERED_LENGTH = 96 * 1024;
/** How long a message waits to learn of them, in milliseconds; then its run goes without. */
const DEADLINE_MS = 500;

const Offered = z.array(OfferedTool);

/** @returns what a sender may have called of the user's enabled servers; nothing where D1 is away. */
export async function offeredTools(
  { database, log }: Pick<Ports, "database" | "log">,
  userId: UserId,
  { scopes }: Pick<Grant, "scopes">,
): Promise<readonly OfferedTool[]> {
  if (!scopes.some((scope) => scope.startsWith("tools:"))) return [];
  try {
    const rows = new McpServerRows(database, userId);
    const tools = await withDeadline(DEADLINE_MS, () => rows.tools("enabled"));
    const permitted = tools.filter(({ name }) => permits(scopes, toolScope(name)));
    return withinBounds(Offered.parse(permitted));
  } catch (error) {
    log.error("mcp.unlisted", error);
    return [];
  }
}

/** @returns the tools that a run is offered, the same in each of its lives. */
export function connectedToolsOf(
  { connected_tools }: Pick<RunRow, "connected_tools">,
  servers: Pick<ConnectedServers, "call">,
): readonly Tool[] {
  if (connected_tools === null) return [];
  const offered = Offered.parse(JSON.parse(connected_tools));
  return offered.map((offer) =>
    connectedTool(offer, (...asked: Parameters<ConnectedServers["call"]>) =>
      servers.call(...asked),
    ),
  );
}

function withinBounds(tools: readonly OfferedTool[]): readonly OfferedTool[] {
  let length = 0;
  return tools.slice(0, MAX_OFFERED).filter((tool) => {
    const own = JSON.stringify(tool).length;
    if (length + own > MAX_OFFERED_LENGTH) return false;
    length += own;
    return true;
  });
}
