/** Usage records in D1: plain SQL, every value bound, every row parsed. */
import * as z from "zod";
import { sortOut } from "./batch.ts";
import { EXTENT, ExtentRow } from "./d1-extent.ts";
import { type BoundValue, d1Query } from "./d1-query.ts";
import { insertRecords } from "./d1-rows.ts";
import {
  bindScope,
  countTimed,
  DIMENSIONS,
  IN_SCOPE,
  LATENCIES,
  rankTimed,
  SUM_COLUMNS,
  SUPERSEDED,
  UP_TO_END,
} from "./d1-sql.ts";
import { costliestFirst } from "./order.ts";
import { cataloguePrices, type PriceLookup } from "./prices.ts";
import { PRICED } from "./sql-columns.ts";
import { Call, MAX_GROUPS, ModelLatency, Superseded, type UsageStore } from "./store.ts";
import { JsonText, StoredCall } from "./stored-json.ts";
import { UsageSums } from "./sums.ts";

const INSERT_QUARANTINE = `
  INSERT INTO usage_quarantine (workspace_id, record_id, reason, record)
  SELECT value ->> '$.record.workspace_id', value ->> '$.record.record_id', value ->> 'reason',
    value -> 'record'
  FROM json_each(?1) WHERE true
  ON CONFLICT (workspace_id, record_id) DO NOTHING`;

/** Calls a page of a scan holds: parsing them takes some tens of milliseconds, in which nobody else has a turn. */
const SCAN_PAGE = 2_500;

/**
 * In the order of the table's key, so that each page begins where the last one ended. With the window's
 * start beside it SQLite would seek that, and go through all pages before each.
 */
const SCAN = `
  SELECT ${Call.keyof().options.join(", ")} FROM usage_records
  WHERE ${UP_TO_END} AND granularity = 'request' AND (ts, record_id) > (?10, ?11)
  ORDER BY ts, record_id LIMIT ?12`;

const GroupRow = UsageSums.extend({ key: JsonText.pipe(z.array(z.string().nullable())) });
const VersionRow = z.object({ price_version: z.string() });
const CountRow = z.object({ records: z.number().int() });
const RankedRow = z.object({ position: z.number().int(), value: z.number() });
const ExampleRow = z.object({ record_id: z.string() });

export interface D1UsageOptions {
  /** How records are priced as they come in; the catalogue, unless told otherwise. */
  readonly prices?: PriceLookup;
  /** Milliseconds one query, or one ingest, may take; D1 itself gives up after thirty seconds. */
  readonly deadlineMs?: number;
}

/** @returns the usage store over a D1 database that has the migrations. */
export function d1UsageStore(
  db: D1Database,
  { prices = cataloguePrices, deadlineMs = 30_000 }: D1UsageOptions = {},
): UsageStore {
  const { forRows, rows: query, transact } = d1Query(db, deadlineMs);

  return {
    async ingest(records) {
      if (records.length === 0) return { stored: 0, known: 0, quarantined: 0 };
      const { admitted, rejected } = sortOut(records, prices);
      const accepted = forRows(insertRecords(), admitted);
      const changes = await transact([...accepted, ...forRows(INSERT_QUARANTINE, rejected)]);
      const stored = changes.slice(0, accepted.length).reduce((sum, rows) => sum + rows, 0);
      return { stored, known: admitted.length - stored, quarantined: rejected.length };
    },

    async extent(workspaceId) {
      const [row] = await query(ExtentRow, EXTENT, [workspaceId]);
      return row ?? null;
    },

    async groups(scope, by) {
      const rows = await query(
        GroupRow,
        `SELECT json_array(${by.map((name) => DIMENSIONS[name]).join(", ")}) AS key,
           ${SUM_COLUMNS.join(", ")}
         FROM usage_records WHERE ${IN_SCOPE}
         GROUP BY key LIMIT ${MAX_GROUPS + 1}`,
        bindScope(scope),
      );
      return costliestFirst(rows.map(({ key, ...sums }) => ({ key, sums })));
    },

    latencies: (scope) => query(ModelLatency, LATENCIES, bindScope(scope)),

    superseded: (scope) => query(Superseded, SUPERSEDED, bindScope(scope)),

    async orderStatistics(scope, metric, positions) {
      const [counted] = await query(CountRow, countTimed(metric), bindScope(scope));
      const records = counted?.records ?? 0;
      const wanted = records > 0 ? positions(records) : [];
      const rows = await query(RankedRow, rankTimed(metric), [
        ...bindScope(scope),
        JSON.stringify(wanted),
      ]);
      const byPosition = new Map(rows.map(({ position, value }) => [position, value]));
      return { records, values: wanted.map((position) => byPosition.get(position) ?? Number.NaN) };
    },

    async *scan(scope, signal) {
      let after: BoundValue[] = [scope.from, ""];
      for (;;) {
        signal?.throwIfAborted();
        const page = await query(StoredCall, SCAN, [...bindScope(scope), ...after, SCAN_PAGE]);
        if (page.length > 0) yield page;
        const last = page.at(-1);
        if (last === undefined || page.length < SCAN_PAGE) return;
        after = [last.ts, last.record_id];
      }
    },

    async priceVersions(scope) {
      const rows = await query(
        VersionRow,
        `SELECT DISTINCT price_version FROM usage_records
         WHERE ${IN_SCOPE} AND ${PRICED} ORDER BY price_version`,
        bindScope(scope),
      );
      return rows.map((row) => row.price_version);
    },

    async examples(scope, limit) {
      const rows = await query(
        ExampleRow,
        `SELECT record_id FROM usage_records WHERE ${IN_SCOPE}
         ORDER BY cost_computed DESC, record_id LIMIT ?10`,
        [...bindScope(scope), limit],
      );
      return rows.map((row) => row.record_id);
    },
  };
}
