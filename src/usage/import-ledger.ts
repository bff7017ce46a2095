/** The ledger of imports, in D1 for every store: how far each got, so that its file can be sent again. */
import { newId, timestamp } from "../core/clock.ts";
import { ApexError } from "../protocol/errors.ts";
import type { ImportFormat } from "../protocol/usage.ts";
import { d1Query } from "./d1-query.ts";
import type { Batch } from "./import/batches.ts";
import { ImportRow } from "./import-row.ts";
import { assertOwner, hasOwner } from "./workspace-owner.ts";

/** The store that has the records of an import. */
export type ImportStore = "d1" | "clickhouse";

/** How long an import of which nothing arrives is still called under way, in milliseconds. */
const SENDING_MS = 60_000;

/** What broke off is sent by whoever opens it again; what somebody else sends is left to them. */
const OPEN = `
  INSERT INTO usage_imports (workspace_id, import_id, format, status, store, created_at, updated_at,
    file_name, sender, sending_until)
  SELECT ?1, ?2, ?3, 'incomplete', ?4, ?5, ?5, ?6, ?7, ?8 WHERE ${hasOwner("?1")}
  ON CONFLICT DO UPDATE SET sender = excluded.sender, sending_until = excluded.sending_until
  WHERE status = 'incomplete' AND format = excluded.format AND store = excluded.store
    AND coalesce(sending_until, 0) < ?9`;

const FIND =
  "SELECT * FROM usage_imports WHERE workspace_id = ?1 AND import_id = ?2 AND store = ?3";

const CLAIM = `
  UPDATE usage_imports SET next_chain = ?4, updated_at = ?5, sender = ?6, sending_until = ?7
  WHERE workspace_id = ?1 AND import_id = ?2 AND status = 'incomplete' AND rows = ?3
    AND coalesce(next_chain, ?4) = ?4`;

const ADVANCE = `
  UPDATE usage_imports SET rows = rows + ?4, chain = ?5, next_chain = NULL, duplicates = duplicates + ?6,
    ignored = ignored + ?7, quarantined = quarantined + ?8,
    first_ts = min(coalesce(first_ts, ?9), coalesce(?9, first_ts)),
    last_ts = max(coalesce(last_ts, ?10), coalesce(?10, last_ts)), updated_at = ?11,
    stored = stored + ?12, sender = ?13, sending_until = ?14
  WHERE workspace_id = ?1 AND import_id = ?2 AND status = 'incomplete' AND rows = ?3`;

const BREAK_OFF = `
  UPDATE usage_imports SET sending_until = NULL
  WHERE workspace_id = ?1 AND import_id = ?2 AND sender = ?3`;

const LET_GO = `
  UPDATE usage_imports SET next_chain = NULL
  WHERE workspace_id = ?1 AND import_id = ?2 AND status = 'rolling_back' AND next_chain = ?3`;

const COMPLETE = `
  UPDATE usage_imports SET status = 'complete', updated_at = ?4
  WHERE workspace_id = ?1 AND import_id = ?2 AND rows = ?3 AND status <> 'rolling_back'`;

const BEGIN_TAKING_BACK = `
  UPDATE usage_imports SET status = 'rolling_back'
  WHERE workspace_id = ?1 AND import_id = ?2 AND store = ?3`;

const REMOVE = "DELETE FROM usage_imports WHERE workspace_id = ?1 AND import_id = ?2";

/** One sender's way to a workspace's imports into one store. Every method throws {@link ApexError} `unavailable` if D1 does not answer. */
export class ImportLedger {
  readonly #db: D1Database;
  readonly #query: ReturnType<typeof d1Query>;
  readonly #workspaceId: string;
  readonly #store: ImportStore;
  readonly #sender = newId();

  constructor(db: D1Database, workspaceId: string, store: ImportStore) {
    this.#db = db;
    this.#query = d1Query(db);
    this.#workspaceId = workspaceId;
    this.#store = store;
  }

