/** How records become rows of D1, for all that write them: one statement's text, one parameter a batch. */
import { PricedRecord } from "./record.ts";

/** The columns of a record, in the order of its fields. */
export const RECORD_COLUMNS = PricedRecord.keyof().options;

/**
 * Inserts the records of a JSON array (?1) that are not known yet.
 * @param importId what stands for the import that brings them: a parameter, or NULL for none.
 * @param condition bounds all of them, as SQL.
 */
export function insertRecords(importId = "NULL", condition = "true"): string {
  return `
  INSERT INTO usage_records (${RECORD_COLUMNS.join(", ")}, import_id)
  SELECT ${RECORD_COLUMNS.map((column) => `value ->> '${column}'`).join(", ")}, ${importId}
  FROM json_each(?1) WHERE ${condition}
  ON CONFLICT (workspace_id, record_id) DO NOTHING`;
}
