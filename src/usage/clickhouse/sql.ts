/** ClickHouse's SQL behind the usage port: text of our own alone, since every value is a bound parameter. */
import { DIMENSION_COLUMNS, PRICED, RECONCILED } from "../sql-columns.ts";
import type { GroupBy, LatencyMetric, Scope } from "../store.ts";
import type { UsageSums } from "../sums.ts";
import type { Condition } from "./connection.ts";

/**
 * The records as they count: of rows with the same key one is seen, also before parts are merged.
 * Aliases must not name columns: ClickHouse would put the alias in their place.
 */
export const RECORDS = "usage_records FINAL";

const DATE = "toDateTime(intDiv(ts, 1000), 'UTC')";

export const DIMENSIONS = {
  ...DIMENSION_COLUMNS,
  day: `formatDateTime(${DATE}, '%Y-%m-%d')`,
  hour: `formatDateTime(${DATE}, '%Y-%m-%dT%H')`,
} as const satisfies Record<GroupBy, string>;

export const SUMS = {
  records: "count()",
  requests: "sum(n_requests)",
  uncounted_records: "countIf(n_requests = 0)",
  failed_requests: "sumIf(n_requests, status = 'error')",
  input_tokens: "sum(input_tokens)",
  cache_read_tokens: "sum(cache_read_tokens)",
  cache_write_tokens: "sum(cache_write_tokens)",
  output_tokens: "sum(output_tokens)",
  reasoning_tokens: "sum(reasoning_tokens)",
  long_context_requests: "sumIf(n_requests, input_tokens > 128000 * n_requests)",
  cost_usd: "ifNull(sum(cost_computed), 0)",
  priced_records: `countIf(${PRICED})`,
  priced_requests: `sumIf(n_requests, ${PRICED})`,
  priced_tokens: `sumIf(input_tokens + output_tokens, ${PRICED})`,
  reported_usd: "ifNull(sum(cost_reported), 0)",
  reconciled_records: `countIf(${RECONCILED})`,
  reconciled_reported_usd: `ifNull(sumIf(cost_reported, ${RECONCILED}), 0)`,
  reconciled_computed_usd: `ifNull(sumIf(cost_computed, ${RECONCILED}), 0)`,
} as const satisfies Record<keyof UsageSums, string>;

const IN_WINDOW = "workspace_id = {workspace:String} AND ts >= {from:Int64} AND ts < {to:Int64}";

const FILTERS = {
  model: "request_model = {model:String}",
  feature: "feature = {feature:String}",
  environment: "environment = {environment:String}",
  user: "user_hash = {user:String}",
  team: "team = {team:String}",
} as const satisfies Record<keyof Scope["filters"], string>;

/**
 * @returns the keys, and one that is the same throughout a scope: 18.16 loses the group of a single key of
 *   LowCardinality(Nullable) where nothing but NULL is in it.
 */
export function groupedBy(keys: readonly string[]): string {
  return [...keys, "workspace_id"].join(", ");
}

/** @returns the condition that keeps a query to its scope, whatever its filters say. */
export function inScope({ workspaceId, from, to, filters, models }: Scope): Condition {
  const given = new Map(Object.entries(filters).filter(([, value]) => value !== undefined));
  const clauses = [
    IN_WINDOW,
    ...Object.entries(FILTERS).flatMap(([name, sql]) => (given.has(name) ? [sql] : [])),
    ...(models ? ["request_model IN (SELECT arrayJoin({models:Array(String)}))"] : []),
  ];
  const values = { workspace: workspaceId, from, to, ...Object.fromEntries(given) };
  return { sql: clauses.join(" AND "), values: models ? { ...values, models } : values };
}

/** @returns the condition for successful single calls that have the latency. */
export function timed(scope: Scope, metric: LatencyMetric): Condition {
  const { sql, values } = inScope(scope);
  return {
    sql: `${sql} AND granularity = 'request' AND status = 'ok' AND ${metric} IS NOT NULL`,
    values,
  };
}

/** Nearest rank: the value at position ⌈p·n⌉ of the sorted latencies. */
export const NEAREST_RANKS = [50, 95]
  .map((percent) => `sorted[intDiv(count() * ${percent} + 99, 100)]`)
  .join(", ");

/**
 * By feature, of requests that were tried again, what succeeded before the last attempt. Which requests
 * those are is asked of one narrow column first: of the others nothing is gathered. No window function and
 * no join, which older servers lack or answer otherwise.
 */
export function superseded(scope: Scope): Condition {
  const { sql, values } = inScope(scope);
  return {
    sql: `SELECT feature, count(), ifNull(sum(cost_usd), 0), countIf(cost_usd IS NULL)
      FROM (SELECT call.1 AS feature, call.2 AS cost_usd, call.3 AS number, call.4 AS outcome, latest
        FROM (SELECT groupArray((feature, cost_computed, attempt, status)) AS calls, max(attempt) AS latest
          FROM ${RECORDS} WHERE ${sql} AND granularity = 'request' AND logical_request_id IN (
            SELECT logical_request_id FROM usage_records WHERE ${IN_WINDOW} AND attempt > 1)
          GROUP BY logical_request_id)
        ARRAY JOIN calls AS call)
      WHERE number < latest AND outcome = 'ok' GROUP BY feature`,
    values,
  };
}
