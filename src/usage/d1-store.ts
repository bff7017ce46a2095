/** Usage records in D1: plain SQL, every value bound, every row parsed. */
import * as z from "zod";
import { ApexError } from "../protocol/errors.ts";
import { sortOut } from "./batch.ts";
import { EXTENT, ExtentRow } from "./d1-extent.ts";
import { type BoundValue, d1Query } from "./d1-query.ts";
import { insertRecords } from "./d1-rows.ts";
import { costliestFirst } from "./order.ts";
import { cataloguePrices, type PriceLookup } from "./prices.ts";
import {
  Call,
  type GroupBy,
  type LatencyMetric,
  MAX_GROUPS,
  MAX_INGEST,
  ModelLatency,
  type Scope,
  type UsageStore,
} from "./store.ts";
import { JsonText, StoredCall } from "./stored-json.ts";
import { UsageSums } from "./sums.ts";

const INSERT_QUARANTINE = `
  INSERT INTO usage_quarantine (workspace_id, record_id, reason, record)
  SELECT value ->> '$.record.workspace_id', value ->> '$.record.record_id', value ->> 'reason',
    value -> 'record'
  FROM json_each(?1) WHERE true
  ON CONFLICT (workspace_id, record_id) DO NOTHING`;

/** Bound by {@link bindScope}: one text for every filter, so a filter is never part of the SQL. */
const UP_TO_END = `
  workspace_id = ?1 AND ts < ?3
  AND (?4 IS NULL OR request_model = ?4)
  AND (?5 IS NULL OR feature = ?5)
  AND (?6 IS NULL OR environment = ?6)
  AND (?7 IS NULL OR user_hash = ?7)
  AND (?8 IS NULL OR team = ?8)
  AND (?9 IS NULL OR request_model IN (SELECT value FROM json_each(?9)))
  AND (?10 IS NULL OR logical_request_id IN (
    SELECT logical_request_id FROM usage_records
    WHERE workspace_id = ?1 AND ts >= ?2 AND ts < ?3 AND attempt > 1))`;
const IN_SCOPE = `ts >= ?2 AND ${UP_TO_END}`;

const DIMENSIONS = {
  model: "request_model",
  feature: "feature",
  team: "team",
  environment: "environment",
  user: "user_hash",
  provider: "provider",
  day: "strftime('%Y-%m-%d', ts / 1000, 'unixepoch')",
  hour: "strftime('%Y-%m-%dT%H', ts / 1000, 'unixepoch')",
  service_tier: "service_tier",
  granularity: "granularity",
  status: "status",
  error_type: "error_type",
} as const satisfies Record<GroupBy, string>;

const PRICED = "cost_computed IS NOT NULL";
const RECONCILED = "cost_computed IS NOT NULL AND cost_reported IS NOT NULL";

const SUMS = {
  records: "COUNT(*)",
  requests: "SUM(n_requests)",
  uncounted_records: "COUNT(*) FILTER (WHERE n_requests = 0)",
  failed_requests: "SUM(n_requests) FILTER (WHERE status = 'error')",
  input_tokens: "SUM(input_tokens)",
  cache_read_tokens: "SUM(cache_read_tokens)",
  cache_write_tokens: "SUM(cache_write_tokens)",
  output_tokens: "SUM(output_tokens)",
  reasoning_tokens: "SUM(reasoning_tokens)",
  long_context_requests: "SUM(n_requests) FILTER (WHERE input_tokens > 128000 * n_requests)",
  cost_usd: "SUM(cost_computed)",
  priced_records: `COUNT(*) FILTER (WHERE ${PRICED})`,
  priced_requests: `SUM(n_requests) FILTER (WHERE ${PRICED})`,
  priced_tokens: `SUM(input_tokens + output_tokens) FILTER (WHERE ${PRICED})`,
  reported_usd: "SUM(cost_reported)",
  reconciled_records: `COUNT(*) FILTER (WHERE ${RECONCILED})`,
  reconciled_reported_usd: `SUM(cost_reported) FILTER (WHERE ${RECONCILED})`,
  reconciled_computed_usd: `SUM(cost_computed) FILTER (WHERE ${RECONCILED})`,
} as const satisfies Record<keyof UsageSums, string>;

const SUM_COLUMNS = Object.entries(SUMS).map(([name, sql]) => `COALESCE(${sql}, 0) AS ${name}`);

/** Nearest rank: the value at position ⌈p·n⌉ of the sorted latencies. */
const LATENCIES = `
  WITH ranked AS (
    SELECT provider, request_model AS model, latency_ms,
      ROW_NUMBER() OVER (PARTITION BY provider, request_model ORDER BY latency_ms) AS position,
      COUNT(*) OVER (PARTITION BY provider, request_model) AS records
    FROM usage_records
    WHERE ${IN_SCOPE} AND granularity = 'request' AND status = 'ok' AND latency_ms IS NOT NULL)
  SELECT provider, model, records,
    MAX(latency_ms) FILTER (WHERE position = (records * 50 + 99) / 100) AS p50_ms,
    MAX(latency_ms) FILTER (WHERE position = (records * 95 + 99) / 100) AS p95_ms
  FROM ranked GROUP BY provider, model, records ORDER BY provider, model`;

/** Single calls that succeeded and have the latency. */
function timed(metric: LatencyMetric): string {
  return `${IN_SCOPE} AND granularity = 'request' AND status = 'ok' AND ${metric} IS NOT NULL`;
}

function countTimed(metric: LatencyMetric): string {
  return `SELECT COUNT(*) AS records FROM usage_records WHERE ${timed(metric)}`;
}

function rankTimed(metric: LatencyMetric): string {
  return `
    WITH ranked AS (
      SELECT ${metric} AS value, ROW_NUMBER() OVER (ORDER BY ${metric}) AS position
      FROM usage_records WHERE ${timed(metric)})
    SELECT position, value FROM ranked WHERE position IN (SELECT value FROM json_each(?11))`;
}

/** Calls a page of a scan holds: parsing them takes some tens of milliseconds, in which nobody else has a turn. */
const SCAN_PAGE = 2_500;

/**
 * In the order of the table's key, so that each page begins where the last one ended. With the window's
 * start beside it SQLite would seek that, and go through all pages before each.
 */
const SCAN = `
  SELECT ${Call.keyof().options.join(", ")} FROM usage_records
  WHERE ${UP_TO_END} AND granularity = 'request' AND (ts, record_id) > (?11, ?12)
  ORDER BY ts, record_id LIMIT ?13`;

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
      if (records.length > MAX_INGEST) {
        throw new ApexError("too_large", `One import takes at most ${MAX_INGEST} records.`);
      }
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
         ORDER BY cost_computed DESC, record_id LIMIT ?11`,
        [...bindScope(scope), limit],
      );
      return rows.map((row) => row.record_id);
    },
  };
}

function bindScope({ workspaceId, from, to, filters, models, retried }: Scope): BoundValue[] {
  return [
    workspaceId,
    from,
    to,
    filters.model ?? null,
    filters.feature ?? null,
    filters.environment ?? null,
    filters.user ?? null,
    filters.team ?? null,
    models ? JSON.stringify(models) : null,
    retried ? 1 : null,
  ];
}
