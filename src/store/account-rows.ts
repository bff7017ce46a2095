/** All that D1 keeps of one user, for the end of the account: counted, and deleted. */
import { and, eq, inArray, isNull } from "drizzle-orm";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";
import * as z from "zod";
import { ThreadId, type UserId } from "../protocol/ids.ts";
import { type Database, guardD1, type HistoryDatabase } from "./database.ts";
import { threadShares, threads } from "./history-tables.ts";
import { apiKeys, identities, sessions, users } from "./tables.ts";
import { deleteWorkspaceSlice, WORKSPACE_TABLES } from "./workspace-rows.ts";

/** Rows by their kind. */
export const RowCounts = z.record(z.string(), z.number());
export type RowCounts = z.infer<typeof RowCounts>;

/** Which rows are the user's (?1), by kind. What stands in several tables goes before what it hangs on. */
const ACCOUNT_ROWS = {
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
};
const HISTORY_ROWS = {
  thread_shares: "thread_shares WHERE thread_id IN (SELECT id FROM threads WHERE user_id = ?1)",
  messages: "messages WHERE thread_id IN (SELECT id FROM threads WHERE user_id = ?1)",
  runs: "runs WHERE user_id = ?1",
  run_reports: "run_reports WHERE user_id = ?1",
  threads: "threads WHERE user_id = ?1",
};
const USER_ROW = "users WHERE id = ?1";

/** Threads go by their objects, each with its rows: a row that went alone would leave its object behind. */
const NO_THREADS = "NOT EXISTS (SELECT 1 FROM threads WHERE user_id = ?1)";

const IdRow = z.object({ id: ThreadId });

/** Rows of one database, in the order in which they go. */
interface Place {
  readonly db: Database;
  readonly rows: Readonly<Record<string, string>>;
}

/** Every method throws {@link ApexError} `unavailable` if D1 does not answer. */
export class AccountRows {
  readonly #accounts: Database;
  readonly #history: HistoryDatabase;
  readonly #userId: UserId;
  /** The accounts' goes first: while the account is there, threads can be made in the history. */
  readonly #places: readonly Place[];

  constructor(history: HistoryDatabase, userId: UserId) {
    const accounts = history.accounts ?? history;
    this.#accounts = accounts;
    this.#history = history;
    this.#userId = userId;
    this.#places = history.accounts
      ? [
          { db: accounts, rows: { ...ACCOUNT_ROWS, users: USER_ROW } },
          { db: history, rows: { ...HISTORY_ROWS, thread_owners: USER_ROW } },
        ]
      : [{ db: history, rows: { ...ACCOUNT_ROWS, ...HISTORY_ROWS, users: USER_ROW } }];
  }

  /** @returns how many rows of each kind are the user's. */
  async count(): Promise<RowCounts> {
    const counted = await Promise.all(
      this.#places.map(async ({ db, rows }) => {
        const counts = Object.entries(rows).map(
          ([kind, own]) => `(SELECT count(*) FROM ${own}) ${kind}`,
        );
        const query = this.#bind(db, `SELECT ${counts.join(", ")}`);
        return RowCounts.parse(await guardD1(query.first()));
      }),
    );
    return Object.fromEntries(counted.flatMap((counts) => Object.entries(counts)));
  }

  /** Ends every way in: sessions, API keys, identities, the password, and links to shared threads. */
  async seal(now: string): Promise<void> {
    const [accounts, history] = [this.#accounts, this.#history];
    const isOwn = (table: { readonly user_id: SQLiteColumn }) => eq(table.user_id, this.#userId);
    await guardD1(
      accounts.batch([
        accounts
          .update(sessions)
          .set({ ended_at: now })
          .where(and(isOwn(sessions), isNull(sessions.ended_at))),
        accounts
          .update(apiKeys)
          .set({ revoked_at: now })
          .where(and(isOwn(apiKeys), isNull(apiKeys.revoked_at))),
        accounts.delete(identities).where(isOwn(identities)),
        accounts.update(users).set({ password_hash: null }).where(eq(users.id, this.#userId)),
      ]),
    );
    const own = history.select({ id: threads.id }).from(threads).where(isOwn(threads));
    await guardD1(history.delete(threadShares).where(inArray(threadShares.thread_id, own)));
  }

  /** @returns up to so many of the user's threads. */
  async threads(limit: number): Promise<ThreadId[]> {
    const own = this.#history.select({ id: threads.id }).from(threads);
    const rows = await guardD1(own.where(eq(threads.user_id, this.#userId)).limit(limit));
    return rows.map((row) => IdRow.parse(row).id);
  }

  /** Deletes a slice of the usage, ahead of the rest. @returns false where no more is to be deleted. */
  async empty(): Promise<boolean> {
    return await deleteWorkspaceSlice(this.#accounts.$client, this.#userId);
  }

  /**
   * Deletes every row, in one transaction a database, where no thread is left; from then on nothing can be made
   * in the user's name. Safe to repeat where it broke off between two databases.
   * @returns false where a thread was made meanwhile: it is to be deleted first.
   */
  async delete(): Promise<boolean> {
    for (const { db, rows } of this.#places) {
      if ((await this.threads(1)).length > 0) return false;
      const deletions = Object.values(rows).map((own) => `DELETE FROM ${own} AND ${NO_THREADS}`);
      await guardD1(db.$client.batch(deletions.map((deletion) => this.#bind(db, deletion))));
    }
    const { users: account, thread_owners: owner = 0 } = await this.count();
    return account === 0 && owner === 0;
  }

  #bind({ $client }: Database, statement: string): D1PreparedStatement {
    return $client.prepare(statement).bind(this.#userId);
  }
}
