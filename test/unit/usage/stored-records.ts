/** The usage records that the suites of the stores are held against: a series by the minute, and arbitrary ones. */
import fc from "fast-check";
import type { UsageRecord } from "../../../src/usage/record.ts";
import type { Scope } from "../../../src/usage/store.ts";
import { usageRecord } from "./records.ts";

export const start = Date.UTC(2026, 9, 1);
export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;

/** @returns so many records of a workspace, one a minute, changed by their place. */
export function series(
  workspaceId: string,
  length: number,
  changes: (index: number) => Partial<UsageRecord> = () => ({}),
): UsageRecord[] {
  return Array.from({ length }, (_, index) =>
    usageRecord({
      workspace_id: workspaceId,
      record_id: `record-${index}`,
      ts: start + index * MINUTE,
      ...changes(index),
    }),
  );
}

/** @returns the scope that holds all records of a workspace that these suites make. */
export function everything(workspaceId: string, changes: Partial<Scope> = {}): Scope {
  return { workspaceId, from: 0, to: start + 366 * DAY, filters: {}, ...changes };
}

/** Labels that break what is put together by hand: quotes, escapes, wildcards, controls, look-alikes. */
const label = fc.constantFrom(
  "chat",
  "o'clock",
  `"quoted"`,
  "back\\slash",
  "\\N",
  "tab\tline\n",
  "{model:String}",
  "%",
  "' OR '1'='1",
  "é 🦊",
  "a",
  "a b",
);
/** Far below it engines read a number back rounded, each in its own way, or as 0. */
const LEAST_MEASURED = 1e-9;
const isMeasurable = (value: number) => value === 0 || value >= LEAST_MEASURED;

const amount = fc
  .double({ min: 0, max: 1e6, noNaN: true, noDefaultInfinity: true })
  .filter(isMeasurable);
/** Whatever a record may hold, beside who it belongs to. */
export const change = fc
  .record({
    ts: fc.integer({ min: start, max: start + 3 * DAY }),
    request_model: fc.constantFrom("gpt-5.4", "gpt-5.4-mini", "unknown-model"),
    provider: fc.constantFrom("openai", "anthropic"),
    feature: fc.option(label),
    team: fc.option(label),
    user_hash: fc.option(label),
    environment: fc.option(fc.constantFrom("production", "staging")),
    service_tier: fc.constantFrom("batch", null),
    input_tokens: fc.nat(300_000),
    output_tokens: fc.nat(9_000),
    latency_ms: fc.option(amount),
    ttft_ms: fc.option(amount),
    request_temperature: fc.option(
      fc.double({ min: 0, max: 10, noNaN: true }).filter(isMeasurable),
    ),
    deadline_h: fc.option(amount),
    interactive: fc.constantFrom(0 as const, 1 as const, null),
    status: fc.constantFrom("ok" as const, "error" as const),
    granularity: fc.constantFrom("request" as const, "request" as const, "bucket" as const),
    n_requests: fc.nat(3),
    context_tokens: fc.constantFrom(200_000, 1_000_000),
    block_hmacs: fc.array(fc.record({ hmac: label, tokens: fc.nat(9_000) }), { maxLength: 3 }),
    cost_reported: fc.option(amount),
    logical_request_id: fc.option(fc.constantFrom("a", "b", "o'clock")),
    attempt: fc.integer({ min: 1, max: 4 }),
  })
  .map((one) =>
    one.granularity === "request" ? { ...one, n_requests: 1, context_tokens: null } : one,
  );

/** Buckets as they were stored before their number of calls was left open, and what has to become of each. */
export const INVENTED_COUNTS = [
  { record_id: "small", input_tokens: 100, n_requests: 1, becomes: [0, 200_000] },
  { record_id: "many", input_tokens: 500_000, n_requests: 3, becomes: [0, 200_000] },
  { record_id: "long", input_tokens: 1_500_000, n_requests: 2, becomes: [0, 1_000_000] },
  { record_id: "counted", source: "openai_usage", n_requests: 7, becomes: [7, null] },
  { record_id: "new", n_requests: 0, context_tokens: 200_000, becomes: [0, 200_000] },
].map(({ becomes, ...record }) => ({
  becomes,
  record: {
    ts: start,
    source: "anthropic_usage",
    granularity: "bucket" as const,
    ...record,
  },
}));
