/** Connected MCP servers in D1: where they are, what they can do, and which of it their user approved. */
import { and, asc, eq, sql } from "drizzle-orm";
import * as z from "zod";
import type { McpServerId, UserId } from "../protocol/ids.ts";
import { McpServer, McpTool } from "../protocol/mcp-servers.ts";
import { type Database, guardD1 } from "./database.ts";
import { mcpServers, mcpSignIns, mcpTools } from "./mcp-tables.ts";

/** Servers of one user. */
export const MAX_MCP_SERVERS = 10;

/** A server with its secret, sealed as it was given. */
const Stored = McpServer.extend({ secret: z.string().nullable() });
export type StoredMcpServer = z.infer<typeof Stored>;

/** A tool with what approvals are about. */
const StoredTool = McpTool.extend({ fingerprint: z.string() });
export type StoredMcpTool = z.infer<typeof StoredTool>;

/** A server as it is connected. */
export type NewMcpServer = Pick<
  StoredMcpServer,
  "id" | "name" | "url" | "secret" | "enabled" | "created_at"
>;

/** What changes of a server; what is left out stays. */
export interface McpServerChange {
  readonly url?: string;
  readonly secret?: string | null;
  readonly enabled?: boolean;
}

/** A tool as its server describes it. */
export interface ListedMcpTool {
  readonly tool: string;
  readonly name: string;
  readonly description: string;
  readonly parameters: unknown;
  readonly fingerprint: string;
}

/** What is known of a server that was not asked yet. */
const UNASKED = { checked_at: null, problem: null, left_out: 0 };

/** Every method throws {@link ApexError} `unavailable` if D1 does not answer. */
export class McpServerRows {
  readonly #db: Database;
  readonly #userId: UserId;
  readonly #onChange: () => Promise<void>;

  /** @param onChange called when what the servers can do, or may be called, was changed here. */
  constructor(db: Database, userId: UserId, onChange = async (): Promise<void> => {}) {
    this.#db = db;
    this.#userId = userId;
    this.#onChange = onChange;
  }

