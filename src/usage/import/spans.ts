/** Model calls out of traces: OpenTelemetry's GenAI conventions, and OpenInference's. */
import * as z from "zod";
import { parseReason, type RowReason, rowReason } from "../row-reasons.ts";
import { type Format, isRecord, mapping } from "./format.ts";
import type { Draft } from "./new-record.ts";
import { providerOf } from "./providers.ts";
import {
  count,
  countOrNone,
  optionalAmount,
  optionalCount,
  texts,
  userHash,
} from "./raw-fields.ts";
import { type Attributes, Span, spansOf, textAt } from "./span.ts";

/** Calls of a model. What agents and tools do holds the usage of these again, and is left aside. */
const OPERATIONS = new Set(["chat", "text_completion", "generate_content", "embeddings"]);

const GenAi = z.looseObject({
  "gen_ai.usage.input_tokens": count,
  "gen_ai.usage.output_tokens": countOrNone,
  "gen_ai.usage.cache_read.input_tokens": countOrNone,
  "gen_ai.usage.cache_write.input_tokens": optionalCount,
  // The older name of the same thing.
  "gen_ai.usage.cache_creation.input_tokens": optionalCount,
  "gen_ai.usage.reasoning.output_tokens": countOrNone,
  "gen_ai.request.max_tokens": optionalCount,
  "gen_ai.request.temperature": optionalAmount,
  "gen_ai.response.finish_reasons": texts,
  "gen_ai.response.time_to_first_chunk": optionalAmount,
});

const OpenInference = z.looseObject({
  "llm.token_count.prompt": count,
  "llm.token_count.completion": countOrNone,
  "llm.token_count.prompt_details.cache_read": countOrNone,
  "llm.token_count.prompt_details.cache_write": countOrNone,
  "llm.token_count.completion_details.reasoning": countOrNone,
});

function commonOf({ trace_id, span_id, start, end, failed, attributes }: Span) {
  return {
    record_id: `${trace_id}-${span_id}`.toLowerCase(),
    ts: start,
    trace_id: trace_id.toLowerCase(),
    latency_ms: end === null ? null : end - start,
    status: failed ? "error" : "ok",
    error_type: failed ? (textAt(attributes, "error.type", "exception.type") ?? "error") : null,
    user_hash: userHash(textAt(attributes, "user.id", "enduser.id")),
    feature: textAt(attributes, "feature", "app.feature", "service.name"),
    team: textAt(attributes, "team", "service.namespace"),
    environment: textAt(attributes, "deployment.environment.name", "deployment.environment"),
  } as const;
}

function genAi(span: Span): Draft | null | RowReason {
  const { attributes } = span;
  const operation = textAt(attributes, "gen_ai.operation.name") ?? "chat";
  if (!OPERATIONS.has(operation) || !("gen_ai.usage.input_tokens" in attributes)) return null;
  const model = textAt(attributes, "gen_ai.request.model", "gen_ai.response.model");
  if (model === null) return rowReason("required", { field: "gen_ai.request.model" });
  const parsed = GenAi.safeParse(attributes);
  if (!parsed.success) return parseReason(parsed.error, attributes);
  const usage = parsed.data;
  const firstChunk = usage["gen_ai.response.time_to_first_chunk"];
  return {
    ...commonOf(span),
    source: "otlp",
    conversation_id: textAt(attributes, "gen_ai.conversation.id"),
    provider: providerOf(textAt(attributes, "gen_ai.provider.name", "gen_ai.system"), model),
    operation,
    request_model: model,
    response_model: textAt(attributes, "gen_ai.response.model"),
    request_reasoning_level: textAt(attributes, "gen_ai.request.reasoning.level"),
    request_max_tokens: usage["gen_ai.request.max_tokens"],
    request_temperature: usage["gen_ai.request.temperature"],
    service_tier: textAt(
      attributes,
      "openai.response.service_tier",
      "gen_ai.openai.response.service_tier",
      "openai.request.service_tier",
      "gen_ai.openai.request.service_tier",
    ),
    input_tokens: usage["gen_ai.usage.input_tokens"],
    cache_read_tokens: usage["gen_ai.usage.cache_read.input_tokens"],
    cache_write_tokens:
      usage["gen_ai.usage.cache_write.input_tokens"] ??
      usage["gen_ai.usage.cache_creation.input_tokens"] ??
      0,
    output_tokens: usage["gen_ai.usage.output_tokens"],
    reasoning_tokens: usage["gen_ai.usage.reasoning.output_tokens"],
    ttft_ms: firstChunk === null ? null : firstChunk * 1_000,
    finish_reasons: usage["gen_ai.response.finish_reasons"].slice(0, 8),
    prompt_name: textAt(attributes, "gen_ai.prompt.name"),
    prompt_version: textAt(attributes, "gen_ai.prompt.version"),
  };
}

function openInference(span: Span): Draft | null | RowReason {
  const { attributes } = span;
  const kind = textAt(attributes, "openinference.span.kind", "span_kind") ?? "LLM";
  if (kind !== "LLM" && kind !== "EMBEDDING") return null;
  const model = textAt(attributes, "llm.model_name", "embedding.model_name");
  if (model === null) return rowReason("required", { field: "llm.model_name" });
  const parsed = OpenInference.safeParse(attributes);
  if (!parsed.success) return parseReason(parsed.error, attributes);
  const usage = parsed.data;
  return {
    ...commonOf(span),
    source: "openinference",
    conversation_id: textAt(attributes, "session.id"),
    provider: providerOf(textAt(attributes, "llm.provider", "llm.system"), model),
    operation: kind === "EMBEDDING" ? "embeddings" : "chat",
    request_model: model,
    input_tokens: usage["llm.token_count.prompt"],
    cache_read_tokens: usage["llm.token_count.prompt_details.cache_read"],
    cache_write_tokens: usage["llm.token_count.prompt_details.cache_write"],
    output_tokens: usage["llm.token_count.completion"],
    reasoning_tokens: usage["llm.token_count.completion_details.reasoning"],
    prompt_name: textAt(attributes, "llm.prompt_template.name"),
    prompt_version: textAt(attributes, "llm.prompt_template.version"),
  };
}

/** Either convention: instrumentations of both export over OTLP. */
const map = mapping(Span, (span) =>
  isOpenInference(span.attributes) ? openInference(span) : genAi(span),
);

function isOpenInference(attributes: Attributes): boolean {
  return "llm.token_count.prompt" in attributes;
}

/** Traces as an exporter of OTLP/JSON sends them: times are nanoseconds, ids hexadecimal. */
export const otlp: Format = {
  source: "otlp",
  recognizes: (value) => "resourceSpans" in value,
  unfold: spansOf,
  map,
};

/** Spans as tools for OpenInference export them: plain objects, or OTLP/JSON. */
export const openInferenceSpans: Format = {
  source: "openinference",
  recognizes: (value) =>
    spansOf(value).some(
      (span) => isRecord(span) && isRecord(span.attributes) && isOpenInference(span.attributes),
    ),
  unfold: spansOf,
  map,
};
