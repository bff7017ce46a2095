/** Each reason for which a row is set aside has its code, with what its sentence names; grouped, it keeps both. */
import { describe, expect, it } from "vitest";
import type { ImportFormat } from "../../../../src/protocol/usage.ts";
import { Reasons } from "../../../../src/usage/import/batches.ts";
import { NOW, readAll } from "./read.ts";

const good = {
  record_id: "good",
  ts: Date.UTC(2026, 9, 1),
  provider: "openai",
  request_model: "gpt-5.4",
  input_tokens: 100,
  output_tokens: 10,
};

type Format = Exclude<ImportFormat, "csv" | "ndjson">;

/** @returns what programs are told of the rows that are set aside. */
async function faultsOf(content: string | Uint8Array, format: ImportFormat = "apex") {
  const columns = { columns: { ts: "when", request_model: "model" }, constants: {} };
  const { entries } = await readAll(content, { format, columns });
  return entries.flatMap((entry) => (entry.kind === "refused" ? [entry.refusal.faults] : []));
}

describe("a record has a fault by a code", () => {
  const WRONG: readonly (readonly [row: unknown, ...faults: object[]])[] = [
    [7, { code: "not_an_object" }],
    [
      { ...good, provider: undefined },
      { code: "required", field: "provider" },
    ],
    [
      { ...good, prompt: "hello" },
      { code: "unknown_field", field: "prompt" },
    ],
    [
      { ...good, status: "fine" },
      { code: "not_an_option", field: "status" },
    ],
    [
      { ...good, input_tokens: -5 },
      { code: "too_small", field: "input_tokens", bound: 0 },
    ],
    [
      { ...good, output_tokens: 1.5 },
      { code: "invalid_type", field: "output_tokens" },
    ],
    [
      { ...good, feature: "x".repeat(101), attempt: 0 },
      { code: "too_small", field: "attempt", bound: 1 },
      { code: "too_long", field: "feature", bound: 100 },
    ],
    [
      { ...good, latency_ms: 3e9 },
      { code: "beyond_belief", field: "latency_ms", found: "3000000000" },
    ],
    [
      { ...good, ts: NOW + 3_600_000 },
      { code: "in_the_future", field: "ts" },
    ],
    [
      { ...good, ts: 1_000 },
      { code: "before_2018", field: "ts" },
    ],
    [
      { ...good, workspace_id: "theirs" },
      { code: "foreign_workspace", field: "workspace_id" },
    ],
    [
      { ...good, reasoning_tokens: 11 },
      {
        ...{ code: "part_exceeds_whole", field: "reasoning_tokens", found: "11" },
        ...{ other: "output_tokens", bound: 10 },
      },
    ],
    [
      { ...good, n_requests: 5 },
      { code: "single_call_of_many", field: "n_requests", found: "5" },
    ],
    [
      { ...good, granularity: "bucket", n_requests: 0 },
      { code: "context_not_stated", field: "n_requests", other: "context_tokens" },
    ],
  ];

  it.each(WRONG)("%j", async (row, ...faults) => {
    expect(await faultsOf(JSON.stringify([row]))).toEqual([faults]);
  });

  it("where its id stands for another", async () => {
    const rows = [good, { ...good, output_tokens: 11 }].map((row) => JSON.stringify(row));
    expect(await faultsOf(rows.join("\n"))).toEqual([
      [{ code: "id_used_before", field: "record_id" }],
    ]);
  });
});

describe("text has a fault by a code", () => {
  const line = `${JSON.stringify(good)}\n`;

  it.each([
    [`${line}{"record_id": "x"`, "not_json"],
    [`[${JSON.stringify(good)}, {"record_id": "x"`, "array_broken_off"],
  ])("%s", async (text, code) => {
    expect(await faultsOf(text)).toEqual([[{ code }]]);
  });

  it("where it is no UTF-8", async () => {
    const bytes = new Uint8Array([...new TextEncoder().encode(line), 0x22, 0xe9, 0x22, 0x0a]);
    expect(await faultsOf(bytes)).toEqual([[{ code: "not_utf8" }]]);
  });

  it("where a value is longer than is read", async () => {
    const text = `${line}"${"x".repeat(9 * 1024 * 1024)}"\n${line}`;
    expect(await faultsOf(text)).toEqual([[{ code: "row_too_long", bound: 8 * 1024 * 1024 }]]);
  });
});

