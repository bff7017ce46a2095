/** The imports of a workspace, to be looked through: all of them, and those that are not over. */
import type { UsageImport } from "../protocol/usage.ts";
import { d1Query } from "./d1-query.ts";
import type { ImportStore } from "./import-ledger.ts";
import { ImportRow, isUnderWay } from "./import-row.ts";

const PAGE = `
  SELECT * FROM usage_imports WHERE workspace_id = ?1 AND store = ?2
    AND (?3 IS NULL OR status = ?3)
    AND (?4 IS NULL OR (created_at, import_id) < (?4, ?5))
  ORDER BY created_at DESC, import_id DESC LIMIT ?6`;

const UNFINISHED = `
  SELECT * FROM usage_imports WHERE workspace_id = ?1 AND store = ?2 AND status <> 'complete' AND stored > 0
  ORDER BY created_at DESC LIMIT ?3`;

/** Which imports a page has, and how many. */
export interface ImportQuery {
  readonly status: UsageImport["status"] | null;
  /** The last import of the page before; null for the first page. */
  readonly after: Pick<ImportRow, "created_at" | "import_id"> | null;
  readonly limit: number;
}

/** One workspace's imports into one store. Every method throws `ApexError` `unavailable` if D1 does not answer. */
export class ImportList {
  readonly #query: ReturnType<typeof d1Query>;
  readonly #own: readonly [workspaceId: string, store: ImportStore];

  constructor(db: D1Database, workspaceId: string, store: ImportStore) {
    this.#query = d1Query(db);
    this.#own = [workspaceId, store];
  }

  /** @returns so many imports, the newest first. */
  page({ status, after, limit }: ImportQuery): Promise<ImportRow[]> {
    const place = [after?.created_at ?? null, after?.import_id ?? null];
    return this.#query.rows(ImportRow, PAGE, [...this.#own, status, ...place, limit]);
  }

  /**
   * @param now a moment in milliseconds, by which one that is under way is told from one that broke off.
   * @returns those of which records count, but perhaps not all that their files have; the newest first.
   */
  async unfinished(limit: number, now: number) {
    const rows = await this.#query.rows(ImportRow, UNFINISHED, [...this.#own, limit]);
    return rows.map((row) => ({ ...row, under_way: isUnderWay(row, now) }));
  }
}
