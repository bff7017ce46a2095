/** What a workspace holds, asked of D1: without the product's own calls too, which the index of ids tells. */
import * as z from "zod";
import { IS_OWN } from "./own-calls.ts";
import type { Holdings } from "./store.ts";

/** Its ends are found by the table's key. In one with the count both would be sought in every row. */
const ANY = "FROM usage_records WHERE workspace_id = ?1 ORDER BY ts";
/** What is not its own is found from either end. */
const IMPORTED = `FROM usage_records WHERE workspace_id = ?1 AND NOT ${IS_OWN} ORDER BY ts`;

export const EXTENT = `
  SELECT COUNT(*) AS records,
    (SELECT ts ${ANY} LIMIT 1) AS first,
    (SELECT ts ${ANY} DESC LIMIT 1) AS last,
    (SELECT COUNT(*) FROM usage_records
      WHERE workspace_id = ?1 AND ${IS_OWN}) AS own_records,
    (SELECT ts ${IMPORTED} LIMIT 1) AS imported_first,
    (SELECT ts ${IMPORTED} DESC LIMIT 1) AS imported_last
  FROM usage_records WHERE workspace_id = ?1`;

const moment = z.number().int().nullable();

/** The row of {@link EXTENT}; null where the workspace holds nothing. */
export const ExtentRow = z
  .object({
    first: moment,
    last: moment,
    records: z.number().int(),
    own_records: z.number().int(),
    imported_first: moment,
    imported_last: moment,
  })
  .transform(
    ({ first, last, records, own_records, imported_first, imported_last }): Holdings | null => {
      if (first === null || last === null) return null;
      const imported =
        imported_first === null || imported_last === null
          ? null
          : { first: imported_first, last: imported_last, records: records - own_records };
      return { first, last, records, imported };
    },
  );
