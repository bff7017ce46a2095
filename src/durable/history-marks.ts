/** Nobody's history is looked for in another's database: each remembers the binding that it was first used by. */
import { withDeadline } from "../core/deadline.ts";
import { misplaced } from "../env/history-marks.ts";
import { type HistoryShards, MAIN_DATABASE } from "../env/history-shards.ts";
import { ApexError } from "../protocol/errors.ts";
import { openDatabase } from "../store/database.ts";
import { DatabaseMark } from "../store/database-mark.ts";

/**
 * Resolves where a database is the one that its binding had before. One that was never used is marked, unless
 * its era is still to come.
 * @param now in milliseconds since the Unix epoch.
 * @throws {ApexError} `misconfigured` where it is another's; `unavailable` where it does not tell.
 */
export async function confirmMark(
  binding: string,
  database: D1Database,
  eras: HistoryShards,
  now: number,
): Promise<void> {
  const marks = new DatabaseMark(openDatabase(database));
  const noted = await marks.read();
  const mark = noted ?? (isInUse(binding, eras, now) ? await marks.note(binding) : null);
  const [message] = misplaced([{ binding, mark }]);
  if (message === undefined) return;
  throw new ApexError("misconfigured", `In the configuration: ${message}.`, {
    errors: [{ field: binding, message }],
  });
}

/**
 * As {@link confirmMark}, of every database beside the main one. One that does not tell concerns its own users,
 * and has nobody served wrongly: of databases that changed places, each one tells of it by itself.
 * @returns whether all of them told.
 * @throws {ApexError} `misconfigured`.
 */
export async function confirmShardMarks(
  shards: ReadonlyMap<string, D1Database>,
  eras: HistoryShards,
  at: { readonly now: number; readonly deadlineMs: number },
): Promise<boolean> {
  const told = [...shards].map(async ([binding, database]) => {
    try {
      await withDeadline(at.deadlineMs, () => confirmMark(binding, database, eras, at.now));
      return true;
    } catch (error) {
      if (error instanceof ApexError && error.code === "misconfigured") throw error;
      return false;
    }
  });
  return (await Promise.all(told)).every(Boolean);
}

function isInUse(binding: string, eras: HistoryShards, now: number): boolean {
  if (binding === MAIN_DATABASE) return true;
  return eras.some(({ from, databases }) => from <= now && databases.includes(binding));
}
