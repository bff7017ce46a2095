/** What a user's threads hang on where their history is in a database of its own: a row that names the user, and no more. */
import { and, eq, notExists } from "drizzle-orm";
import { timestamp } from "../core/clock.ts";
import type { UserId } from "../protocol/ids.ts";
import { type Database, guardD1, type HistoryDatabase } from "./database.ts";
import { threads } from "./history-tables.ts";
import { users } from "./tables.ts";

/**
 * Threads refer to `users` in every database, so that none is made for who is gone. Beside the accounts that is
 * the account; elsewhere it is this row. It is made first and the account looked for then: an account that ends
 * meanwhile either is seen to be gone here, or finds this row and takes it along. Where the account is gone no
 * row is left, and D1 refuses the thread.
 * @throws {ApexError} `unavailable` where D1 does not answer.
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
