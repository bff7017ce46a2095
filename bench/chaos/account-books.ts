/** What the account object of a user holds of a thread when all is over: what its runs used, and places for those under way. */
import type { ApexClient } from "../../src/client/index.ts";
import { eventually } from "../../test/e2e/within.ts";

/** How long the account may take to hear of all that happened, in milliseconds; what is missing then, the verdict names. */
const PATIENCE_MS = 60_000;

export interface AccountBooks {
  /** The runs of the thread in its user's ledger, each as often as it stands there; summaries are not runs. */
  readonly entries: readonly string[];
  /** How many runs the account takes to be under way, in all threads of its user; null where some may well be. */
  readonly places: number | null;
}

/**
 * @param thread.runs how many of its runs have ended.
 * @param thread.isLast whether its user says nothing more, there or elsewhere.
 * @returns the books, once they are whole or have had time to be.
 */
export async function readBooks(
  client: ApexClient,
  thread: { readonly id: string; readonly runs: number; readonly isLast: boolean },
): Promise<AccountBooks> {
  const { id, runs, isLast } = thread;
  let books: AccountBooks = { entries: [], places: null };
  await eventually(
    async () => {
      const places = isLast ? await placesOf(client) : null;
      books = { entries: await ledgerOf(client, id), places };
      return (books.entries.length >= runs && !places) || undefined;
    },
    () => `${books.entries.length} of ${runs} runs in the ledger, ${books.places} under way`,
    PATIENCE_MS,
  ).catch(() => undefined);
  return books;
}

async function ledgerOf(client: ApexClient, threadId: string): Promise<string[]> {
  const entries: string[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await client.budget.ledger({ limit: 100, ...(cursor && { cursor }) });
    const own = page.data.filter((entry) => entry.thread_id === threadId && !entry.summary);
    entries.push(...own.map(({ run_id }) => run_id));
    cursor = page.next_cursor;
  } while (cursor !== null);
  return entries;
}

/** @throws where the account tells of no such limit: that would be no place held. */
async function placesOf(client: ApexClient): Promise<number> {
  const { limits } = await client.limits.get();
  const places = limits.find(({ name }) => name === "live_runs");
  if (places === undefined) throw new Error("The account tells of no live runs.");
  return places.used;
}
