/** Usage records in ClickHouse, where there are too many for D1: the same port, the same answers. */
import * as z from "zod";
import { sortOut } from "../batch.ts";
import { costliestFirst } from "../order.ts";
import { OWN_FEATURE } from "../own-calls.ts";
import { cataloguePrices, type PriceLookup } from "../prices.ts";
import { PRICED } from "../sql-columns.ts";
import { Call, MAX_GROUPS, ModelLatency, Superseded, type UsageStore } from "../store.ts";
import { StoredCall } from "../stored-json.ts";
import { UsageSums } from "../sums.ts";
import { type ClickhouseServer, connectClickhouse } from "./connection.ts";
import { recordWriter } from "./record-writer.ts";
import {
  DIMENSIONS,
  groupedBy,
  inScope,
  NEAREST_RANKS,
  RECORDS,
  SUMS,
  superseded,
  timed,
} from "./sql.ts";

/** Calls a page of a scan holds. */
const SCAN_PAGE = 10_000;

const EXTENT = ["first", "last", "records", "imported_first", "imported_last", "imported"] as const;
const IMPORTED = `(feature IS NULL OR feature != '${OWN_FEATURE}')`;
const CALL = Call.keyof().options;
const LATENCY = ModelLatency.keyof().options;
const SUPERSEDED = Superseded.keyof().options;

const ExtentRow = z
  .record(z.enum(EXTENT), z.number())
  .transform(({ first, last, records, imported_first, imported_last, imported }) => ({
    first,
    last,
    records,
    imported:
      imported === 0 ? null : { first: imported_first, last: imported_last, records: imported },
  }));
const Key = z.array(z.string().nullable());
const IdRow = z.object({ record_id: z.string() });
const VersionRow = z.object({ price_version: z.string() });
const CountRow = z.object({ records: z.number().int() });
const RankedRow = z.object({ values: z.array(z.number()) });

export interface ClickhouseUsageOptions {
  /** How records are priced as they come in; the catalogue, unless told otherwise. */
  readonly prices?: PriceLookup;
  /** Milliseconds one statement may take. */
  readonly deadlineMs?: number;
}

/** @returns the usage store over a ClickHouse database that has the migrations. */
export function clickhouseUsageStore(
  server: ClickhouseServer,
  { prices = cataloguePrices, deadlineMs = 30_000 }: ClickhouseUsageOptions = {},
): UsageStore {
  const connection = connectClickhouse(server, deadlineMs);
  const writer = recordWriter(connection);

  return {
    /** Quarantine goes first: an import that breaks there is repeated, and counts nothing twice. */
    async ingest(records) {
      if (records.length === 0) return { stored: 0, known: 0, quarantined: 0 };
      const { admitted, rejected } = sortOut(records, prices);
      const unknown = await writer.unknownOf(admitted);
      await connection.insert(
        "usage_quarantine",
        rejected.map(({ record, reason }) => ({
          workspace_id: record.workspace_id,
          record_id: record.record_id,
          reason,
          record: JSON.stringify(record),
        })),
      );
      await writer.insert(unknown, null);
      const stored = unknown.length;
      return { stored, known: admitted.length - stored, quarantined: rejected.length };
    },

    async extent(workspaceId) {
      const [row] = await connection.query(
        ExtentRow,
        EXTENT,
        `SELECT min(ts), max(ts), count(),
           minIf(ts, ${IMPORTED}), maxIf(ts, ${IMPORTED}), countIf(${IMPORTED}) FROM ${RECORDS}
         WHERE workspace_id = {workspace:String} HAVING count() > 0`,
        { workspace: workspaceId },
      );
      return row ?? null;
    },

    async groups(scope, by) {
      const { sql, values } = inScope(scope);
      const keys = by.map((name) => DIMENSIONS[name]);
      const names = by.map((_, index) => `key_${index}`);
      const rows = await connection.query(
        UsageSums.loose(),
        [...names, ...Object.keys(SUMS)],
        `SELECT ${[...keys, ...Object.values(SUMS)].join(", ")} FROM ${RECORDS} WHERE ${sql}
         ${keys.length > 0 ? `GROUP BY ${groupedBy(keys)}` : "HAVING count() > 0"}
         LIMIT ${MAX_GROUPS + 1}`,
        values,
      );
      return costliestFirst(
        rows.map((row) => ({
          key: Key.parse(names.map((name) => row[name])),
          sums: UsageSums.parse(row),
        })),
      );
    },

    latencies(scope) {
      const { sql, values } = timed(scope, "latency_ms");
      return connection.query(
        ModelLatency,
        LATENCY,
        `WITH arraySort(groupArray(latency_ms)) AS sorted
         SELECT provider, request_model, count(), ${NEAREST_RANKS} FROM ${RECORDS} WHERE ${sql}
         GROUP BY provider, request_model ORDER BY provider, request_model`,
        values,
      );
    },

    superseded(scope) {
      const { sql, values } = superseded(scope);
      return connection.query(Superseded, SUPERSEDED, sql, values);
    },

    async orderStatistics(scope, metric, positions) {
      const { sql, values } = timed(scope, metric);
      const [counted] = await connection.query(
        CountRow,
        ["records"],
        `SELECT count() FROM ${RECORDS} WHERE ${sql}`,
        values,
      );
      const records = counted?.records ?? 0;
      const wanted = records > 0 ? positions(records) : [];
      if (wanted.length === 0) return { records, values: [] };
      const [ranked] = await connection.query(
        RankedRow,
        ["values"],
        `WITH arraySort(groupArray(${metric})) AS sorted
         SELECT arrayMap(position -> sorted[position], {positions:Array(UInt64)})
         FROM ${RECORDS} WHERE ${sql}`,
        { ...values, positions: wanted },
      );
      return { records, values: wanted.map((_, index) => ranked?.values[index] ?? Number.NaN) };
    },

    async *scan(scope, signal) {
      const { sql, values } = inScope(scope);
      let after = { ts: scope.from - 1, id: "" };
      for (;;) {
        signal?.throwIfAborted();
        const page = await connection.query(
          StoredCall,
          CALL,
          `SELECT ${CALL.join(", ")} FROM ${RECORDS}
           WHERE ${sql} AND granularity = 'request'
             AND ts >= {after_ts:Int64} AND (ts, record_id) > ({after_ts:Int64}, {after_id:String})
           ORDER BY ts, record_id LIMIT ${SCAN_PAGE}`,
          { ...values, after_ts: after.ts, after_id: after.id },
        );
        if (page.length > 0) yield page;
        const last = page.at(-1);
        if (last === undefined || page.length < SCAN_PAGE) return;
        after = { ts: last.ts, id: last.record_id };
      }
    },

    async priceVersions(scope) {
      const { sql, values } = inScope(scope);
      const rows = await connection.query(
        VersionRow,
        ["price_version"],
        `SELECT DISTINCT price_version FROM ${RECORDS} WHERE ${sql} AND ${PRICED}
         ORDER BY price_version`,
        values,
      );
      return rows.map((row) => row.price_version);
    },

    async examples(scope, limit) {
      const { sql, values } = inScope(scope);
      const rows = await connection.query(
        IdRow,
        ["record_id"],
        `SELECT record_id FROM ${RECORDS} WHERE ${sql}
         ORDER BY cost_computed DESC, record_id LIMIT {limit:UInt32}`,
        { ...values, limit },
      );
      return rows.map((row) => row.record_id);
    },
  };
}
