/** Every format comes to the same records: whatever it is laid out as, cut at, and ordered by. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nameId } from "../../../../src/core/name-id.ts";
import type { UsageRecord } from "../../../../src/usage/record.ts";
import { NOW, readAll, recordsOf, refusalsOf } from "./read.ts";
import {
  type Call,
  COLUMN_MAP,
  fileOf,
  type Layout,
  WRITTEN,
  type WrittenFormat,
} from "./written.ts";

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: length, maxLength: length });

const call: fc.Arbitrary<Call> = fc
  .record({
    trace: hex(32),
    span: hex(16),
    ts: fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2026, 10, 1) }),
    latency: fc.integer({ min: 1, max: 60_000 }),
    model: fc.constantFrom("gpt-5.4", "gpt-5.4-mini", "o4-mini"),
    uncached: fc.integer({ min: 1, max: 5_000 }),
    read: fc.nat(20_000),
    write: fc.nat(3_000),
    text: fc.nat(3_000),
    reasoning: fc.nat(3_000),
    user: fc.stringMatching(/^[a-z0-9@.]{1,20}$/).map((id) => `u-${id}`),
    feature: fc.constantFrom("search", "chat, long", 'the "best"', "ü 🦊"),
    failed: fc.boolean(),
  })
  .map(({ uncached, text, ...rest }) => {
    // A total below its cached part means that it leaves it out: a file must not say both.
    const input = uncached + rest.read + rest.write;
    return { ...rest, input, output: text + rest.reasoning };
  });

const calls = fc.uniqueArray(call, { minLength: 1, maxLength: 12, selector: ({ span }) => span });

/** What every source can tell. */
function essence(record: UsageRecord) {
  const { record_id, ts, provider, request_model, status, user_hash, feature, latency_ms } = record;
  const { input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens } =
    record;
  return {
    ...{ record_id, ts, provider, request_model, status, user_hash, feature, latency_ms },
    ...{ input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens },
  };
}

function expected(each: Call) {
  return {
    record_id: `${each.trace}-${each.span}`,
    ts: each.ts,
    provider: "openai",
    request_model: each.model,
    status: each.failed ? "error" : "ok",
    user_hash: nameId("user", each.user),
    feature: each.feature,
    latency_ms: each.latency,
    input_tokens: each.input,
    cache_read_tokens: each.read,
    cache_write_tokens: each.write,
    output_tokens: each.output,
    reasoning_tokens: each.reasoning,
  };
}

const byId = (a: { record_id: string }, b: { record_id: string }) =>
  a.record_id < b.record_id ? -1 : 1;
const FORMATS: readonly WrittenFormat[] = [
  "litellm",
  "helicone",
  "langfuse",
  "otlp",
  "openinference",
  "ndjson",
  "csv",
];
const layoutsOf = (format: WrittenFormat): readonly Layout[] => {
  if (format === "csv") return ["csv"];
  return format === "litellm" || format === "helicone"
    ? ["lines", "array", "indented", "csv"]
    : ["lines", "array", "indented"];
};

