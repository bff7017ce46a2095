/** What a column holds as text of JSON, the same in both stores; and calls, as replays read them by the thousand. */
import * as z from "zod";
import type { PromptBlock } from "./record.ts";
import type { Call } from "./store.ts";

/** JSON as a column holds it. */
export const JsonText = z.string().transform((text): unknown => JSON.parse(text));

type Guard = (value: unknown) => boolean;

const text: Guard = (value) => typeof value === "string";
const number: Guard = (value) => typeof value === "number";
const count: Guard = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const flag: Guard = (value) => value === 0 || value === 1;
const orNull =
  (guard: Guard): Guard =>
  (value) =>
    value === null || guard(value);

/** What each column of a stored call is. Bounds were held when it came in. */
const COLUMNS: Readonly<Record<keyof Call, Guard>> = {
  record_id: text,
  ts: count,
  logical_request_id: orNull(text),
  attempt: count,
  provider: text,
  operation: text,
  request_model: text,
  response_model: orNull(text),
  request_reasoning_level: orNull(text),
  request_max_tokens: orNull(count),
  request_temperature: orNull(number),
  request_stream: orNull(flag),
  service_tier: orNull(text),
  input_tokens: count,
  cache_read_tokens: count,
  cache_write_tokens: count,
  cache_write_1h_tokens: count,
  output_tokens: count,
  reasoning_tokens: count,
  latency_ms: orNull(number),
  status: (value) => value === "ok" || value === "error",
  error_type: orNull(text),
  user_hash: orNull(text),
  feature: orNull(text),
  team: orNull(text),
  environment: orNull(text),
  prompt_version: orNull(text),
  interactive: orNull(flag),
  deadline_h: orNull(number),
  prompt_hmac: orNull(text),
  block_hmacs: text,
  cost_computed: orNull(number),
};
const GUARDS = Object.entries(COLUMNS);

type StoredRow = Omit<Call, "block_hmacs"> & { readonly block_hmacs: string };

/**
 * A call as it is stored: its list of prompt parts is text. Guarded by hand, because where no code may be
 * made at run time a schema of so many fields takes most of the time of a replay.
 */
export const StoredCall = z
  .custom<StoredRow>((row) => isObject(row) && GUARDS.every(([name, guard]) => guard(row[name])))
  .transform((row): Call => ({ ...row, block_hmacs: readBlocks(row.block_hmacs) }));

function readBlocks(stored: string): PromptBlock[] {
  if (stored === "[]") return [];
  const blocks: unknown = JSON.parse(stored);
  if (Array.isArray(blocks) && blocks.every(isBlock)) return blocks;
  throw new TypeError("A stored list of prompt parts is none.");
}

function isBlock(value: unknown): value is PromptBlock {
  return isObject(value) && text(value.hmac) && count(value.tokens);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