describe("a row of a table has a fault by a code", () => {
  it.each([
    ["a\n1,2", { code: "wrong_number_of_values", found: "2", bound: 1 }],
    ["when\nsoon", { code: "unreadable", field: "when", other: "ts", found: "soon" }],
    ["cache_read_tokens\n5", { code: "cached_not_stated", field: "cache_read_tokens" }],
    ["reasoning_tokens\n5", { code: "reasoning_not_stated", field: "reasoning_tokens" }],
    ['when\n"soon', { code: "not_csv", found: expect.any(String) }],
  ])("%j", async (text, fault) => {
    expect(await faultsOf(text, "csv")).toEqual([[fault]]);
  });
});

describe("a row of a provider or a gateway has a fault by a code", () => {
  const bucket = { start_time: 1_760_000_000, end_time: NOW / 1000 + 3600 };
  const result = { num_model_requests: 1, input_tokens: 5, output_tokens: 5 };
  const observation = { id: "1", type: "GENERATION", start_time: "2026-10-01", model: "gpt-5.4" };
  const usage = { input: 5 };
  const span = {
    context: { trace_id: "a", span_id: "b" },
    ...{ start_time: "2026-10-01T00:00:00Z", end_time: null },
  };
  const WRONG: readonly (readonly [Format, row: object, fault: object])[] = [
    ["openai_usage", { ...bucket, ...result }, { code: "not_grouped_by_model", field: "model" }],
    [
      "openai_usage",
      { ...bucket, ...result, model: "gpt-5.4" },
      { code: "not_over_yet", found: expect.stringMatching(/^2026-11-21T/) },
    ],
    [
      "openai_usage",
      { ...bucket, ...result, output_tokens: "many" },
      { code: "invalid_type", field: "output_tokens" },
    ],
    ["langfuse", { ...observation, id: "" }, { code: "required", field: "id" }],
    [
      "langfuse",
      { ...observation, usage_details: {} },
      { code: "no_input_tokens", field: "usage_details" },
    ],
    [
      "langfuse",
      { ...observation, usage_details: { input: -1 } },
      { code: "not_a_count", field: "usage_details.input" },
    ],
    [
      "langfuse",
      { ...observation, usage_details: usage, model: null },
      { code: "required", field: "model" },
    ],
    [
      "openinference",
      { ...span, attributes: { "llm.token_count.prompt": 5 } },
      { code: "required", field: "llm.model_name" },
    ],
    [
      "openinference",
      { ...span, attributes: { "llm.token_count.prompt": -5, "llm.model_name": "m" } },
      { code: "invalid_type", field: "llm.token_count.prompt" },
    ],
  ];

  it.each(WRONG)("%s %j", async (format, row, fault) => {
    expect(await faultsOf(JSON.stringify(row), format)).toEqual([[fault]]);
  });
});

it("what a file names is cut where it is long", async () => {
  const [faults] = await faultsOf(JSON.stringify({ ...good, ["x".repeat(9_000)]: 1 }));
  expect(faults).toEqual([{ code: "unknown_field", field: "x".repeat(200) }]);
});

it("rows set aside for reasons alike keep the faults of the first; past twenty reasons, they are others", () => {
  const reasons = new Reasons();
  const alike = (found: number) => ({
    reason: `latency_ms: ${found} is beyond belief`,
    faults: [{ code: "beyond_belief" as const, field: "latency_ms", found: String(found) }],
    line: found,
  });
  reasons.add([alike(1), alike(2)]);
  const letters = [..."abcdefghijklmnopqrstu"];
  reasons.add(letters.map((letter, line) => ({ reason: letter, faults: [], line })));
  const list = reasons.list();
  expect(list[0]).toEqual({
    reason: "latency_ms: 1 is beyond belief",
    faults: [{ code: "beyond_belief", field: "latency_ms", found: "1" }],
    rows: 2,
    lines: [1, 2],
  });
  expect(list.at(-1)).toEqual({
    reason: "other reasons",
    faults: [{ code: "other_reasons" }],
    rows: 2,
    lines: [],
  });
});
