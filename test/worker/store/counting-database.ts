/** D1, and a count of the rows that batches write in it. */
import { env } from "cloudflare:workers";
import { openHistory } from "../../../src/store/database.ts";

/** @returns the database, and how many rows its batches have written, indexes included. */
export function countingDatabase() {
  let written = 0;
  const counting = new Proxy(env.DB, {
    get(target, property) {
      if (property !== "batch") return Reflect.get(target, property, target).bind(target);
      return async (statements: D1PreparedStatement[]) => {
        const results = await target.batch(statements);
        for (const { meta } of results) written += meta.rows_written;
        return results;
      };
    },
  });
  return { database: openHistory(counting, null), written: () => written };
}
