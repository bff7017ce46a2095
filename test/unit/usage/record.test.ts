/** What a usage record may say, and what sets it aside. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { admit, UsageRecord } from "../../../src/usage/record.ts";
import { usageRecord } from "./records.ts";

describe("a usage record", () => {
  it.each([
    ["a negative token count", { input_tokens: -1 }],
    ["half a token", { output_tokens: 0.5 }],
    ["a latency that is not a number", { latency_ms: Number.NaN }],
    ["a bucket of less than no requests", { n_requests: -1 }],
    ["an empty model name", { request_model: "" }],
    ["a label without end", { feature: "x".repeat(101) }],
    ["a negative cost", { cost_reported: -0.01 }],
  ])("is refused with %s", (_, change) => {
    expect(UsageRecord.safeParse({ ...usageRecord(), ...change }).success).toBe(false);
  });

  it("is set aside, with both figures, where cached tokens exceed the input", () => {
    const record = usageRecord({
      input_tokens: 10,
      cache_read_tokens: 8,
      cache_write_tokens: 4,
    });
    expect(admit(record)).toMatchObject({
      ok: false,
      reason: { sentence: "cache_read_tokens + cache_write_tokens (12) exceed input_tokens (10)" },
    });
  });

  it("is set aside where reasoning exceeds the output", () => {
    expect(admit(usageRecord({ output_tokens: 5, reasoning_tokens: 6 }))).toMatchObject({
      ok: false,
      reason: { sentence: "reasoning_tokens (6) exceed output_tokens (5)" },
    });
  });

  it("is set aside where a single call claims to be several, or none", () => {
    expect(admit(usageRecord({ granularity: "request", n_requests: 2 }))).toMatchObject({
      ok: false,
      reason: {
        sentence: "n_requests (2) of a single call: sums of calls are of granularity bucket",
      },
    });
    expect(admit(usageRecord({ granularity: "bucket", n_requests: 2 })).ok).toBe(true);
  });

  it("may sum up nobody knows how many calls, where it says how long they may be", () => {
    const unknown = { granularity: "bucket", n_requests: 0 } as const;
    expect(admit(usageRecord({ ...unknown, context_tokens: 200_000 })).ok).toBe(true);
    expect(admit(usageRecord(unknown))).toMatchObject({
      ok: false,
      reason: {
        sentence:
          "n_requests (0) of a bucket: context_tokens must say what context it is priced at",
      },
    });
    expect(admit(usageRecord({ n_requests: 0, context_tokens: 200_000 })).ok).toBe(false);
  });

  it("is admitted as it came exactly where its parts fit into its totals", () => {
    const tokens = fc.nat(50);
    fc.assert(
      fc.property(tokens, tokens, tokens, tokens, tokens, (input, read, write, output, thought) => {
        const record = usageRecord({
          input_tokens: input,
          cache_read_tokens: read,
          cache_write_tokens: write,
          output_tokens: output,
          reasoning_tokens: thought,
        });
        const admission = admit(record);
        expect(admission.ok).toBe(read + write <= input && thought <= output);
        if (admission.ok) expect(admission.record).toEqual(record);
      }),
    );
  });
});
