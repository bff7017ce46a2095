/** The way to D1: one typed handle, and one guard that gives every query a deadline and a typed failure. */
import { drizzle } from "drizzle-orm/d1";
import { withDeadline } from "../core/deadline.ts";
import { ApexError } from "../protocol/errors.ts";

/** How long one query or batch may take, in milliseconds. D1 itself would allow 30 s. */
export const D1_DEADLINE_MS = 10_000;

/** @returns the handle that every repository is constructed with, but for those of the history. */
export function openDatabase(d1: D1Database) {
  return drizzle(d1);
}

/** D1 as the repositories know it. */
export type Database = ReturnType<typeof openDatabase>;

/**
 * Opens a database for what it has of the history: threads, and what was said in them.
 * @param accounts the database that the accounts are in; null where it is this one.
 */
export function openHistory(d1: D1Database, accounts: D1Database | null) {
  const apart = accounts === null ? null : openDatabase(accounts);
  return Object.assign(openDatabase(d1), { accounts: apart });
}

/**
 * The database of one user's history, as the repositories of the history know it. What is of accounts is not
 * in it, unless `accounts` is null: no statement joins the two.
 */
export type HistoryDatabase = Database & { readonly accounts: Database | null };

/** What SQLite says of a row that it will never take, as D1 tells it. */
const REFUSAL = /SQLITE_(?:CONSTRAINT|TOOBIG|MISMATCH)\w*/;

/**
 * @returns the SQLite error code with which D1 refuses the data it was given, or null if it failed for
 *   another reason and may succeed later.
 */
export function refusalOf(error: unknown): string | null {
  const cause = error instanceof ApexError ? error.cause : error;
  return cause instanceof Error ? (REFUSAL.exec(cause.message)?.[0] ?? null) : null;
}

/** The failures that were D1's. */
const failures = new WeakSet<ApexError>();

/** @returns whether D1 failed, or was silent: what {@link guardD1} threw, or what that was the cause of. */
export function isD1Failure(error: unknown): boolean {
  if (!(error instanceof ApexError)) return false;
  return failures.has(error) || isD1Failure(error.cause);
}

/**
 * Awaits a query or a batch. Nothing is retried here: only the caller knows what may run twice, and
 * a write whose deadline passed may still be carried out.
 * @throws {ApexError} `unavailable` if D1 fails, or does not answer within {@link D1_DEADLINE_MS}.
 */
export async function guardD1<Value>(query: PromiseLike<Value>): Promise<Value> {
  try {
    return await withDeadline(D1_DEADLINE_MS, () => query);
  } catch (cause) {
    const detail = "The database did not answer. Please try again.";
    const failure = new ApexError("unavailable", detail, { retryAfter: 2, cause });
    failures.add(failure);
    throw failure;
  }
}