  /** @returns whether it was connected; of several at once none gets past {@link MAX_MCP_SERVERS}. */
  async connect(server: NewMcpServer): Promise<"connected" | "taken" | "full"> {
    const { id, name, url, secret, enabled, created_at } = server;
    const made = await this.#run(
      `INSERT INTO mcp_servers (id, user_id, name, url, secret, enabled, created_at, updated_at)
       SELECT ?2, id, ?3, ?4, ?5, ?6, ?7, ?7 FROM users
       WHERE id = ?1 AND (SELECT count(*) FROM mcp_servers WHERE user_id = ?1) < ${MAX_MCP_SERVERS}
       ON CONFLICT DO NOTHING`,
      ...[id, name, url, secret, enabled ? 1 : 0, created_at],
    );
    if (made > 0) return "connected";
    const known = await this.list();
    return known.some((other) => other.name === name) ? "taken" : "full";
  }

  /** @returns the user's own, by name. */
  async list(): Promise<StoredMcpServer[]> {
    const rows = await guardD1(this.#servers().where(this.#isOwn()).orderBy(asc(mcpServers.name)));
    return rows.map((row) => Stored.parse({ ...row, has_secret: row.secret !== null }));
  }

  /** @returns null where the user has no such server. */
  async find(id: McpServerId): Promise<StoredMcpServer | null> {
    const [row] = await guardD1(this.#servers().where(and(this.#isOwn(), eq(mcpServers.id, id))));
    return row === undefined ? null : Stored.parse({ ...row, has_secret: row.secret !== null });
  }

  /**
   * Changes a server. A new address makes it another server: all that was known about the old one is deleted,
   * including its secret, unless a new secret is given.
   * @returns false if the user has no server with this id.
   */
  async change(id: McpServerId, change: McpServerChange, now: string): Promise<boolean> {
    const { url, enabled } = change;
    const moved = url === undefined ? {} : { url, secret: null, ...UNASKED };
    const given = change.secret === undefined ? {} : { secret: change.secret };
    const set = { ...moved, ...given, ...(enabled !== undefined && { enabled }), updated_at: now };
    const isIt = and(this.#isOwn(), eq(mcpServers.id, id));
    const update = this.#db
      .update(mcpServers)
      .set(set)
      .where(isIt)
      .returning({ id: mcpServers.id });
    const isOfIt = and(eq(mcpTools.user_id, this.#userId), eq(mcpTools.server_id, id));
    const forget = this.#db.delete(mcpTools).where(isOfIt);
    const changed =
      url === undefined
        ? await guardD1(update)
        : (await guardD1(this.#db.batch([update, forget])))[0];
    await this.#onChange();
    return changed.length > 0;
  }

  /** Removes a server with its tools. @returns false where there is none. */
  async remove(id: McpServerId): Promise<boolean> {
    const removed = await guardD1(
      this.#db
        .delete(mcpServers)
        .where(and(this.#isOwn(), eq(mcpServers.id, id)))
        .returning({ id: mcpServers.id }),
    );
    await this.#onChange();
    return removed.length > 0;
  }

  /** @returns what the user's servers can do, by server and name. */
  async tools(only: "all" | "enabled" = "all"): Promise<StoredMcpTool[]> {
    const isOn = only === "enabled" ? eq(mcpServers.enabled, true) : undefined;
    const rows = await guardD1(
      this.#db
        .select({
          server_id: mcpTools.server_id,
          server: mcpServers.name,
          tool: mcpTools.tool,
          name: mcpTools.name,
          description: mcpTools.description,
          parameters: mcpTools.parameters,
          fingerprint: mcpTools.fingerprint,
          approved: mcpTools.approved,
        })
        .from(mcpTools)
        .innerJoin(mcpServers, eq(mcpServers.id, mcpTools.server_id))
        .where(and(this.#isOwn(), isOn))
        .orderBy(asc(mcpServers.name), asc(mcpTools.name)),
    );
    return rows.map((row) =>
      StoredTool.parse({ ...row, approved: row.approved === row.fingerprint }),
    );
  }

  /**
   * Stores the result of asking a server, if its address is still the one that was asked.
   * @param tools all its present tools; null if it did not list them. Then those stored before are kept.
   */
  async saveCheck(
    { id, url }: Pick<McpServer, "id" | "url">,
    check: Pick<McpServer, "checked_at" | "problem" | "left_out">,
    tools: readonly ListedMcpTool[] | null,
  ): Promise<void> {
    const isThere = and(this.#isOwn(), eq(mcpServers.id, id), eq(mcpServers.url, url));
    const { left_out, ...asked } = check;
    const set = tools === null ? asked : { ...asked, left_out };
    await guardD1(this.#db.update(mcpServers).set(set).where(isThere));
    if (tools === null) return;
    const listed = JSON.stringify(tools);
    await this.#run(
      `DELETE FROM mcp_tools WHERE user_id = ?1 AND server_id = ?2 AND tool NOT IN
         (SELECT value ->> 'tool' FROM json_each(?3))
         AND EXISTS (SELECT 1 FROM mcp_servers WHERE id = ?2 AND url = ?4)`,
      ...[id, listed, url],
    );
    await this.#run(
      `INSERT INTO mcp_tools (server_id, tool, user_id, name, description, parameters, fingerprint)
       SELECT s.id, t.value ->> 'tool', s.user_id, t.value ->> 'name', t.value ->> 'description',
              t.value -> 'parameters', t.value ->> 'fingerprint'
       FROM mcp_servers s, json_each(?3) t WHERE s.id = ?2 AND s.user_id = ?1 AND s.url = ?4
       ON CONFLICT DO UPDATE SET name = excluded.name, description = excluded.description,
         parameters = excluded.parameters, fingerprint = excluded.fingerprint`,
      ...[id, listed, url],
    );
    await this.#onChange();
  }

  /** Keeps a secret that was sealed anew, unless another was set meanwhile. */
  async reseal(id: McpServerId, sealed: string, resealed: string): Promise<void> {
    await this.#run(
      `UPDATE mcp_servers SET secret = ?4 WHERE user_id = ?1 AND id = ?2 AND secret = ?3`,
      ...[id, sealed, resealed],
    );
  }

  /** Remembers that the user approved a tool as it is described by this fingerprint. */
  async approve(id: McpServerId, tool: string, fingerprint: string): Promise<void> {
    await this.#run(
      `UPDATE mcp_tools SET approved = ?4 WHERE user_id = ?1 AND server_id = ?2 AND tool = ?3`,
      ...[id, tool, fingerprint],
    );
    await this.#onChange();
  }

  #servers() {
    const tools = this.#db
      .select({ count: sql<number>`count(*)` })
      .from(mcpTools)
      .where(eq(mcpTools.server_id, mcpServers.id));
    return this.#db
      .select({
        id: mcpServers.id,
        name: mcpServers.name,
        url: mcpServers.url,
        secret: mcpServers.secret,
        enabled: mcpServers.enabled,
        created_at: mcpServers.created_at,
        updated_at: mcpServers.updated_at,
        checked_at: mcpServers.checked_at,
        problem: mcpServers.problem,
        left_out: mcpServers.left_out,
        tool_count: sql<number>`(${tools})`,
        // One that answers without a sign-in needs none any more.
        sign_in: sql<string>`CASE WHEN ${mcpSignIns.status} IS NULL OR (${mcpSignIns.status} = 'needed'
          AND ${mcpServers.checked_at} IS NOT NULL AND ${mcpServers.problem} IS NULL)
          THEN 'none' ELSE ${mcpSignIns.status} END`,
        signs_in_at: mcpSignIns.issuer,
      })
      .from(mcpServers)
      .leftJoin(mcpSignIns, eq(mcpSignIns.server_id, mcpServers.id))
      .$dynamic();
  }

  #isOwn() {
    return eq(mcpServers.user_id, this.#userId);
  }

  /** @param bindings ?2 and so on; ?1 is the user. @returns how many rows it changed. */
  async #run(statement: string, ...bindings: (string | number | null)[]): Promise<number> {
    const prepared = this.#db.$client.prepare(statement).bind(this.#userId, ...bindings);
    return (await guardD1(prepared.run())).meta.changes;
  }
}
