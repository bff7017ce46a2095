/** Where usage records live, as a port: D1 stands behind it today, a column store may tomorrow. */
import * as z from "zod";
import type { UsageRecord } from "./record.ts";
import { UsageSums } from "./sums.ts";

export const Dimension = z.enum([
  "model",
  "feature",
  "team",
  "environment",
  "user",
  "provider",
  "day",
]);
export type Dimension = z.infer<typeof Dimension>;

/** What a query may group by: the dimensions people name, and what only prices need. */
export type GroupBy = Dimension | "service_tier";

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

/** What a workspace holds: its first and last moment, and how many records. */
export interface Extent {
  readonly first: number;
  readonly last: number;
  readonly records: number;
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

/** Every method throws {@link ApexError} `unavailable` where the store fails or takes too long. */
export interface UsageStore {
  /**
   * Prices and stores records, all or none; the same record again changes nothing.
   * @throws {ApexError} `too_large` past {@link MAX_INGEST} records.
   */
  ingest(records: readonly UsageRecord[]): Promise<IngestReceipt>;
  /** @returns what the workspace holds, or null where it holds nothing. */
  extent(workspaceId: string): Promise<Extent | null>;
  /**
   * @returns the sums of every group, the costliest first; no group where nothing matches.
   * @throws {ApexError} `too_large` past {@link MAX_GROUPS} groups.
   */
  groups(scope: Scope, by: readonly GroupBy[]): Promise<UsageGroup[]>;
  latencies(scope: Scope): Promise<ModelLatency[]>;
  /** @returns the prices that the costs in scope were computed with. */
  priceVersions(scope: Scope): Promise<string[]>;
  /** @returns ids of the costliest records in scope, as evidence. */
  examples(scope: Scope, limit: number): Promise<string[]>;
}
