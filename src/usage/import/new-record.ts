/** A usage record as it comes in: what may be left out is, and nothing in it is believed yet. */
import * as z from "zod";
import { timestamp } from "../../core/clock.ts";
import { type Admission, admit, UsageRecord } from "../record.ts";
import { parseReason, type RowReason, rowReason } from "../row-reasons.ts";

const { shape } = UsageRecord;

const Moment = z.union(
  [shape.ts, z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))],
  { error: "must be milliseconds since 1970, or an RFC 3339 date and time" },
);

/** The fields of {@link UsageRecord}; an unknown one is refused by its name. */
export const NewUsageRecord = z.strictObject({
  ...shape,
  workspace_id: shape.workspace_id.optional().describe("Only ever one's own"),
  source: shape.source.default("api"),
  ts: Moment,
  trace_id: shape.trace_id.default(null),
  conversation_id: shape.conversation_id.default(null),
  logical_request_id: shape.logical_request_id.default(null),
  attempt: shape.attempt.default(1),
  operation: shape.operation.default("chat"),
  response_model: shape.response_model.default(null),
  request_reasoning_level: shape.request_reasoning_level.default(null),
  request_max_tokens: shape.request_max_tokens.default(null),
  request_temperature: shape.request_temperature.default(null),
  request_stream: shape.request_stream.default(null),
  service_tier: shape.service_tier.default(null),
  cache_read_tokens: shape.cache_read_tokens.default(0),
  cache_write_tokens: shape.cache_write_tokens.default(0),
  cache_write_1h_tokens: shape.cache_write_1h_tokens.default(0),
  reasoning_tokens: shape.reasoning_tokens.default(0),
  latency_ms: shape.latency_ms.default(null),
  ttft_ms: shape.ttft_ms.default(null),
  status: shape.status.default("ok"),
  error_type: shape.error_type.default(null),
  finish_reasons: shape.finish_reasons.default([]),
  user_hash: shape.user_hash.default(null),
  feature: shape.feature.default(null),
  team: shape.team.default(null),
  environment: shape.environment.default(null),
  prompt_name: shape.prompt_name.default(null),
  prompt_version: shape.prompt_version.default(null),
  interactive: shape.interactive.default(null),
  deadline_h: shape.deadline_h.default(null),
  prompt_hmac: shape.prompt_hmac.default(null),
  block_hmacs: shape.block_hmacs.default([]),
  quality_score: shape.quality_score.default(null),
  granularity: shape.granularity.default("request"),
  n_requests: shape.n_requests.default(1),
  context_tokens: shape.context_tokens.default(null),
  cost_reported: shape.cost_reported.default(null),
});
/** What a format makes of a row, before it is checked. */
export type Draft = z.input<typeof NewUsageRecord>;

/** Past these a value is a mistake of its unit or its column; for single calls. */
const MOST = [
  ["input_tokens", 100_000_000],
  ["output_tokens", 100_000_000],
  ["request_max_tokens", 100_000_000],
  ["latency_ms", 7 * 86_400_000],
  ["ttft_ms", 7 * 86_400_000],
  ["deadline_h", 24 * 366],
  ["cost_reported", 100_000],
] as const satisfies readonly (readonly [keyof UsageRecord, number])[];
/** What a bucket may hold more of than a single call. */
const BUCKET_FACTOR = 1_000_000;
/** No source reports calls from before this. */
const EARLIEST = Date.UTC(2018, 0, 1);
/** How far clocks may differ, in milliseconds. */
const SKEW_MS = 10 * 60_000;

/** Whose records come in, and when. */
export interface Arrival {
  readonly workspaceId: string;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/**
 * @param endsAt when what the draft sums up ends: its id counts once, so it is not taken before it is whole.
 * @returns the record of a draft, or why it can't be taken: it is never mended.
 */
export function checkDraft(
  draft: unknown,
  { workspaceId, now }: Arrival,
  endsAt: number = now,
): Admission {
  const parsed = NewUsageRecord.safeParse(draft);
  if (!parsed.success) return refuse(parseReason(parsed.error, draft));
  const { workspace_id = workspaceId, ...rest } = parsed.data;
  if (workspace_id !== workspaceId)
    return refuse(rowReason("foreign_workspace", { field: "workspace_id" }));
  const record: UsageRecord = { workspace_id, ...rest };
  const absurd = findAbsurd(record);
  if (absurd !== undefined) return refuse(absurd);
  if (record.ts < EARLIEST) return refuse(rowReason("before_2018", { field: "ts" }));
  if (record.ts > now + SKEW_MS) return refuse(rowReason("in_the_future", { field: "ts" }));
  if (endsAt > now) return refuse(rowReason("not_over_yet", { found: timestamp(endsAt) }));
  return admit(record);
}

function findAbsurd(record: UsageRecord): RowReason | undefined {
  const factor = record.granularity === "bucket" ? BUCKET_FACTOR : 1;
  const found = MOST.find(([field, most]) => (record[field] ?? 0) > most * factor);
  if (found === undefined) return undefined;
  const [field] = found;
  return rowReason("beyond_belief", { field, found: String(record[field]) });
}

function refuse(reason: RowReason): Admission {
  return { ok: false, reason };
}
