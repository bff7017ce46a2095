/** Helicone's export of requests, as JSON or as CSV. */
import * as z from "zod";
import { rowReason } from "../row-reasons.ts";
import { elementsOf, type Format, isRecord, mapping } from "./format.ts";
import { inclusiveInput } from "./inclusivity.ts";
import { providerOf } from "./providers.ts";
import {
  count,
  countOrNone,
  details,
  moment,
  optionalAmount,
  optionalCount,
  optionalText,
  text,
  userHash,
} from "./raw-fields.ts";

const Properties = z.looseObject({
  feature: optionalText,
  environment: optionalText,
  team: optionalText,
  "Helicone-Session-Id": optionalText,
  "Helicone-Prompt-Id": optionalText,
});

const Request = z.looseObject({
  request_id: text,
  request_created_at: moment,
  request_user_id: optionalText,
  request_properties: details.pipe(Properties),
  request_model: optionalText,
  response_model: optionalText,
  response_status: optionalCount,
  model: optionalText,
  provider: optionalText,
  prompt_tokens: count,
  prompt_cache_read_tokens: countOrNone,
  prompt_cache_write_tokens: countOrNone,
  completion_tokens: count,
  reasoning_tokens: countOrNone,
  delay_ms: optionalAmount,
  latency: optionalAmount,
  time_to_first_token: optionalAmount,
  cost: optionalAmount,
});

/** A CSV has a column a property: they are gathered as the JSON has them. */
const PREFIX = /^(?:request_)?properties\./;

function gathered(row: unknown): unknown {
  if (!isRecord(row)) return row;
  const columns = Object.entries(row).filter(([name]) => PREFIX.test(name));
  if (columns.length === 0) return row;
  const named = columns.map(([name, value]) => [name.replace(PREFIX, ""), value]);
  return { ...row, request_properties: Object.fromEntries(named) };
}

export const helicone: Format = {
  source: "helicone",
  recognizes: (row) => "request_created_at" in row && "prompt_tokens" in row,
  unfold: (value) => elementsOf(value, "data").map(gathered),
  map: mapping(Request, (row) => {
    const { request_properties: properties, response_status: status } = row;
    const model = row.request_model ?? row.model ?? row.response_model;
    if (model === null) return rowReason("required", { field: "model" });
    const read = row.prompt_cache_read_tokens;
    const write = row.prompt_cache_write_tokens;
    const failed = status !== null && (status < 200 || status > 299);
    return {
      record_id: row.request_id,
      source: "helicone",
      ts: row.request_created_at,
      conversation_id: properties["Helicone-Session-Id"],
      provider: providerOf(row.provider, model),
      request_model: model,
      response_model: row.response_model,
      input_tokens: inclusiveInput(row.prompt_tokens, read + write),
      cache_read_tokens: read,
      cache_write_tokens: write,
      output_tokens: row.completion_tokens,
      reasoning_tokens: row.reasoning_tokens,
      latency_ms: row.delay_ms ?? row.latency,
      ttft_ms: row.time_to_first_token,
      status: failed ? "error" : "ok",
      error_type: failed ? String(status) : null,
      user_hash: userHash(row.request_user_id),
      feature: properties.feature,
      team: properties.team,
      environment: properties.environment,
      prompt_name: properties["Helicone-Prompt-Id"],
      cost_reported: row.cost,
    };
  }),
};
