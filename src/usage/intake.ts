/** The way of usage into a store, as a port: batches of records, and imports that go on and can be taken back. */
import type { QuarantinedRow } from "../protocol/usage.ts";
import type { Batch } from "./import/batches.ts";
import type { ImportLedger } from "./import-ledger.ts";
import type { ImportRow } from "./import-row.ts";
import type { PriceLookup } from "./prices.ts";

/** One workspace's. Every method throws `ApexError` `unavailable` where a store does not answer. */
export interface Intake {
  /** How far the imports got. */
  readonly imports: ImportLedger;
  /** @returns the workspace's prices, read once for all batches of this intake. */
  prices(): Promise<PriceLookup>;
  /** Stores a batch that belongs to no import. @returns how many of its records were new. */
  store(batch: Pick<Batch, "records" | "refusals">): Promise<number>;
  /**
   * Stores a batch of an import, whole for whoever reads, and says so in its row. Where it broke off
   * before, it is repeated, and counts nothing twice.
   * @throws {ApexError} `import_conflict` where another upload of it is under way, or it was taken back.
   */
  advance(row: ImportRow, batch: Batch, now: number): Promise<ImportRow>;
  /**
   * Takes back all that an import has stored; safe to repeat where it broke off. Records that other
   * imports brought before it stay.
   * @returns false where there is no such import.
   * @throws {ApexError} `import_conflict`, and when to try again, where a batch may still be on its way.
   */
  takeBack(importId: string, now: number): Promise<boolean>;
  /** @returns a page of the rows that were set aside, by their ids, after one of them. */
  quarantine(limit: number, after: string): Promise<QuarantinedRow[]>;
}
