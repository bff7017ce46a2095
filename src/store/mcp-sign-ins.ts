/** Sign-ins to connected MCP servers in D1: sealed as they are given, and changed by version. */
import { and, eq } from "drizzle-orm";
import type { McpServerId, UserId } from "../protocol/ids.ts";
import { type Database, guardD1 } from "./database.ts";
import { mcpSignIns } from "./mcp-tables.ts";

type Row = typeof mcpSignIns.$inferSelect;
/** A sign-in as it lies there. */
export type StoredSignIn = Pick<
  Row,
  "status" | "resource_metadata" | "scope" | "sealed" | "pending" | "version"
>;

/** What became of a sign-in. */
export interface SignInOutcome {
  readonly sealed: string;
  readonly issuer: string;
  readonly status: Row["status"];
}

/** Every method throws {@link ApexError} `unavailable` if D1 does not answer. */
export class McpSignInRows {
  readonly #db: Database;
  readonly #userId: UserId;

  constructor(db: Database, userId: UserId) {
    this.#db = db;
    this.#userId = userId;
  }

  async find(id: McpServerId): Promise<StoredSignIn | null> {
    const [row] = await guardD1(this.#db.select().from(mcpSignIns).where(this.#isOf(id)));
    return row ?? null;
  }

  /** Remembers that the server asks for a sign-in, unless a later version is there. */
  async need(
    id: McpServerId,
    asked: Pick<Row, "resource_metadata" | "scope"> | null,
    version: number,
  ): Promise<void> {
    await this.#run(
      `INSERT INTO mcp_sign_ins (server_id, user_id, status, resource_metadata, scope)
       SELECT id, user_id, 'needed', ?3, ?4 FROM mcp_servers WHERE user_id = ?1 AND id = ?2
       ON CONFLICT DO UPDATE SET
         status = CASE status WHEN 'needed' THEN 'needed' ELSE 'needed_again' END,
         resource_metadata = coalesce(excluded.resource_metadata, resource_metadata),
         scope = coalesce(excluded.scope, scope)
       WHERE version = ?5`,
      ...[id, asked?.resource_metadata ?? null, asked?.scope ?? null, version],
    );
  }

  /** Keeps a sign-in under way, in place of any other of this server. */
  async begin(id: McpServerId, pending: string): Promise<void> {
    await this.#run(
      `INSERT INTO mcp_sign_ins (server_id, user_id, status, pending)
       SELECT id, user_id, 'needed', ?3 FROM mcp_servers WHERE user_id = ?1 AND id = ?2
       ON CONFLICT DO UPDATE SET pending = excluded.pending`,
      ...[id, pending],
    );
  }

  /** @returns whether the sign-in under way was still this one, which it is no more. */
  async take(id: McpServerId, pending: string): Promise<boolean> {
    const taken = await this.#run(
      `UPDATE mcp_sign_ins SET pending = NULL
       WHERE user_id = ?1 AND server_id = ?2 AND pending = ?3`,
      ...[id, pending],
    );
    return taken > 0;
  }

  /**
   * Keeps what a sign-in gave, in place of what there was: a renewal of that comes too late.
   * @param url of the server that it was given for. @returns false where that has moved, or is gone.
   */
  async complete(id: McpServerId, url: string, outcome: SignInOutcome): Promise<boolean> {
    const { sealed, issuer, status } = outcome;
    const completed = await this.#run(
      `UPDATE mcp_sign_ins SET sealed = ?3, issuer = ?4, status = ?5,
         version = version + 1, leased_until = NULL
       WHERE user_id = ?1 AND server_id = ?2
         AND EXISTS (SELECT 1 FROM mcp_servers WHERE id = ?2 AND url = ?6)`,
      ...[id, sealed, issuer, status, url],
    );
    return completed > 0;
  }

  /** Keeps what a renewal gave. @returns false where another version is there by now. */
  async save(id: McpServerId, outcome: SignInOutcome, version: number): Promise<boolean> {
    const { sealed, issuer, status } = outcome;
    const saved = await this.#run(
      `UPDATE mcp_sign_ins SET sealed = ?3, issuer = ?4, status = ?5,
         version = version + 1, leased_until = NULL
       WHERE user_id = ?1 AND server_id = ?2 AND version = ?6`,
      ...[id, sealed, issuer, status, version],
    );
    return saved > 0;
  }

  /** Keeps a sign-in that was sealed anew, unless it changed meanwhile. */
  async reseal(id: McpServerId, sealed: string, resealed: string): Promise<void> {
    await this.#run(
      "UPDATE mcp_sign_ins SET sealed = ?4 WHERE user_id = ?1 AND server_id = ?2 AND sealed = ?3",
      ...[id, sealed, resealed],
    );
  }

  /**
   * @param time RFC 3339.
   * @returns whether this version is the asker's to renew, alone, until then.
   */
  async lease(
    id: McpServerId,
    version: number,
    time: { readonly now: string; readonly until: string },
  ): Promise<boolean> {
    const leased = await this.#run(
      `UPDATE mcp_sign_ins SET leased_until = ?4 WHERE user_id = ?1 AND server_id = ?2
         AND version = ?3 AND (leased_until IS NULL OR leased_until <= ?5)`,
      ...[id, version, time.until, time.now],
    );
    return leased > 0;
  }

  async forget(id: McpServerId): Promise<void> {
    await guardD1(this.#db.delete(mcpSignIns).where(this.#isOf(id)));
  }

  #isOf(id: McpServerId) {
    return and(eq(mcpSignIns.user_id, this.#userId), eq(mcpSignIns.server_id, id));
  }

  /** @param bindings ?2 and so on; ?1 is the user. @returns how many rows it changed. */
  async #run(statement: string, ...bindings: (string | number | null)[]): Promise<number> {
    const prepared = this.#db.$client.prepare(statement).bind(this.#userId, ...bindings);
    return (await guardD1(prepared.run())).meta.changes;
  }
}
