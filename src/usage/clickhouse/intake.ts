/**
 * The way of usage into ClickHouse. It has no transaction with the ledger of imports, which stays in D1: a
 * batch is claimed there, then written, and only then told. What breaks off in between is done again.
 *
 * Nor has it a unique key: which records are new is asked first. So that nobody brings the same ones between
 * the question and the answer, a workspace has one writer at a time, by a lease.
 */
import * as z from "zod";
import { type Clock, newId, systemClock } from "../../core/clock.ts";
import { ApexError } from "../../protocol/errors.ts";
import type { QuarantinedRow } from "../../protocol/usage.ts";
import type { Batch } from "../import/batches.ts";
import { ImportLedger } from "../import-ledger.ts";
import type { ImportRow } from "../import-row.ts";
import type { Intake } from "../intake.ts";
import { PriceOverrides } from "../price-overrides.ts";
import { type PriceLookup, priceRecord } from "../prices.ts";
import { type HeldLease, WorkspaceLease } from "../workspace-lease.ts";
import { assertOwner, isOwned } from "../workspace-owner.ts";
import {
  type ClickhouseConnection,
  type ClickhouseServer,
  connectClickhouse,
} from "./connection.ts";
import { recordWriter } from "./record-writer.ts";

const QuarantineRow = z.object({
  record_id: z.string(),
  reason: z.string(),
  record: z.string(),
  line: z.number().nullable(),
  import_id: z.string().nullable(),
});
const QUARANTINE = QuarantineRow.keyof().options;

/** What was set aside and came in since, as it should be, is no longer set aside. */
const SET_ASIDE = `
  SELECT ${QUARANTINE.join(", ")} FROM usage_quarantine FINAL
  WHERE workspace_id = {workspace:String} AND record_id > {after:String}
    AND record_id NOT IN (SELECT record_id FROM usage_records
      WHERE workspace_id = {workspace:String} AND record_id IN (SELECT record_id FROM usage_quarantine
        WHERE workspace_id = {workspace:String}))
  ORDER BY record_id LIMIT {limit:UInt32}`;

const OWN = "workspace_id = {workspace:String}";
const OF_IMPORT = `${OWN} AND import_id = {import:String}`;

export interface ClickhouseIntakeOptions {
  readonly server: ClickhouseServer;
  /** Has the ledger, and the workspace's prices. */
  readonly db: D1Database;
  /** Milliseconds one statement may take. */
  readonly deadlineMs?: number;
  readonly clock?: Clock;
}

export class ClickhouseIntake implements Intake {
  readonly imports: ImportLedger;
  readonly #db: D1Database;
  readonly #workspaceId: string;
  readonly #overrides: PriceOverrides;
  readonly #lease: WorkspaceLease;
  readonly #connection: ClickhouseConnection;
  readonly #writer: ReturnType<typeof recordWriter>;
  readonly #deadlineMs: number;
  readonly #clock: Clock;
  #prices: Promise<PriceLookup> | null = null;

  constructor(
    { server, db, deadlineMs = 10_000, clock = systemClock }: ClickhouseIntakeOptions,
    workspaceId: string,
  ) {
    this.imports = new ImportLedger(db, workspaceId, "clickhouse");
    this.#db = db;
    this.#workspaceId = workspaceId;
    this.#overrides = new PriceOverrides(db, workspaceId);
    this.#lease = new WorkspaceLease({ db, workspaceId, statementMs: deadlineMs, clock });
    this.#connection = connectClickhouse(server, deadlineMs);
    this.#writer = recordWriter(this.#connection);
    this.#deadlineMs = deadlineMs;
    this.#clock = clock;
  }

  prices(): Promise<PriceLookup> {
    this.#prices ??= this.#overrides.lookup();
    return this.#prices;
  }

  store(batch: Pick<Batch, "records" | "refusals">): Promise<number> {
    return this.#lease.hold(`records:${newId()}`, (lease) => this.#write(batch, null, lease));
  }

  async advance(row: ImportRow, batch: Batch, now: number): Promise<ImportRow> {
    const { import_id: id } = row;
    const asked = this.#clock.now();
    const writing = this.#lease.hold(`import:${id}`, async (lease) => {
      await this.imports.claim(row, batch, now + this.#clock.now() - asked);
      return await this.#write(batch, id, lease);
    });
    const stored = await writing.catch(async (error: unknown) => {
      await this.imports.assertStands(id);
      throw error;
    });
    return await this.imports.advance(row, batch, stored, now);
  }

  async takeBack(importId: string, now: number): Promise<boolean> {
    const row = await this.imports.beginTakingBack(importId);
    if (row === null) return false;
    const waitMs = this.#settledAt(row) - now;
    if (waitMs > 0) throw onItsWay(waitMs);
    await this.#remove(OF_IMPORT, { workspace: this.#workspaceId, import: importId });
    await this.imports.remove(importId);
    return true;
  }

  async quarantine(limit: number, after: string): Promise<QuarantinedRow[]> {
    const values = { workspace: this.#workspaceId, after, limit };
    return await this.#connection.query(QuarantineRow, QUARANTINE, SET_ASIDE, values);
  }

  /**
   * Writes a batch, its records in one block: whoever reads sees all of them, or none.
   * @returns how many were new, those counted that the same import wrote before it broke off.
   */
  async #write(
    { records, refusals }: Pick<Batch, "records" | "refusals">,
    importId: string | null,
    { sendUntil, sending }: HeldLease,
  ): Promise<number> {
    const workspace = this.#workspaceId;
    await assertOwner(this.#db, workspace);
    const prices = await this.prices();
    const ids = records.map(({ record_id }) => record_id);
    const known = await this.#writer.known(workspace, ids);
    const unknown = records.filter(({ record_id }) => !known.has(record_id));
    if (this.#clock.now() > sendUntil) throw tooSlow();
    sending();
    await this.#connection.insert(
      "usage_quarantine",
      refusals.map(({ record_id, reason, row, line }) => ({
        workspace_id: workspace,
        record_id,
        reason,
        record: row,
        import_id: importId,
        line,
      })),
    );
    if (this.#clock.now() > sendUntil) throw tooSlow();
    await this.#writer.insert(
      unknown.map((record) => priceRecord(record, prices)),
      importId,
    );
    // Where its end came meanwhile, what that was to delete was perhaps not there yet.
    if (!(await isOwned(this.#db, workspace))) await this.#remove(OWN, { workspace });
    await assertOwner(this.#db, workspace);
    const brought = [...known.values()].filter((by) => by !== null && by === importId);
    return unknown.length + brought.length;
  }

  async #remove(sql: string, values: Record<string, string>): Promise<void> {
    for (const table of ["usage_records", "usage_quarantine"]) {
      await this.#connection.remove(table, { sql, values });
    }
  }

  /**
   * @returns when a batch that was claimed, and not told of since, can no longer arrive: it is sent within
   *   the deadline, given up within another, and the server stops within a third.
   */
  #settledAt({ next_chain, updated_at }: ImportRow): number {
    return next_chain === null ? 0 : Date.parse(updated_at) + 3 * this.#deadlineMs;
  }
}

function tooSlow(): ApexError {
  const detail = "The usage records did not answer in time.";
  return new ApexError("unavailable", detail, { retryAfter: 5 });
}

function onItsWay(waitMs: number): ApexError {
  const retryAfter = Math.ceil(waitMs / 1000);
  const detail = `The import takes no more, but a batch of it may still be on its way. Please take it back again in ${retryAfter} s.`;
  return new ApexError("import_conflict", detail, { retryAfter });
}
