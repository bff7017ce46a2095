/** The one way in which rows that may come twice are written to D1: all of them or none. */
import { RowsRefused } from "../core/outbox.ts";
import { guardD1, refusalOf } from "./database.ts";

/**
 * Runs the statements in one transaction; none at all is nothing to do.
 * @throws {ApexError} `unavailable` if D1 does not answer; the rows may be saved or not.
 * @throws {RowsRefused} where D1 answers that it will never take them; none is saved.
 */
export async function saveBatch(
  d1: D1Database,
  statements: readonly D1PreparedStatement[],
): Promise<void> {
  if (statements.length === 0) return;
  try {
    await guardD1(d1.batch([...statements]));
  } catch (error) {
    const refusal = refusalOf(error);
    throw refusal === null ? error : new RowsRefused(refusal, { cause: error });
  }
}
