/** The usage record: what one call of a model used, named after the OpenTelemetry GenAI conventions. */
import * as z from "zod";
import { type RowReason, rowReason } from "./row-reasons.ts";

const tokens = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const identity = z.string().min(1).max(128);
const label = z.string().min(1).max(100);
const milliseconds = z.number().min(0);
const dollars = z.number().min(0);
const flag = z.literal([0, 1]);

/** A part of a prompt, content-free: its keyed hash, chained over all parts before it. */
export const PromptBlock = z.object({
  hmac: identity,
  tokens: tokens.describe("Input tokens up to and including this part"),
});
export type PromptBlock = z.infer<typeof PromptBlock>;

/**
 * One call, or one bucket of calls, as its source reports it. The columns are the attributes of
 * `gen_ai.*` in snake case (`gen_ai.conversation.id` is `conversation_id`).
 */
export const UsageRecord = z.object({
  workspace_id: identity,
  record_id: identity.describe("The source's own id: an import repeated changes nothing"),
  source: label.describe("Where the record came from"),
  ts: z.number().int().min(0).describe("When the call began, milliseconds since the Unix epoch"),
  trace_id: identity.nullable(),
  conversation_id: identity.nullable(),
  logical_request_id: identity.nullable().describe("Shared by all attempts at one request"),
  attempt: z.number().int().min(1),
  provider: label,
  operation: label,
  request_model: label.describe("The model that was asked for"),
  response_model: label.nullable().describe("The model that answered, often a dated snapshot"),
  request_reasoning_level: label.nullable(),
  request_max_tokens: tokens.nullable(),
  request_temperature: z.number().min(0).max(10).nullable(),
  request_stream: flag.nullable(),
  service_tier: label.nullable().describe("null where the source does not say: standard"),
  input_tokens: tokens.describe("The inclusive total: cached tokens are part of it"),
  cache_read_tokens: tokens,
  cache_write_tokens: tokens.describe("Written for five minutes or for an hour, both together"),
  cache_write_1h_tokens: tokens.describe("Those of the written that are kept for an hour"),
  output_tokens: tokens.describe("The inclusive total: reasoning is part of it"),
  reasoning_tokens: tokens,
  latency_ms: milliseconds.nullable(),
  ttft_ms: milliseconds.nullable(),
  status: z.enum(["ok", "error"]),
  error_type: label.nullable(),
  finish_reasons: z.array(label).max(8),
  user_hash: label.nullable(),
  feature: label.nullable(),
  team: label.nullable(),
  environment: label.nullable(),
  prompt_name: label.nullable(),
  prompt_version: label.nullable(),
  interactive: flag.nullable().describe("Whether a person waited; null: unknown"),
  deadline_h: z.number().min(0).nullable().describe("Hours within which the answer is needed"),
  prompt_hmac: identity.nullable().describe("Of tools, system and messages together"),
  block_hmacs: z.array(PromptBlock).max(8).describe("Tools, system, messages: in prompt order"),
  quality_score: z.number().min(0).max(1).nullable(),
  granularity: z.enum(["request", "bucket"]),
  n_requests: z
    .number()
    .int()
    .min(0)
    .describe("1, or the calls a bucket sums up; 0 where its source does not say how many"),
  context_tokens: tokens
    .nullable()
    .describe("What context a bucket of unknown many calls is priced at, in input tokens"),
  cost_reported: dollars.nullable().describe("USD, as the source reports it"),
});
export type UsageRecord = z.infer<typeof UsageRecord>;

/** A record as it is stored: with its cost, computed when it came in. */
export const PricedRecord = UsageRecord.extend({
  cost_computed: dollars.nullable().describe("USD; null where the model has no known price"),
  price_version: z.string().describe("The price list the cost comes from, or `unpriced`"),
});
export type PricedRecord = z.infer<typeof PricedRecord>;

export type Admission =
  | { readonly ok: true; readonly record: UsageRecord }
  | { readonly ok: false; readonly reason: RowReason };

/** What must be part of what; the first is never above the second. */
const INVARIANTS = [
  [
    "cache_read_tokens + cache_write_tokens",
    "input_tokens",
    (record) => record.cache_read_tokens + record.cache_write_tokens,
  ],
  ["cache_write_1h_tokens", "cache_write_tokens", (record) => record.cache_write_1h_tokens],
  ["reasoning_tokens", "output_tokens", (record) => record.reasoning_tokens],
] as const satisfies readonly (readonly [
  string,
  keyof UsageRecord,
  (record: UsageRecord) => number,
])[];

/**
 * Holds a record against the invariant: cached tokens are part of the input, reasoning is part of
 * the output, and a single call is one request. Double-counted cached tokens are the commonest error
 * of cost reports, so a record that breaks it is set aside with the reason, never mended.
 */
export function admit(record: UsageRecord): Admission {
  for (const [part, whole, of] of INVARIANTS) {
    if (of(record) > record[whole]) {
      const values = { field: part, found: String(of(record)), other: whole, bound: record[whole] };
      return { ok: false, reason: rowReason("part_exceeds_whole", values) };
    }
  }
  const { granularity, n_requests, context_tokens } = record;
  if (granularity === "request" && n_requests !== 1) {
    const values = { field: "n_requests", found: String(n_requests) };
    return { ok: false, reason: rowReason("single_call_of_many", values) };
  }
  if (n_requests === 0 && context_tokens === null) {
    const values = { field: "n_requests", other: "context_tokens" };
    return { ok: false, reason: rowReason("context_not_stated", values) };
  }
  return { ok: true, record };
}
