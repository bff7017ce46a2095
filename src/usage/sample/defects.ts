/** What is wrong with the sample company's records, as with everybody's: gaps, mistakes, repetitions. */
import type { UsageRecord } from "../record.ts";
import { portionOf } from "./made-up-hash.ts";

/** The shares of the requests whose records have each defect. */
const DEFECTS = {
  missing_hashes: 0.1,
  wrong_interactive: 0.08,
  imported_twice: 0.005,
} as const;

/** @returns the record as its source would have it: maybe without hashes, maybe with the wrong flag. */
export function spoiled(record: UsageRecord): UsageRecord {
  const hashless = hasDefect("missing_hashes", record);
  const wrong = record.interactive !== null && hasDefect("wrong_interactive", record);
  if (!hashless && !wrong) return record;
  return {
    ...record,
    ...(hashless && { prompt_hmac: null, block_hmacs: [] }),
    ...(wrong && { interactive: record.interactive === 1 ? 0 : 1 }),
  };
}

/** @returns whether the record comes a second time. */
export function isImportedTwice(record: UsageRecord): boolean {
  return hasDefect("imported_twice", record);
}

/** Each defect looks at digits of its own in the id: a hash stands behind its eight digits of time. */
const DIGITS = { missing_hashes: 8, wrong_interactive: 12, imported_twice: 16 } as const;

function hasDefect(defect: keyof typeof DEFECTS, { record_id }: UsageRecord): boolean {
  return portionOf(record_id, DIGITS[defect]) < DEFECTS[defect];
}
