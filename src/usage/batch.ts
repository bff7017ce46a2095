/** What happens to records between their import and the store: checked, priced, cut into statements. */
import { ApexError } from "../protocol/errors.ts";
import { type PriceLookup, priceRecord } from "./prices.ts";
import { admit, type PricedRecord, type UsageRecord } from "./record.ts";
import { MAX_INGEST } from "./store.ts";

/** UTF-16 units of JSON in one bound parameter: D1 takes 2 MB a string, in UTF-8. */
const CHUNK_LENGTH = 512 * 1024;

/**
 * @returns the records that hold together, priced, and apart from them the others, with reasons.
 * @throws {ApexError} `too_large` past {@link MAX_INGEST} records.
 */
export function sortOut(records: readonly UsageRecord[], prices: PriceLookup) {
  if (records.length > MAX_INGEST) {
    throw new ApexError("too_large", `One import takes at most ${MAX_INGEST} records.`);
  }
  const admitted: PricedRecord[] = [];
  const rejected: { record: UsageRecord; reason: string }[] = [];
  for (const record of records) {
    const admission = admit(record);
    if (admission.ok) admitted.push(priceRecord(admission.record, prices));
    else rejected.push({ record, reason: admission.reason.sentence });
  }
  return { admitted, rejected };
}

/** @returns the rows as JSON arrays, each short enough for one parameter. */
export function jsonChunks(rows: readonly object[]): string[] {
  const arrays: string[] = [];
  let pending: string[] = [];
  let length = 0;
  for (const row of rows) {
    const text = JSON.stringify(row);
    if (length + text.length > CHUNK_LENGTH) {
      arrays.push(`[${pending.join(",")}]`);
      pending = [];
      length = 0;
    }
    pending.push(text);
    length += text.length;
  }
  if (pending.length > 0) arrays.push(`[${pending.join(",")}]`);
  return arrays;
}