describe("the same calls come to the same records", () => {
  it.each(FORMATS)("written by %s, in every layout, cut anywhere, in any order", async (format) => {
    const layout = fc.constantFrom(...layoutsOf(format));
    await fc.assert(
      fc.asyncProperty(
        calls,
        layout,
        fc.integer({ min: 1, max: 200 }),
        fc.boolean(),
        async (made, laid, size, reversed) => {
          const rows = made.map((each) => WRITTEN[format](each));
          const file = fileOf(reversed ? rows.toReversed() : rows, laid);
          const isTable = format === "csv" || format === "ndjson";
          const given = isTable ? { format, columns: COLUMN_MAP } : {};
          const read = await readAll(file, { size, ...given });
          expect(read.format).toBe(format);
          expect(recordsOf(read.entries).map(essence).toSorted(byId)).toEqual(
            made.map(expected).toSorted(byId),
          );
          expect(read.entries).toHaveLength(made.length);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("a file that says everything twice says it once", async () => {
    const [made] = fc.sample(calls, 1);
    const rows = (made ?? []).map(WRITTEN.helicone);
    const { entries } = await readAll(fileOf([...rows, ...rows.toReversed()], "lines"));
    expect(recordsOf(entries)).toHaveLength(rows.length);
    expect(entries.filter(({ kind }) => kind === "duplicate")).toHaveLength(rows.length);
  });
});

describe("the buckets of providers", () => {
  const at = (moment: number) => new Date(moment).toISOString();
  const bucket = { object: "bucket", start_time: 1_760_000_000, end_time: 1_760_086_400 };

  it("of OpenAI: input tokens hold the cached ones, batch is its tier", async () => {
    const result = {
      object: "organization.usage.completions.result",
      input_tokens: 141_201,
      output_tokens: 9_756,
      input_cached_tokens: 120_000,
      input_audio_tokens: 0,
      num_model_requests: 470,
      project_id: "proj_abc",
      user_id: null,
      api_key_id: null,
      model: "gpt-5.4-2026-03-05",
      batch: true,
      service_tier: null,
    };
    const page = {
      object: "page",
      has_more: false,
      next_page: null,
      data: [
        { ...bucket, results: [result] },
        { ...bucket, results: [] },
      ],
    };
    const { format, entries } = await readAll(JSON.stringify(page, null, 2));
    expect(format).toBe("openai_usage");
    expect(recordsOf(entries)).toMatchObject([
      {
        source: "openai_usage",
        ts: 1_760_000_000_000,
        provider: "openai",
        request_model: "gpt-5.4-2026-03-05",
        input_tokens: 141_201,
        cache_read_tokens: 120_000,
        output_tokens: 9_756,
        service_tier: "batch",
        team: "proj_abc",
        granularity: "bucket",
        n_requests: 470,
        latency_ms: null,
      },
    ]);
    const again = await readAll(JSON.stringify(page));
    expect(recordsOf(again.entries)).toEqual(recordsOf(entries));
  });

  it.each([
    ["openai_usage", { start_time: NOW / 1_000 - 3_600, end_time: NOW / 1_000 + 3_600 }],
    [
      "anthropic_usage",
      {
        starting_at: new Date(NOW - 3_600_000).toISOString(),
        ending_at: new Date(NOW + 3_600_000).toISOString(),
      },
    ],
  ] as const)("of %s are set aside while they still grow", async (format, times) => {
    const result = {
      ...{ model: "m", input_tokens: 5, uncached_input_tokens: 5, output_tokens: 1 },
      ...{ num_model_requests: 1, input_cached_tokens: 0, cache_read_input_tokens: 0 },
    };
    const over = { ...times, ...(format === "openai_usage" && { end_time: NOW / 1_000 }) };
    const ended = { ...over, ...(format === "anthropic_usage" && { ending_at: at(NOW) }) };
    const read = async (bucket: object) =>
      await readAll(JSON.stringify({ data: [{ ...bucket, results: [result] }] }), { format });
    const growing = await read(times);
    expect(recordsOf(growing.entries)).toEqual([]);
    expect(refusalsOf(growing.entries)).toEqual([
      {
        line: 1,
        reason: `the bucket ends at ${at(NOW + 3_600_000)}, which is yet to come: fetch it once it is whole`,
      },
    ]);
    expect(recordsOf((await read(ended)).entries)).toHaveLength(1);
  });

  it("of OpenAI without a model can't be priced, and say so", async () => {
    const result = {
      input_tokens: 5,
      output_tokens: 1,
      num_model_requests: 1,
      input_cached_tokens: 0,
      model: null,
    };
    const { entries } = await readAll(JSON.stringify({ data: [{ ...bucket, results: [result] }] }));
    expect(refusalsOf(entries)).toEqual([
      {
        line: 1,
        reason: "model: is missing; ask the report for buckets by model, or nothing can be priced",
      },
    ]);
  });

  it("of Anthropic: the input is the sum of its parts, the number of calls is unknown, and long contexts keep their price", async () => {
    const result = {
      uncached_input_tokens: 1_500,
      cache_creation: { ephemeral_1h_input_tokens: 1_000, ephemeral_5m_input_tokens: 500 },
      cache_read_input_tokens: 2_000_000,
      output_tokens: 5_000,
      server_tool_use: { web_search_requests: 10 },
      api_key_id: null,
      workspace_id: "wrkspc_1",
      model: "claude-opus-4-20250514",
      service_tier: "standard",
      context_window: "200k-1M",
    };
    const page = {
      data: [
        {
          starting_at: "2026-08-01T00:00:00Z",
          ending_at: "2026-08-02T00:00:00Z",
          results: [result],
        },
      ],
      has_more: false,
    };
    const { format, entries } = await readAll(JSON.stringify(page));
    expect(format).toBe("anthropic_usage");
    expect(recordsOf(entries)).toMatchObject([
      {
        ts: Date.UTC(2026, 7, 1),
        input_tokens: 2_003_000,
        cache_read_tokens: 2_000_000,
        cache_write_tokens: 1_500,
        cache_write_1h_tokens: 1_000,
        output_tokens: 5_000,
        team: "wrkspc_1",
        n_requests: 0,
        context_tokens: 1_000_000,
      },
    ]);
  });
});

describe("sources whose totals leave the cached part out", () => {
  const made: Call = {
    ...{
      trace: "0af7651916cd43dd8448eb211c80319c",
      span: "b7ad6b7169203331",
      ts: Date.UTC(2026, 9, 1),
    },
    ...{
      latency: 900,
      model: "gpt-5.4",
      input: 5_000,
      read: 4_000,
      write: 600,
      output: 9,
      reasoning: 0,
    },
    ...{ user: "ada", feature: "search", failed: false },
  };

  it.each(["litellm", "helicone"] as const)(
    "%s: a total below its cached part can't hold it",
    async (format) => {
      const row = { ...WRITTEN[format](made), prompt_tokens: 400 };
      const { entries } = await readAll(fileOf([row], "lines"));
      expect(recordsOf(entries)).toMatchObject([{ input_tokens: 5_000, cache_read_tokens: 4_000 }]);
    },
  );

  it("LiteLLM's own cache hits are no cached tokens", async () => {
    const { entries } = await readAll(
      fileOf([{ ...WRITTEN.litellm(made), metadata: {} }], "lines"),
    );
    expect(recordsOf(entries)).toMatchObject([{ input_tokens: 5_000, cache_read_tokens: 0 }]);
  });
});
