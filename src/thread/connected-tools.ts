/** Which tools of the user's own servers a run is offered: settled when its message is accepted. */
import * as z from "zod";
import { withDeadline } from "../core/deadline.ts";
import type { Tool } from "../core/tool.ts";
import type { Grant } from "../durable/grant.ts";
import type { ConnectedServers } from "../mcp/connected-servers.ts";
import { connectedTool, OfferedTool } from "../mcp/connected-tool.ts";
import type { UserId } from "../protocol/ids.ts";
import { permits, toolScope } from "../protocol/scopes.ts";
import { McpServerRows, type StoredMcpTool } from "../store/mcp-servers.ts";
import type { Ports } from "./ports.ts";
import type { RunRow } from "./run-row.ts";

/** Tools offered to one run, and what they take up of its prompt as JSON, in UTF-16 code units. */
const MAX_OFFERED = 64;
const MAX_OFFERED_LENGTH = 96 * 1024;
/** How long a message waits to learn of them, in milliseconds; then its run goes without. */
const DEADLINE_MS = 500;
/** How long they are believed, in milliseconds, where nobody could tell that they have changed. */
const KEPT_MS = 60_000;

const Offered = z.array(OfferedTool);

/** What is known of the tools of a user's enabled servers, as they were read from D1. */
interface Known {
  readonly version: string;
  readonly readAt: number;
  readonly tools: readonly StoredMcpTool[];
}

/**
 * What a sender may have called of the user's enabled servers. D1 is asked when the user's object says that
 * something may have changed, which is hardly ever: else every message would wait for it.
 */
export class OfferedTools {
  readonly #ports: Pick<Ports, "clock" | "database" | "log">;
  readonly #userId: UserId;
  #known: Known | null = null;

  constructor(ports: Pick<Ports, "clock" | "database" | "log">, userId: UserId) {
    this.#ports = ports;
    this.#userId = userId;
  }

  /**
   * @param version of the servers, as the user's object has it; null where it does not say.
   * @returns nothing where D1 is away. Never rejects.
   */
  async of({ scopes }: Pick<Grant, "scopes">, version: string | null) {
    if (!scopes.some((scope) => scope.startsWith("tools:"))) return [];
    try {
      const tools = await this.#tools(version);
      const permitted = tools.filter(({ name }) => permits(scopes, toolScope(name)));
      return withinBounds(Offered.parse(permitted));
    } catch (error) {
      this.#ports.log.error("mcp.unlisted", error);
      return [];
    }
  }

  async #tools(version: string | null): Promise<readonly StoredMcpTool[]> {
    const { clock, database } = this.#ports;
    const known = this.#known;
    const readAt = clock.now();
    if (known?.version === version && readAt - known.readAt < KEPT_MS) return known.tools;
    const rows = new McpServerRows(database, this.#userId);
    const tools = await withDeadline(DEADLINE_MS, () => rows.tools("enabled"));
    this.#known = version === null ? null : { version, readAt, tools };
    return tools;
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
