/** Langfuse's observations: of type GENERATION or EMBEDDING, as its API and its exports give them. */
import * as z from "zod";
import { type RowReason, rowReason } from "../row-reasons.ts";
import { elementsOf, type Format, mapping, snakeCased } from "./format.ts";
import { providerOf } from "./providers.ts";
import {
  details,
  moment,
  optionalAmount,
  optionalMoment,
  optionalText,
  readAmount,
  text,
  texts,
  userHash,
} from "./raw-fields.ts";
import { labelsOf } from "./tags.ts";

const Observation = z.looseObject({
  id: text,
  type: text,
  trace_id: optionalText,
  session_id: optionalText,
  start_time: moment,
  end_time: optionalMoment,
  completion_start_time: optionalMoment,
  name: optionalText,
  model: optionalText,
  provided_model_name: optionalText,
  model_parameters: details,
  usage_details: details,
  latency: optionalAmount,
  total_cost: optionalAmount,
  level: optionalText,
  user_id: optionalText,
  tags: texts,
  environment: optionalText,
  prompt_name: optionalText,
  prompt_version: optionalText,
});

const CALLS = new Set(["GENERATION", "EMBEDDING"]);

/** Which keys of usage_details stand for what; they are disjoint, so a total is the sum of its parts. */
const PARTS = {
  read: /^(?=.*cache)(?!.*(?:creation|write)).*$/,
  write1h: /^(?=.*cache).*(?:creation|write).*1h/,
  write: /^(?=.*cache).*(?:creation|write)/,
  input: /^(?:input|prompt)|cache/,
  reasoning: /reasoning/,
  output: /^(?:output|completion)|reasoning/,
};

/** @returns what the parts named by a pattern sum up to; {@link faultOf} has seen that each is a count. */
function sumOf(usage: Readonly<Record<string, unknown>>, pattern: RegExp): number {
  return Object.entries(usage).reduce(
    (sum, [name, value]) => (pattern.test(name) ? sum + (readAmount(value) ?? 0) : sum),
    0,
  );
}

function faultOf(usage: Readonly<Record<string, unknown>>): RowReason | null {
  const entries = Object.entries(usage);
  const bad = entries.find(([, value]) => !Number.isSafeInteger(readAmount(value)));
  if (bad) return rowReason("not_a_count", { field: `usage_details.${bad[0]}` });
  return entries.some(([name]) => PARTS.input.test(name))
    ? null
    : rowReason("no_input_tokens", { field: "usage_details" });
}

/**
 * How long a call took is taken from its two moments. `latency` alone is in seconds: it was in
 * milliseconds for integrations from before April 2026, and nothing in a row tells them apart.
 */
export const langfuse: Format = {
  source: "langfuse",
  recognizes: (row) => "type" in row && ("usageDetails" in row || "usage_details" in row),
  unfold: (value) => elementsOf(value, "data").map(snakeCased),
  map: mapping(Observation, (row) => {
    if (!CALLS.has(row.type.toUpperCase())) return null;
    const { total: _, ...usage } = row.usage_details;
    const fault = faultOf(usage);
    if (fault !== null) return fault;
    const model = row.provided_model_name ?? row.model;
    if (model === null) return rowReason("required", { field: "model" });
    const failed = row.level === "ERROR";
    const seconds = row.latency;
    const { start_time, end_time, completion_start_time } = row;
    const temperature = readAmount(row.model_parameters.temperature) ?? null;
    return {
      record_id: row.id,
      source: "langfuse",
      ts: start_time,
      trace_id: row.trace_id,
      conversation_id: row.session_id,
      provider: providerOf(null, model),
      operation: row.type.toUpperCase() === "EMBEDDING" ? "embeddings" : "chat",
      request_model: model,
      request_temperature: temperature,
      input_tokens: sumOf(usage, PARTS.input),
      cache_read_tokens: sumOf(usage, PARTS.read),
      cache_write_tokens: sumOf(usage, PARTS.write),
      cache_write_1h_tokens: sumOf(usage, PARTS.write1h),
      output_tokens: sumOf(usage, PARTS.output),
      reasoning_tokens: sumOf(usage, PARTS.reasoning),
      latency_ms: end_time !== null ? end_time - start_time : seconds && seconds * 1000,
      ttft_ms: completion_start_time && completion_start_time - start_time,
      status: failed ? "error" : "ok",
      error_type: failed ? "error" : null,
      user_hash: userHash(row.user_id),
      ...labelsOf(row.tags),
      environment: row.environment ?? labelsOf(row.tags).environment,
      prompt_name: row.prompt_name,
      prompt_version: row.prompt_version,
      cost_reported: row.total_cost,
    };
  }),
};
