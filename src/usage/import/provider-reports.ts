/** The usage reports of providers: buckets of calls, which no question about single calls can use. */
import * as z from "zod";
import { nameId } from "../../core/name-id.ts";
import { rowReason } from "../row-reasons.ts";
import { elementsOf, type Format, isRecord, mapping } from "./format.ts";
import { count, countOrNone, details, moment, optionalText, userHash } from "./raw-fields.ts";

/** @returns the results of every bucket, each with when its bucket begins and ends. */
function resultsOf(value: unknown): readonly unknown[] {
  return elementsOf(value, "data").flatMap((bucket) => {
    if (!isRecord(bucket) || !Array.isArray(bucket.results)) return [bucket];
    const { results, object: _, ...times } = bucket;
    return results.map((result: unknown) => (isRecord(result) ? { ...times, ...result } : result));
  });
}

const UNGROUPED = rowReason("not_grouped_by_model", { field: "model" });

const CompletionsResult = z.looseObject({
  start_time: moment,
  end_time: moment,
  object: optionalText,
  model: optionalText,
  input_tokens: count,
  input_cached_tokens: countOrNone,
  input_cache_write_tokens: countOrNone,
  output_tokens: count,
  num_model_requests: count,
  project_id: optionalText,
  user_id: optionalText,
  api_key_id: optionalText,
  batch: optionalText,
  service_tier: optionalText,
});

/** GET /v1/organization/usage/completions: its input tokens are the inclusive total. */
export const openaiUsage: Format = {
  source: "openai_usage",
  recognizes: (value) =>
    resultsOf(value).some(
      (row) => isRecord(row) && ("num_model_requests" in row || "input_cached_tokens" in row),
    ),
  unfold: resultsOf,
  map: mapping(
    CompletionsResult,
    (row) => {
      if (row.num_model_requests === 0) return null;
      if (row.model === null) return UNGROUPED;
      const { start_time, end_time, model, project_id, user_id, api_key_id, batch, service_tier } =
        row;
      const group = [
        start_time,
        end_time,
        model,
        project_id,
        user_id,
        api_key_id,
        batch,
        service_tier,
      ];
      return {
        record_id: nameId("openai_usage", ...group),
        source: "openai_usage",
        ts: start_time,
        provider: "openai",
        request_model: model,
        input_tokens: row.input_tokens,
        cache_read_tokens: row.input_cached_tokens,
        cache_write_tokens: row.input_cache_write_tokens,
        output_tokens: row.output_tokens,
        service_tier: batch === "true" ? "batch" : service_tier,
        team: project_id,
        user_hash: userHash(user_id),
        granularity: "bucket",
        n_requests: row.num_model_requests,
      };
    },
    ({ end_time }) => end_time,
  ),
};

const MessagesResult = z.looseObject({
  starting_at: moment,
  ending_at: moment,
  model: optionalText,
  uncached_input_tokens: count,
  cache_read_input_tokens: countOrNone,
  cache_creation: details.pipe(
    z.looseObject({
      ephemeral_5m_input_tokens: countOrNone,
      ephemeral_1h_input_tokens: countOrNone,
    }),
  ),
  output_tokens: count,
  workspace_id: optionalText,
  api_key_id: optionalText,
  service_tier: optionalText,
  context_window: optionalText,
});

/** Where a context window ends, in tokens; reports that name none have the smaller one's prices. */
const WINDOWS: Readonly<Record<string, number>> = { "0-200k": 200_000, "200k-1M": 1_000_000 };

/**
 * GET /v1/organizations/usage_report/messages: its parts of the input are disjoint, so the total is
 * their sum. It does not say how many calls there were, only which context window they had, and that has
 * its prices.
 */
export const anthropicUsage: Format = {
  source: "anthropic_usage",
  recognizes: (value) =>
    resultsOf(value).some((row) => isRecord(row) && "uncached_input_tokens" in row),
  unfold: resultsOf,
  map: mapping(
    MessagesResult,
    (row) => {
      const { ephemeral_5m_input_tokens, ephemeral_1h_input_tokens } = row.cache_creation;
      const write = ephemeral_5m_input_tokens + ephemeral_1h_input_tokens;
      const input = row.uncached_input_tokens + row.cache_read_input_tokens + write;
      if (input === 0 && row.output_tokens === 0) return null;
      if (row.model === null) return UNGROUPED;
      const { starting_at, ending_at, model, workspace_id, api_key_id, service_tier } = row;
      const group = [starting_at, ending_at, model, workspace_id, api_key_id, service_tier];
      return {
        record_id: nameId("anthropic_usage", ...group, row.context_window),
        source: "anthropic_usage",
        ts: starting_at,
        provider: "anthropic",
        request_model: model,
        input_tokens: input,
        cache_read_tokens: row.cache_read_input_tokens,
        cache_write_tokens: write,
        cache_write_1h_tokens: ephemeral_1h_input_tokens,
        output_tokens: row.output_tokens,
        service_tier,
        team: workspace_id,
        granularity: "bucket",
        n_requests: 0,
        context_tokens: WINDOWS[row.context_window ?? ""] ?? 200_000,
      };
    },
    ({ ending_at }) => ending_at,
  ),
};
