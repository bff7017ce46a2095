/** Where usage records live, as a port: D1 stands behind it, or ClickHouse where there are many. */
import * as z from "zod";
import { PricedRecord, type UsageRecord } from "./record.ts";
import { UsageSums } from "./sums.ts";

export const Dimension = z.enum([
  "model",
  "feature",
  "team",
  "environment",
  "user",
  "provider",
  "day",
  "hour",
]);
export type Dimension = z.infer<typeof Dimension>;

/** What a query may group by: the dimensions people name, and what only the analyses need. */
export type GroupBy = Dimension | "service_tier" | "granularity" | "status" | "error_type";

export const Filters = z.strictObject({
  model: z.string().min(1).max(100).optional(),
  feature: z.string().min(1).max(100).optional(),
  environment: z.string().min(1).max(100).optional(),
  user: z.string().min(1).max(100).optional(),
  team: z.string().min(1).max(100).optional(),
});
export type Filters = z.infer<typeof Filters>;

/** The records a query is about. */
export interface Scope {
  readonly workspaceId: string;
  /** Milliseconds since the Unix epoch; the end is exclusive. */
  readonly from: number;
  readonly to: number;
  readonly filters: Filters;
  /** Only these models; undefined for all. */
  readonly models?: readonly string[] | undefined;
}

/** The sums of one group; its key has a value for each dimension asked for, in that order. */
export const UsageGroup = z.object({
  key: z.array(z.string().nullable()),
  sums: UsageSums,
});
export type UsageGroup = z.infer<typeof UsageGroup>;

/** Nearest-rank latencies of a model's successful single calls. */
export const ModelLatency = z.object({
  provider: z.string(),
  model: z.string(),
  records: z.number().int().min(1),
  p50_ms: z.number().min(0),
  p95_ms: z.number().min(0),
});
export type ModelLatency = z.infer<typeof ModelLatency>;

/** A feature's attempts that succeeded, and were made again all the same. */
export const Superseded = z.object({
  feature: z.string().nullable(),
  calls: z.number().int().min(1),
  /** Over the priced ones. */
  usd: z.number().min(0),
  /** Those of the calls without a known price: they are in no sum. */
  unpriced: z.number().int().min(0),
});
export type Superseded = z.infer<typeof Superseded>;

/** What a latency is measured to. */
export const LatencyMetric = z.enum(["latency_ms", "ttft_ms"]);
export type LatencyMetric = z.infer<typeof LatencyMetric>;

/** The successful single calls that have a latency, sorted by it: how many, and those asked for. */
export interface OrderStatistics {
  readonly records: number;
  /** Milliseconds at each position asked for, in that order. */
  readonly values: readonly number[];
}

/** What a replay reads of a single call. */
export const Call = PricedRecord.pick({
  record_id: true,
  ts: true,
  logical_request_id: true,
  attempt: true,
  provider: true,
  operation: true,
  request_model: true,
  response_model: true,
  request_reasoning_level: true,
  request_max_tokens: true,
  request_temperature: true,
  request_stream: true,
  service_tier: true,
  input_tokens: true,
  cache_read_tokens: true,
  cache_write_tokens: true,
  cache_write_1h_tokens: true,
  output_tokens: true,
  reasoning_tokens: true,
  latency_ms: true,
  status: true,
  error_type: true,
  user_hash: true,
  feature: true,
  team: true,
  environment: true,
  prompt_version: true,
  interactive: true,
  deadline_h: true,
  prompt_hmac: true,
  block_hmacs: true,
  cost_computed: true,
});
export type Call = z.infer<typeof Call>;

/** Records of a workspace: their first and last moment, and how many there are. */
export interface Extent {
  readonly first: number;
  readonly last: number;
  readonly records: number;
}

/** All that a workspace holds. */
export interface Holdings extends Extent {
  /** What was brought to it: all but the product's own calls. Null where there is nothing else. */
  readonly imported: Extent | null;
}

export interface IngestReceipt {
  /** Records that were new. */
  readonly stored: number;
  /** Records that were known already; nothing changed. */
  readonly known: number;
  /** Records set aside because they contradict themselves. */
  readonly quarantined: number;
}

/** The most records one ingest takes, since it is one transaction. */
export const MAX_INGEST = 50_000;
/** The most groups one query gives. */
export const MAX_GROUPS = 5_000;
/** The most calls one replay reads: past it the window is shortened to its last whole days, and said so. */
export const MAX_REPLAYED = 250_000;

/** Every method throws {@link ApexError} `unavailable` where the store fails or takes too long. */
export interface UsageStore {
  /**
   * Prices and stores records, all or none; the same record again changes nothing.
   * @throws {ApexError} `too_large` past {@link MAX_INGEST} records.
   */
  ingest(records: readonly UsageRecord[]): Promise<IngestReceipt>;
  /** @returns what the workspace holds, or null where it holds nothing. */
  extent(workspaceId: string): Promise<Holdings | null>;
  /**
   * @returns the sums of every group, the costliest first; no group where nothing matches.
   * @throws {ApexError} `too_large` past {@link MAX_GROUPS} groups.
   */
  groups(scope: Scope, by: readonly GroupBy[]): Promise<UsageGroup[]>;
  latencies(scope: Scope): Promise<ModelLatency[]>;
  /**
   * Adds up, by feature and in no order, the successful single calls of which the scope holds a later attempt
   * at the same logical request. Attempts alike in number stand side by side: neither took the other's place.
   */
  superseded(scope: Scope): Promise<Superseded[]>;
  /**
   * Sorts the successful single calls that have the latency.
   * @param positions gives the positions wanted, from 1, for so many records; none where it is empty.
   */
  orderStatistics(
    scope: Scope,
    metric: LatencyMetric,
    positions: (records: number) => readonly number[],
  ): Promise<OrderStatistics>;
  /**
   * Gives the single calls in scope, page after page, by the time they began and then their id.
   * @throws the signal's reason when it aborts: no page is asked for after that.
   */
  scan(scope: Scope, signal?: AbortSignal): AsyncIterable<readonly Call[]>;
  /** @returns the prices that the costs in scope were computed with. */
  priceVersions(scope: Scope): Promise<string[]>;
  /** @returns ids of the costliest records in scope, as evidence. */
  examples(scope: Scope, limit: number): Promise<string[]>;
}