  /**
   * Begins an import, or finds it where it was begun before.
   * @throws {ApexError} `import_conflict` where its id stands for something else; `forbidden` where the
   *   workspace is nobody's any more.
   */
  async open(
    importId: string,
    format: ImportFormat,
    now: number,
    fileName: string | null = null,
  ): Promise<ImportRow> {
    const sending = [fileName, this.#sender, now + SENDING_MS, now];
    await this.#run(OPEN, importId, format, this.#store, timestamp(now), ...sending);
    const row = await this.find(importId);
    if (row === null) await assertOwner(this.#db, this.#workspaceId);
    if (row === null || row.status === "rolling_back") throw takenBack();
    if (row.format !== format) throw anotherFile();
    return row;
  }

  async find(importId: string): Promise<ImportRow | null> {
    const values = [this.#workspaceId, importId, this.#store];
    const [row] = await this.#query.rows(ImportRow, FIND, values);
    return row ?? null;
  }

  /** @throws {ApexError} `import_conflict` where there is no such import any more. */
  async assertStands(importId: string): Promise<void> {
    if ((await this.find(importId)) === null) throw takenBack();
  }

  /**
   * Says that a batch is on its way to a store that has no transactions with this ledger. Until it has
   * arrived, the import takes no other batch at this place: what may be stored already is known.
   * @throws {ApexError} `import_conflict` where another batch is, or was when it broke off.
   */
  async claim(row: ImportRow, batch: Pick<Batch, "chain">, now: number): Promise<void> {
    const { import_id: id, rows } = row;
    const sending = [this.#sender, now + SENDING_MS];
    if (await this.#run(CLAIM, id, rows, batch.chain, timestamp(now), ...sending)) return;
    const found = await this.find(id);
    throw found?.status === "incomplete" && found.rows === rows ? anotherFile() : takenBack();
  }

  /** @returns what says, within a transaction, that a batch is stored, with so many records that were new. */
  advancing(row: ImportRow, batch: Batch, stored: number, now: number): D1PreparedStatement {
    const times = batch.records.map(({ ts }) => ts);
    return this.#bind(
      ADVANCE,
      row.import_id,
      row.rows,
      batch.rows,
      batch.chain,
      batch.duplicates,
      batch.ignored,
      batch.refusals.length,
      times.length > 0 ? times.reduce((a, b) => Math.min(a, b)) : null,
      times.length > 0 ? times.reduce((a, b) => Math.max(a, b)) : null,
      timestamp(now),
      stored,
      this.#sender,
      now + SENDING_MS,
    );
  }

  /**
   * @param changed how many rows {@link advancing} changed.
   * @throws {ApexError} `import_conflict` where it was none: the import went on, or back, without this batch.
   */
  async advanced(importId: string, changed: number | undefined): Promise<ImportRow> {
    const row = await this.find(importId);
    if (changed !== 1 || row === null) throw takenBack();
    return row;
  }

  /** Says that a batch that was claimed is stored. @throws {ApexError} `import_conflict`, as {@link advanced} does. */
  async advance(row: ImportRow, batch: Batch, stored: number, now: number): Promise<ImportRow> {
    const [changed] = await this.#query.transact([this.advancing(row, batch, stored, now)]);
    // Whoever takes the import back need not wait for it any longer.
    if (changed !== 1) await this.#run(LET_GO, row.import_id, batch.chain);
    return await this.advanced(row.import_id, changed);
  }

  /** Says that the file has come to its end. */
  async complete(row: ImportRow, now: number): Promise<ImportRow> {
    const updated_at = timestamp(now);
    if (!(await this.#run(COMPLETE, row.import_id, row.rows, updated_at))) throw takenBack();
    return { ...row, status: "complete", updated_at };
  }

  /** Says that nothing more of it comes from here for now; where somebody else sends it, it stays under way. */
  async breakOff(importId: string): Promise<void> {
    await this.#run(BREAK_OFF, importId, this.#sender);
  }

  /** From then on no batch is taken. @returns the import, or null where there is none. */
  async beginTakingBack(importId: string): Promise<ImportRow | null> {
    await this.#run(BEGIN_TAKING_BACK, importId, this.#store);
    return await this.find(importId);
  }

  /** @returns what forgets an import of which nothing is left. */
  removing(importId: string): D1PreparedStatement {
    return this.#bind(REMOVE, importId);
  }

  async remove(importId: string): Promise<void> {
    await this.#query.transact([this.removing(importId)]);
  }

  /** @returns whether it changed a row of the import. */
  async #run(
    sql: string,
    importId: string,
    ...values: (string | number | null)[]
  ): Promise<boolean> {
    const [changed] = await this.#query.transact([this.#bind(sql, importId, ...values)]);
    return changed === 1;
  }

  #bind(sql: string, importId: string, ...values: (string | number | null)[]): D1PreparedStatement {
    return this.#db.prepare(sql).bind(this.#workspaceId, importId, ...values);
  }
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
