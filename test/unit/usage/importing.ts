/** Files of records sent to an intake, as the routes send them, and a database that fails in between. */
import { systemClock } from "../../../src/core/clock.ts";
import type { ImportReceipt, UsageImport } from "../../../src/protocol/usage.ts";
import { readUsage } from "../../../src/usage/import/read-usage.ts";
import { runImport } from "../../../src/usage/import/run-import.ts";
import type { Intake } from "../../../src/usage/intake.ts";
import { DAY, start } from "./stored-records.ts";

/** When the files are read. */
export const AFTERWARDS = start + 30 * DAY;

/** @returns records as a file of lines, read from its bytes. */
export async function readingOf(workspaceId: string, rows: readonly unknown[]) {
  const text = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  const file = { charset: "utf-8", isCsv: false, format: "apex", columns: undefined } as const;
  const bytes = (async function* () {
    yield new TextEncoder().encode(text);
  })();
  return await readUsage({ ...file, bytes }, { workspaceId, now: AFTERWARDS });
}

/** Sends a file to its end. @param onProgress told after each batch. */
export async function importing(
  intake: Intake,
  workspaceId: string,
  rows: readonly unknown[],
  { id = "mine", onProgress = async (_: UsageImport) => {} } = {},
): Promise<ImportReceipt["import"]> {
  const reading = await readingOf(workspaceId, rows);
  const progress = runImport(intake, reading, { id, clock: systemClock });
  for (;;) {
    const { done, value } = await progress.next();
    if (done) return value.import;
    await onProgress(value);
  }
}

/** @returns the database, but for its nth transaction: it fails, undone or, for who asked unknown, done. */
export function failingOnce(database: D1Database, nth: number, is: "undone" | "done"): D1Database {
  let transactions = 0;
  return new Proxy(database, {
    get(_, name) {
      if (name !== "batch") return Reflect.get(database, name).bind(database);
      return async (statements: D1PreparedStatement[]) => {
        transactions += 1;
        if (transactions !== nth) return await database.batch(statements);
        if (is === "done") await database.batch(statements);
        throw new Error("the connection was lost");
      };
    },
  });
}
