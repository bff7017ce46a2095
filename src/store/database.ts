/** The way to D1: one typed handle, and one guard that gives every query a deadline and a typed failure. */
import { drizzle } from "drizzle-orm/d1";
import { withDeadline } from "../core/deadline.ts";
import { ApexError } from "../protocol/errors.ts";

/** How long one query or batch may take, in milliseconds. D1 itself would allow 30 s. */
export const D1_DEADLINE_MS = 10_000;

/** @returns the handle every repository is constructed with. */
export function openDatabase(d1: D1Database) {
  return drizzle(d1);
}

/** D1 as the repositories know it. */
export type Database = ReturnType<typeof openDatabase>;

/**
 * Awaits a query or a batch. Nothing is retried here: only the caller knows what may run twice, and
 * a write whose deadline passed may still be carried out.
 * @throws {ApexError} `unavailable` where D1 fails, or is silent for {@link D1_DEADLINE_MS}.
 */
export async function guardD1<Value>(query: PromiseLike<Value>): Promise<Value> {
  try {
    return await withDeadline(D1_DEADLINE_MS, () => query);
  } catch (cause) {
    throw new ApexError("unavailable", "The database did not answer. Please try again.", {
      retryAfter: 2,
      cause,
    });
  }
}
