/** The product's own calls of models as usage: what it costs stands beside what it helps to save. */
import { UsageRecord } from "./record.ts";

/** The feature that the product's own calls are told by. */
export const OWN_FEATURE = "apex-edge";

/** Their ids begin so: the index of ids finds them, and they need none of their own. */
const OWN_IDS = `${OWN_FEATURE}:`;

/** Whether a record is one of them, as SQL that the index of a workspace's ids answers. */
export const IS_OWN = `(record_id >= '${OWN_IDS}' AND record_id < '${OWN_FEATURE};')`;

/** One call of a model in a run, or after it. */
export interface OwnCall {
  readonly workspaceId: string;
  readonly runId: string;
  /** Its place among the run's calls, from 1; or that it made the summary after them. */
  readonly place: number | "summary";
  /** When the run, or the call after it, began, milliseconds since the Unix epoch: what single calls took is not kept. */
  readonly at: number;
  readonly provider: string;
  readonly model: string;
  readonly agent: string;
  readonly failed: boolean;
  readonly usage: {
    readonly inputTokens: number;
    readonly cachedInputTokens: number;
    readonly outputTokens: number;
    readonly reasoningTokens: number;
    readonly estimated: boolean;
  };
}

/** @returns the record of a call: the same one, however often it is told. */
export function ownRecord(call: OwnCall): UsageRecord {
  const { usage, failed } = call;
  return UsageRecord.parse({
    workspace_id: call.workspaceId,
    record_id: `${OWN_IDS}${call.runId}.${call.place}`,
    source: usage.estimated ? "apex-edge, estimated" : "apex-edge",
    ts: call.at,
    trace_id: call.runId,
    conversation_id: null,
    logical_request_id: null,
    attempt: 1,
    provider: call.provider,
    operation: "chat",
    request_model: call.model,
    response_model: null,
    request_reasoning_level: null,
    request_max_tokens: null,
    request_temperature: null,
    request_stream: 1,
    service_tier: null,
    input_tokens: usage.inputTokens,
    cache_read_tokens: Math.min(usage.cachedInputTokens, usage.inputTokens),
    cache_write_tokens: 0,
    cache_write_1h_tokens: 0,
    output_tokens: usage.outputTokens,
    reasoning_tokens: Math.min(usage.reasoningTokens, usage.outputTokens),
    latency_ms: null,
    ttft_ms: null,
    status: failed ? "error" : "ok",
    error_type: failed ? "broken_off" : null,
    finish_reasons: [],
    user_hash: null,
    feature: OWN_FEATURE,
    team: null,
    environment: null,
    prompt_name: call.agent,
    prompt_version: null,
    interactive: 1,
    deadline_h: null,
    prompt_hmac: null,
    block_hmacs: [],
    quality_score: null,
    granularity: "request",
    n_requests: 1,
    context_tokens: null,
    cost_reported: null,
  });
}
