/** The way of usage into D1: batches of records, and the ledger of imports, each batch one transaction. */
import * as z from "zod";
import { timestamp } from "../core/clock.ts";
import { ApexError } from "../protocol/errors.ts";
import { ImportFormat, type QuarantinedRow, UsageImport } from "../protocol/usage.ts";
import { d1Query } from "./d1-query.ts";
import { insertRecords } from "./d1-rows.ts";
import type { Batch } from "./import/batches.ts";
import { PriceOverrides } from "./price-overrides.ts";
import { type PriceLookup, priceRecord } from "./prices.ts";

/** How far an import got, as its row has it. */
const ImportRow = z.object({
  import_id: z.string(),
  format: ImportFormat,
  status: UsageImport.shape.status,
  chain: z.number(),
  rows: z.number(),
  stored: z.number(),
  duplicates: z.number(),
  ignored: z.number(),
  quarantined: z.number(),
  first_ts: z.number().nullable(),
  last_ts: z.number().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type ImportRow = z.infer<typeof ImportRow>;

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

const ADVANCE = `
  UPDATE usage_imports SET rows = rows + ?4, chain = ?5, duplicates = duplicates + ?6,
    ignored = ignored + ?7, quarantined = quarantined + ?8,
    first_ts = min(coalesce(first_ts, ?9), coalesce(?9, first_ts)),
    last_ts = max(coalesce(last_ts, ?10), coalesce(?10, last_ts)), updated_at = ?11
  WHERE workspace_id = ?1 AND import_id = ?2 AND status = 'incomplete' AND rows = ?3`;

/** Of an import, so many records at once. */
const TAKE_BACK = `
  DELETE FROM usage_records WHERE workspace_id = ?1 AND record_id IN (
    SELECT record_id FROM usage_records
    WHERE workspace_id = ?1 AND import_id = ?2 AND ts BETWEEN ?3 AND ?4 LIMIT 10000)`;

/** One workspace's. Every method throws {@link ApexError} `unavailable` where D1 does not answer. */
export class D1Intake {
  readonly #db: D1Database;
  readonly #workspaceId: string;
  readonly #query: ReturnType<typeof d1Query>;
  readonly #overrides: PriceOverrides;
  #prices: Promise<PriceLookup> | null = null;

  constructor(db: D1Database, workspaceId: string) {
    this.#db = db;
    this.#workspaceId = workspaceId;
    this.#query = d1Query(db);
    this.#overrides = new PriceOverrides(db, workspaceId);
  }

  /** @returns the workspace's prices, read once for all batches of this intake. */
  prices(): Promise<PriceLookup> {
    this.#prices ??= this.#overrides.lookup();
    return this.#prices;
  }

  /** Stores a batch that belongs to no import. @returns how many of its records were new. */
  async store(batch: Pick<Batch, "records" | "refusals">): Promise<number> {
    const rows = await this.#priced(batch);
    const inserts = this.#query.forRows(insertRecords(), rows);
    const changes = await this.#query.transact([
      ...inserts,
      ...this.#query.forRows(RELEASE, idsOf(rows), this.#workspaceId),
      ...this.#query.forRows(quarantineRows("true"), batch.refusals, this.#workspaceId, null),
    ]);
    return changes.slice(0, inserts.length).reduce((sum, each) => sum + each, 0);
  }

  /** Begins an import, or finds it where it was begun before. */
  async open(importId: string, format: ImportFormat, now: number): Promise<ImportRow> {
    const at = timestamp(now);
    const sql = `INSERT INTO usage_imports (workspace_id, import_id, format, status, created_at, updated_at)
      VALUES (?1, ?2, ?3, 'incomplete', ?4, ?4) ON CONFLICT DO NOTHING`;
    await this.#query.transact([
      this.#db.prepare(sql).bind(this.#workspaceId, importId, format, at),
    ]);
    const row = await this.find(importId);
    if (row === null || row.status === "rolling_back") throw takenBack();
    if (row.format !== format) throw anotherFile();
    return row;
  }

  async find(importId: string): Promise<ImportRow | null> {
    const sql = "SELECT * FROM usage_imports WHERE workspace_id = ?1 AND import_id = ?2";
    const [row] = await this.#query.rows(ImportRow, sql, [this.#workspaceId, importId]);
    return row ?? null;
  }

  /**
   * Stores a batch of an import and says so in its row, all in one transaction.
   * @throws {ApexError} `import_conflict` where another upload of it is under way, or it was taken back.
   */
  async advance(row: ImportRow, batch: Batch, now: number): Promise<ImportRow> {
    const { import_id: id, rows: done } = row;
    const priced = await this.#priced(batch);
    const place = [this.#workspaceId, id, done] as const;
    const counts = this.#query.forRows(COUNT_NEW, priced, ...place);
    const inserts = this.#query.forRows(insertRecords("?3", IS_NEXT), priced, ...place);
    const times = batch.records.map(({ ts }) => ts);
    const advance = this.#db
      .prepare(ADVANCE)
      .bind(
        ...place,
        batch.rows,
        batch.chain,
        batch.duplicates,
        batch.ignored,
        batch.refusals.length,
        times.length > 0 ? times.reduce((a, b) => Math.min(a, b)) : null,
        times.length > 0 ? times.reduce((a, b) => Math.max(a, b)) : null,
        timestamp(now),
      );
    const changes = await this.#query.transact([
      ...counts.flatMap((count, at) => [count, inserts[at] ?? count]),
      ...this.#query.forRows(RELEASE, idsOf(priced), this.#workspaceId),
      ...this.#query.forRows(quarantineRows(IS_NEXT), batch.refusals, ...place),
      advance,
    ]);
    const next = await this.find(id);
    if (changes.at(-1) !== 1 || next === null) throw takenBack();
    return next;
  }

  /** Says that the file has come to its end. */
  async complete(row: ImportRow, now: number): Promise<ImportRow> {
    const sql = `UPDATE usage_imports SET status = 'complete', updated_at = ?4
      WHERE workspace_id = ?1 AND import_id = ?2 AND rows = ?3 AND status <> 'rolling_back'`;
    const statement = this.#db
      .prepare(sql)
      .bind(this.#workspaceId, row.import_id, row.rows, timestamp(now));
    const [changed] = await this.#query.transact([statement]);
    if (changed !== 1) throw takenBack();
    return { ...row, status: "complete", updated_at: timestamp(now) };
  }

  /**
   * Takes back all that an import has stored; safe to repeat where it broke off. Records that other
   * imports brought before it stay.
   * @returns false where there is no such import.
   */
  async rollBack(importId: string): Promise<boolean> {
    const mark =
      "UPDATE usage_imports SET status = 'rolling_back' WHERE workspace_id = ?1 AND import_id = ?2";
    const own = [this.#workspaceId, importId] as const;
    await this.#query.transact([this.#db.prepare(mark).bind(...own)]);
    const row = await this.find(importId);
    if (row === null) return false;
    const range = [row.first_ts ?? 0, row.last_ts ?? 0] as const;
    for (let removed = 1; removed > 0; ) {
      [removed = 0] = await this.#query.transact([
        this.#db.prepare(TAKE_BACK).bind(...own, ...range),
      ]);
    }
    await this.#query.transact(
      ["usage_quarantine", "usage_imports"].map((table) =>
        this.#db
          .prepare(`DELETE FROM ${table} WHERE workspace_id = ?1 AND import_id = ?2`)
          .bind(...own),
      ),
    );
    return true;
  }

  /** @returns a page of the rows that were set aside, by their ids, after one of them. */
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

/** @returns an import's row as the wire tells it. */
export function toImport(row: ImportRow): UsageImport {
  const { import_id, chain: _, first_ts, last_ts, ...rest } = row;
  const taken = rest.stored + rest.duplicates + rest.ignored + rest.quarantined;
  return {
    id: import_id,
    ...rest,
    known: rest.rows - taken,
    first_at: first_ts === null ? null : timestamp(first_ts),
    last_at: last_ts === null ? null : timestamp(last_ts),
  };
}

function idsOf(rows: readonly { readonly record_id: string }[]) {
  return rows.map(({ record_id }) => ({ record_id }));
}

function takenBack(): ApexError {
  const detail = "This import was taken back, or is being sent by somebody else at this moment.";
  return new ApexError("import_conflict", detail);
}

/** @returns why an import can't go on: what came before differs. */
export function anotherFile(): ApexError {
  const detail = "The same import_id was used for another file. Choose another id.";
  return new ApexError("import_conflict", detail);
}
