/** LiteLLM's SpendLogs: a row a call, as its API, its database and its exports give them. */
import * as z from "zod";
import { elementsOf, type Format, mapping } from "./format.ts";
import { inclusiveInput } from "./inclusivity.ts";
import { providerOf } from "./providers.ts";
import {
  count,
  countOrNone,
  details,
  moment,
  optionalAmount,
  optionalCount,
  optionalMoment,
  optionalText,
  text,
  texts,
  userHash,
} from "./raw-fields.ts";
import { labelsOf } from "./tags.ts";

/** What the provider counted, as LiteLLM keeps it beside the row. */
const UsageObject = z.looseObject({
  cache_read_input_tokens: optionalCount,
  cache_creation_input_tokens: optionalCount,
  prompt_tokens_details: details.pipe(
    z.looseObject({ cached_tokens: countOrNone, cache_creation_tokens: countOrNone }),
  ),
  completion_tokens_details: details.pipe(z.looseObject({ reasoning_tokens: countOrNone })),
  service_tier: optionalText,
});

const SpendLog = z.looseObject({
  request_id: text,
  call_type: optionalText,
  spend: optionalAmount,
  prompt_tokens: count,
  completion_tokens: count,
  startTime: moment,
  endTime: optionalMoment,
  completionStartTime: optionalMoment,
  model: text,
  custom_llm_provider: optionalText,
  status: optionalText,
  user: optionalText,
  end_user: optionalText,
  team_id: optionalText,
  session_id: optionalText,
  request_tags: texts,
  metadata: details.pipe(
    z.looseObject({
      usage_object: details.pipe(UsageObject),
      error_information: details.pipe(z.looseObject({ error_class: optionalText })),
    }),
  ),
});

/** `cache_hit` is no token: it tells of LiteLLM's own cache, and is left aside. */
export const litellm: Format = {
  source: "litellm",
  recognizes: (row) => "startTime" in row && "spend" in row && "prompt_tokens" in row,
  unfold: (value) => elementsOf(value, "data"),
  map: mapping(SpendLog, (row) => {
    const { usage_object: usage, error_information: error } = row.metadata;
    const read = usage.cache_read_input_tokens ?? usage.prompt_tokens_details.cached_tokens;
    const write =
      usage.cache_creation_input_tokens ?? usage.prompt_tokens_details.cache_creation_tokens;
    const failed = row.status === "failure";
    const end = row.endTime;
    const first = row.completionStartTime;
    // Without a stream it is the end again: nobody saw a first token.
    const streamed = first !== null && first !== end;
    return {
      record_id: row.request_id,
      source: "litellm",
      ts: row.startTime,
      conversation_id: row.session_id,
      provider: providerOf(row.custom_llm_provider, row.model),
      operation: row.call_type?.includes("embedding") ? "embeddings" : "chat",
      request_model: row.model,
      service_tier: usage.service_tier,
      input_tokens: inclusiveInput(row.prompt_tokens, read + write),
      cache_read_tokens: read,
      cache_write_tokens: write,
      output_tokens: row.completion_tokens,
      reasoning_tokens: usage.completion_tokens_details.reasoning_tokens,
      latency_ms: end === null ? null : end - row.startTime,
      ttft_ms: streamed ? first - row.startTime : null,
      status: failed ? "error" : "ok",
      error_type: failed ? (error.error_class ?? "failure") : null,
      user_hash: userHash(row.end_user ?? row.user),
      team: row.team_id,
      ...labelsOf(row.request_tags),
      cost_reported: row.spend,
    };
  }),
};
