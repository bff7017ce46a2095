/** All that D1 keeps of one user, for the end of the account: counted, and deleted. */
import { and, eq, inArray, isNull } from "drizzle-orm";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";
import * as z from "zod";
import { ThreadId, type UserId } from "../protocol/ids.ts";
import { type Database, guardD1 } from "./database.ts";
import { threadShares, threads } from "./history-tables.ts";
import { apiKeys, identities, sessions, users } from "./tables.ts";
import { deleteWorkspaceSlice, WORKSPACE_TABLES } from "./workspace-rows.ts";

/** Rows by their kind. */
export const RowCounts = z.record(z.string(), z.number());
export type RowCounts = z.infer<typeof RowCounts>;

/** Which rows are the user's (?1), by kind. What stands in several tables goes before what it hangs on. */
const OWN = {
  // A workspace of one person, by whose id it goes; a team's stays with the team.
  ...Object.fromEntries(
    WORKSPACE_TABLES.map((table) => [table, `${table} WHERE workspace_id = ?1`]),
  ),
  invitations: "invitations WHERE email = (SELECT email FROM users WHERE id = ?1)",
  refresh_tokens: "refresh_tokens WHERE session_id IN (SELECT id FROM sessions WHERE user_id = ?1)",
  sessions: "sessions WHERE user_id = ?1",
  api_keys: "api_keys WHERE user_id = ?1",
  webhook_deliveries: "webhook_deliveries WHERE user_id = ?1",
  webhooks: "webhooks WHERE user_id = ?1",
  mcp_sign_ins: "mcp_sign_ins WHERE user_id = ?1",
  mcp_tools: "mcp_tools WHERE user_id = ?1",
  mcp_servers: "mcp_servers WHERE user_id = ?1",
  idempotency_keys: "idempotency_keys WHERE user_id = ?1",
  identities: "identities WHERE user_id = ?1",
  audit_events: "audit_events WHERE user_id = ?1",
  thread_shares: "thread_shares WHERE thread_id IN (SELECT id FROM threads WHERE user_id = ?1)",
  messages: "messages WHERE thread_id IN (SELECT id FROM threads WHERE user_id = ?1)",
  runs: "runs WHERE user_id = ?1",
  run_reports: "run_reports WHERE user_id = ?1",
  threads: "threads WHERE user_id = ?1",
  users: "users WHERE id = ?1",
};

/** Threads go by their objects, each with its rows: a row that went alone would leave its object behind. */
const NO_THREADS = "NOT EXISTS (SELECT 1 FROM threads WHERE user_id = ?1)";

const IdRow = z.object({ id: ThreadId });

/** Every method throws {@link ApexError} `unavailable` where D1 does not answer. */
export class AccountRows {
  readonly #db: Database;
  readonly #userId: UserId;

  constructor(db: Database, userId: UserId) {
    this.#db = db;
    this.#userId = userId;
  }

  /** @returns how many rows of each kind are the user's. */
  async count(): Promise<RowCounts> {
    const counts = Object.entries(OWN).map(
      ([kind, rows]) => `(SELECT count(*) FROM ${rows}) ${kind}`,
    );
    return RowCounts.parse(await guardD1(this.#bind(`SELECT ${counts.join(", ")}`).first()));
  }

  /** Ends every way in: sessions, API keys, identities, the password, and links to shared threads. */
  async seal(now: string): Promise<void> {
    const isOwn = (table: { readonly user_id: SQLiteColumn }) => eq(table.user_id, this.#userId);
    await guardD1(
      this.#db.batch([
        this.#db
          .update(sessions)
          .set({ ended_at: now })
          .where(and(isOwn(sessions), isNull(sessions.ended_at))),
        this.#db
          .update(apiKeys)
          .set({ revoked_at: now })
          .where(and(isOwn(apiKeys), isNull(apiKeys.revoked_at))),
        this.#db.delete(identities).where(isOwn(identities)),
        this.#db
          .delete(threadShares)
          .where(
            inArray(
              threadShares.thread_id,
              this.#db.select({ id: threads.id }).from(threads).where(isOwn(threads)),
            ),
          ),
        this.#db.update(users).set({ password_hash: null }).where(eq(users.id, this.#userId)),
      ]),
    );
  }

  /** @returns up to so many of the user's threads. */
  async threads(limit: number): Promise<ThreadId[]> {
    const own = this.#db.select({ id: threads.id }).from(threads);
    const rows = await guardD1(own.where(eq(threads.user_id, this.#userId)).limit(limit));
    return rows.map((row) => IdRow.parse(row).id);
  }

  /** Deletes a slice of the usage, ahead of the rest. @returns false where no more is to be deleted. */
  async empty(): Promise<boolean> {
    return await deleteWorkspaceSlice(this.#db.$client, this.#userId);
  }

  /**
   * Deletes every row in one transaction, where no thread is left; from then on nothing can be made in
   * the user's name.
   * @returns false where a thread was made meanwhile, and nothing was deleted.
   */
  async delete(): Promise<boolean> {
    const deletions = Object.values(OWN).map((rows) => `DELETE FROM ${rows} AND ${NO_THREADS}`);
    await guardD1(this.#db.$client.batch(deletions.map((deletion) => this.#bind(deletion))));
    return (await this.count()).users === 0;
  }

  #bind(statement: string): D1PreparedStatement {
    return this.#db.$client.prepare(statement).bind(this.#userId);
  }
}
