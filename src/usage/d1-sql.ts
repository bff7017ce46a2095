/** SQLite's SQL behind the usage port: text of our own alone, since every value is a bound parameter. */
import type { BoundValue } from "./d1-query.ts";
import { DIMENSION_COLUMNS, PRICED, RECONCILED } from "./sql-columns.ts";
import type { GroupBy, LatencyMetric, Scope } from "./store.ts";
import type { UsageSums } from "./sums.ts";

/** Bound by {@link bindScope}: one text for every filter, so a filter is never part of the SQL. */
export const UP_TO_END = `
  workspace_id = ?1 AND ts < ?3
  AND (?4 IS NULL OR request_model = ?4)
  AND (?5 IS NULL OR feature = ?5)
  AND (?6 IS NULL OR environment = ?6)
  AND (?7 IS NULL OR user_hash = ?7)
  AND (?8 IS NULL OR team = ?8)
  AND (?9 IS NULL OR request_model IN (SELECT value FROM json_each(?9)))`;
export const IN_SCOPE = `ts >= ?2 AND ${UP_TO_END}`;

export const DIMENSIONS = {
  ...DIMENSION_COLUMNS,
  day: "strftime('%Y-%m-%d', ts / 1000, 'unixepoch')",
  hour: "strftime('%Y-%m-%dT%H', ts / 1000, 'unixepoch')",
} as const satisfies Record<GroupBy, string>;

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

export const SUM_COLUMNS = Object.entries(SUMS).map(
  ([name, sql]) => `COALESCE(${sql}, 0) AS ${name}`,
);

/** Nearest rank: the value at position ⌈p·n⌉ of the sorted latencies. */
export const LATENCIES = `
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

/** Counts them. */
export function countTimed(metric: LatencyMetric): string {
  return `SELECT COUNT(*) AS records FROM usage_records WHERE ${timed(metric)}`;
}

/** Gives those at positions (?10). */
export function rankTimed(metric: LatencyMetric): string {
  return `
    WITH ranked AS (
      SELECT ${metric} AS value, ROW_NUMBER() OVER (ORDER BY ${metric}) AS position
      FROM usage_records WHERE ${timed(metric)})
    SELECT position, value FROM ranked WHERE position IN (SELECT value FROM json_each(?10))`;
}

/** By feature, of requests that were tried again, what succeeded before the last attempt. */
export const SUPERSEDED = `
  WITH attempts AS (
    SELECT feature, status, attempt, cost_computed,
      MAX(attempt) OVER (PARTITION BY logical_request_id) AS latest
    FROM usage_records
    WHERE ${IN_SCOPE} AND granularity = 'request' AND logical_request_id IN (
      SELECT logical_request_id FROM usage_records
      WHERE workspace_id = ?1 AND ts >= ?2 AND ts < ?3 AND attempt > 1))
  SELECT feature, COUNT(*) AS calls, COALESCE(SUM(cost_computed), 0) AS usd,
    COUNT(*) FILTER (WHERE NOT (${PRICED})) AS unpriced
  FROM attempts WHERE status = 'ok' AND attempt < latest GROUP BY feature`;

/** @returns the values ?1 to ?9. */
export function bindScope({ workspaceId, from, to, filters, models }: Scope): BoundValue[] {
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
  ];
}
