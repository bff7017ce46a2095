/** Records for tests, and their sums done again in plain loops, independent of the product's SQL. */
import type { PricedRecord, UsageRecord } from "../../../src/usage/record.ts";
import type { GroupBy, Superseded } from "../../../src/usage/store.ts";
import type { UsageSums } from "../../../src/usage/sums.ts";

/** @returns a plain record of one successful call, with what the test changes about it. */
export function usageRecord(changes: Partial<UsageRecord> = {}): UsageRecord {
  return {
    workspace_id: "sample",
    record_id: "record-1",
    source: "test",
    ts: Date.UTC(2026, 9, 20, 12),
    trace_id: null,
    conversation_id: null,
    logical_request_id: null,
    attempt: 1,
    provider: "openai",
    operation: "chat",
    request_model: "gpt-5.4",
    response_model: null,
    request_reasoning_level: null,
    request_max_tokens: null,
    request_temperature: null,
    request_stream: null,
    service_tier: null,
    input_tokens: 1_000,
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    cache_write_1h_tokens: 0,
    output_tokens: 100,
    reasoning_tokens: 0,
    latency_ms: 1_200,
    ttft_ms: 300,
    status: "ok",
    error_type: null,
    finish_reasons: [],
    user_hash: null,
    feature: null,
    team: null,
    environment: null,
    prompt_name: null,
    prompt_version: null,
    interactive: null,
    deadline_h: null,
    prompt_hmac: null,
    block_hmacs: [],
    quality_score: null,
    granularity: "request",
    n_requests: 1,
    context_tokens: null,
    cost_reported: null,
    ...changes,
  };
}

/** @returns the sums of records, one by one. */
export function sumsOf(records: Iterable<PricedRecord>): UsageSums {
  const sums: UsageSums = {
    records: 0,
    requests: 0,
    uncounted_records: 0,
    failed_requests: 0,
    input_tokens: 0,
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    output_tokens: 0,
    reasoning_tokens: 0,
    long_context_requests: 0,
    cost_usd: 0,
    priced_records: 0,
    priced_requests: 0,
    priced_tokens: 0,
    reported_usd: 0,
    reconciled_records: 0,
    reconciled_reported_usd: 0,
    reconciled_computed_usd: 0,
  };
  for (const record of records) {
    sums.records += 1;
    sums.requests += record.n_requests;
    if (record.n_requests === 0) sums.uncounted_records += 1;
    if (record.status === "error") sums.failed_requests += record.n_requests;
    sums.input_tokens += record.input_tokens;
    sums.cache_read_tokens += record.cache_read_tokens;
    sums.cache_write_tokens += record.cache_write_tokens;
    sums.output_tokens += record.output_tokens;
    sums.reasoning_tokens += record.reasoning_tokens;
    if (record.input_tokens / record.n_requests > 128_000)
      sums.long_context_requests += record.n_requests;
    sums.reported_usd += record.cost_reported ?? 0;
    if (record.cost_computed === null) continue;
    sums.cost_usd += record.cost_computed;
    sums.priced_records += 1;
    sums.priced_requests += record.n_requests;
    sums.priced_tokens += record.input_tokens + record.output_tokens;
    if (record.cost_reported === null) continue;
    sums.reconciled_records += 1;
    sums.reconciled_reported_usd += record.cost_reported;
    sums.reconciled_computed_usd += record.cost_computed;
  }
  return sums;
}

/** @returns the sums of each group, done in plain loops, in the order the port promises. */
export function groupsOf(
  records: readonly PricedRecord[],
  by: readonly GroupBy[],
): { key: (string | null)[]; sums: UsageSums }[] {
  const keyOf = (record: PricedRecord) => by.map((dimension) => DIMENSIONS[dimension](record));
  const groups = Map.groupBy(records, (record) => JSON.stringify(keyOf(record)));
  return [...groups]
    .map(([text, members]) => {
      const [first] = members;
      return { text, key: first ? keyOf(first) : [], sums: sumsOf(members) };
    })
    .sort(
      (one, other) =>
        Math.round(other.sums.cost_usd * 1e9) - Math.round(one.sums.cost_usd * 1e9) ||
        (one.text < other.text ? -1 : 1),
    )
    .map(({ key, sums }) => ({ key, sums }));
}

/** @returns what was superseded, each attempt held against every other. */
export function supersededOf(records: readonly PricedRecord[]): Superseded[] {
  const calls = records.filter(
    ({ granularity, logical_request_id }) =>
      granularity === "request" && logical_request_id !== null,
  );
  const superseded = calls.filter(
    (call) =>
      call.status === "ok" &&
      calls.some(
        (other) =>
          other.logical_request_id === call.logical_request_id && other.attempt > call.attempt,
      ),
  );
  return [...Map.groupBy(superseded, ({ feature }) => feature)].map(([feature, members]) => ({
    feature,
    calls: members.length,
    usd: members.reduce((sum, { cost_computed }) => sum + (cost_computed ?? 0), 0),
    unpriced: members.filter(({ cost_computed }) => cost_computed === null).length,
  }));
}

/** What a record is grouped and filtered by. */
export const DIMENSIONS: Readonly<Record<GroupBy, (record: PricedRecord) => string | null>> = {
  model: (record) => record.request_model,
  feature: (record) => record.feature,
  team: (record) => record.team,
  environment: (record) => record.environment,
  user: (record) => record.user_hash,
  provider: (record) => record.provider,
  service_tier: (record) => record.service_tier,
  granularity: (record) => record.granularity,
  status: (record) => record.status,
  error_type: (record) => record.error_type,
  day: (record) => new Date(record.ts).toISOString().slice(0, 10),
  hour: (record) => new Date(record.ts).toISOString().slice(0, 13),
};
