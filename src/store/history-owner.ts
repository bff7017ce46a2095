/** What a user's threads hang on where their history is in a database of its own: a row that names the user, and no more. */
import { and, eq, notExists } from "drizzle-orm";
import { timestamp } from "../core/clock.ts";
import type { UserId } from "../protocol/ids.ts";
import { type Database, guardD1, type HistoryDatabase } from "./database.ts";
import { threads } from "./history-tables.ts";
import { users } from "./tables.ts";

/**
 * In every database, threads refer to a row of `users`, so that none is created for a deleted account. In the main
 * database this is the account itself; in the others it is the row made here. The row is made before the account
 * is looked up: if the account is deleted meanwhile, either this function notices it, or the deletion finds the row
 * and deletes it too. If the account is gone, no row is left, and D1 refuses the thread.
 * @throws {ApexError} `unavailable` if D1 does not answer.
 */
export async function keepOwner(history: HistoryDatabase, userId: UserId): Promise<void> {
  const { accounts } = history;
  if (!accounts || (await isThere(history, userId))) return;
  await guardD1(history.insert(users).values(ownerOf(userId)).onConflictDoNothing());
  if (await isThere(accounts, userId)) return;
  const owned = history.select({ id: threads.id }).from(threads).where(eq(threads.user_id, userId));
  await guardD1(history.delete(users).where(and(eq(users.id, userId), notExists(owned))));
}

async function isThere(database: Database, userId: UserId): Promise<boolean> {
  const row = await guardD1(
    database.select({ id: users.id }).from(users).where(eq(users.id, userId)).get(),
  );
  return row !== undefined;
}

/** The columns want values: the address is the id, for it has to be one's own. */
function ownerOf(id: UserId) {
  const nothing = { name: "", tier: "", permissions: [], password_hash: null };
  return { id, email: id, ...nothing, created_at: timestamp(0) };
}
