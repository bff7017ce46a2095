/** The way of usage into D1: batches of records, and the ledger of imports, each batch one transaction. */
import * as z from "zod";
import type { QuarantinedRow } from "../protocol/usage.ts";
import { d1Query } from "./d1-query.ts";
import { insertRecords } from "./d1-rows.ts";
import type { Batch } from "./import/batches.ts";
import { ImportLedger } from "./import-ledger.ts";
import type { ImportRow } from "./import-row.ts";
import type { Intake } from "./intake.ts";
import { PriceOverrides } from "./price-overrides.ts";
import { type PriceLookup, priceRecord } from "./prices.ts";
import { assertOwner, hasOwner } from "./workspace-owner.ts";

const QuarantineRow = z.object({
  record_id: z.string(),
  reason: z.string(),
  record: z.string(),
  line: z.number().nullable(),
  import_id: z.string().nullable(),
});

/** True while an import (?3) of the workspace (?2) stands where a batch begins (?4): no other writes it. */
const IS_NEXT = `EXISTS (SELECT 1 FROM usage_imports
  WHERE workspace_id = ?2 AND import_id = ?3 AND status = 'incomplete' AND rows = ?4)`;

const COUNT_NEW = `
  UPDATE usage_imports SET stored = stored + (SELECT count(*) FROM json_each(?1) WHERE NOT EXISTS (
    SELECT 1 FROM usage_records WHERE workspace_id = ?2 AND record_id = value ->> 'record_id'))
  WHERE workspace_id = ?2 AND import_id = ?3 AND status = 'incomplete' AND rows = ?4`;

/** @param condition bounds all of the rows (?1) of the workspace (?2) and the import (?3), as SQL. */
const quarantineRows = (condition: string) => `
  INSERT INTO usage_quarantine (workspace_id, record_id, reason, record, line, import_id)
  SELECT ?2, value ->> 'record_id', value ->> 'reason', value ->> 'row', value ->> 'line', ?3
  FROM json_each(?1) WHERE ${condition}
    AND NOT EXISTS (SELECT 1 FROM usage_records
      WHERE workspace_id = ?2 AND record_id = value ->> 'record_id')
  ON CONFLICT (workspace_id, record_id) DO UPDATE SET reason = excluded.reason, record = excluded.record,
    line = excluded.line, import_id = excluded.import_id`;

/** What was set aside and is taken now is no longer set aside. */
const RELEASE = `
  DELETE FROM usage_quarantine WHERE workspace_id = ?2
    AND record_id IN (SELECT value ->> 'record_id' FROM json_each(?1))`;

/** Of an import, so many records at once. */
const TAKE_BACK = `
  DELETE FROM usage_records WHERE workspace_id = ?1 AND record_id IN (
    SELECT record_id FROM usage_records
    WHERE workspace_id = ?1 AND import_id = ?2 AND ts BETWEEN ?3 AND ?4 LIMIT 10000)`;

const FORGET_QUARANTINE = "DELETE FROM usage_quarantine WHERE workspace_id = ?1 AND import_id = ?2";

export class D1Intake implements Intake {
  readonly imports: ImportLedger;
  readonly #db: D1Database;
  readonly #workspaceId: string;
  readonly #query: ReturnType<typeof d1Query>;
  readonly #overrides: PriceOverrides;
  #prices: Promise<PriceLookup> | null = null;

  constructor(db: D1Database, workspaceId: string) {
    this.imports = new ImportLedger(db, workspaceId, "d1");
    this.#db = db;
    this.#workspaceId = workspaceId;
    this.#query = d1Query(db);
    this.#overrides = new PriceOverrides(db, workspaceId);
  }

  prices(): Promise<PriceLookup> {
    this.#prices ??= this.#overrides.lookup();
    return this.#prices;
  }

  async store(batch: Pick<Batch, "records" | "refusals">): Promise<number> {
    const rows = await this.#priced(batch);
    const workspace = this.#workspaceId;
    const inserts = this.#query.forRows(insertRecords("NULL", hasOwner("?2")), rows, workspace);
    const changes = await this.#query.transact([
      ...inserts,
      ...this.#query.forRows(RELEASE, idsOf(rows), workspace),
      ...this.#query.forRows(quarantineRows(hasOwner("?2")), batch.refusals, workspace, null),
    ]);
    await assertOwner(this.#db, workspace);
    return changes.slice(0, inserts.length).reduce((sum, each) => sum + each, 0);
  }

  /** All in one transaction, which counts the records that are new itself. */
  async advance(row: ImportRow, batch: Batch, now: number): Promise<ImportRow> {
    const { import_id: id, rows: done } = row;
    const priced = await this.#priced(batch);
    const place = [this.#workspaceId, id, done] as const;
    const counts = this.#query.forRows(COUNT_NEW, priced, ...place);
    const inserts = this.#query.forRows(insertRecords("?3", IS_NEXT), priced, ...place);
    const changes = await this.#query.transact([
      ...counts.flatMap((count, at) => [count, inserts[at] ?? count]),
      ...this.#query.forRows(RELEASE, idsOf(priced), this.#workspaceId),
      ...this.#query.forRows(quarantineRows(IS_NEXT), batch.refusals, ...place),
      this.imports.advancing(row, batch, 0, now),
    ]);
    return await this.imports.advanced(id, changes.at(-1));
  }

  async takeBack(importId: string): Promise<boolean> {
    const row = await this.imports.beginTakingBack(importId);
    if (row === null) return false;
    const own = [this.#workspaceId, importId] as const;
    const range = [row.first_ts ?? 0, row.last_ts ?? 0] as const;
    for (let removed = 1; removed > 0; ) {
      [removed = 0] = await this.#query.transact([
        this.#db.prepare(TAKE_BACK).bind(...own, ...range),
      ]);
    }
    await this.#query.transact([
      this.#db.prepare(FORGET_QUARANTINE).bind(...own),
      this.imports.removing(importId),
    ]);
    return true;
  }

  async quarantine(limit: number, after: string): Promise<QuarantinedRow[]> {
    const sql = `SELECT record_id, reason, record, line, import_id FROM usage_quarantine
      WHERE workspace_id = ?1 AND record_id > ?2 ORDER BY record_id LIMIT ?3`;
    return this.#query.rows(QuarantineRow, sql, [this.#workspaceId, after, limit]);
  }

  async #priced({ records }: Pick<Batch, "records">) {
    const prices = await this.prices();
    return records.map((record) => priceRecord(record, prices));
  }
}

function idsOf(rows: readonly { readonly record_id: string }[]) {
  return rows.map(({ record_id }) => ({ record_id }));
}
