/** The way of usage to D1: bound statements within a deadline, rows parsed, failures typed. */
import * as z from "zod";
import { withDeadline } from "../core/deadline.ts";
import { ApexError } from "../protocol/errors.ts";
import { jsonChunks } from "./batch.ts";

/** What D1 binds. */
export type BoundValue = string | number | null;

/**
 * @param deadlineMs milliseconds one query or batch may take; D1 itself gives up after thirty seconds.
 * @returns the statements of a database; each throws {@link ApexError} `unavailable` if D1 fails.
 */
export function d1Query(db: D1Database, deadlineMs = 30_000) {
  /** Whatever goes wrong there is temporary to the caller. */
  async function attempt<Value>(work: () => Promise<Value>): Promise<Value> {
    try {
      return await withDeadline(deadlineMs, work);
    } catch (cause) {
      throw new ApexError("unavailable", "The usage records cannot be reached just now.", {
        retryAfter: 5,
        cause,
      });
    }
  }

  return {
    /** @returns statements that bind rows as JSON in ?1, since D1 binds at most 100 values, then the others. */
    forRows(sql: string, rows: readonly object[], ...values: BoundValue[]): D1PreparedStatement[] {
      return jsonChunks(rows).map((chunk) => db.prepare(sql).bind(chunk, ...values));
    },

    /** @returns every row, parsed. */
    async rows<Row extends z.ZodType>(
      row: Row,
      sql: string,
      values: readonly BoundValue[],
    ): Promise<z.output<Row>[]> {
      const statement = db.prepare(sql).bind(...values);
      const { results } = await attempt(() => statement.all());
      return z.array(row).parse(results);
    },

    /** Runs statements in one transaction. @returns how many rows each changed. */
    async transact(statements: D1PreparedStatement[]): Promise<number[]> {
      if (statements.length === 0) return [];
      const results = await attempt(() => db.batch(statements));
      return results.map(({ meta }) => meta.changes);
    },
  };
}
