/** Latency percentiles as they are told: given, bounded, refused. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { latencyPercentiles } from "../../../src/tools/latency-percentiles.ts";
import { askTool, callsOf } from "./ask-tool.ts";

/** Calls of 1 ms, 2 ms, … in an order that is not that of their latencies. */
const timed = (count: number) =>
  callsOf(count, (index) => {
    const latency = ((index * 7) % count) + 1;
    return { latency_ms: latency, ttft_ms: latency / 2 };
  });

describe("latency_percentiles", () => {
  it("cannot say without single calls: buckets hold no latency", async () => {
    const buckets = callsOf(3, () => ({
      granularity: "bucket",
      n_requests: 500,
      latency_ms: 800,
    }));
    const { answer, findings } = await askTool(latencyPercentiles, buckets);
    expect(answer).toMatchObject({ value: null, n_records: 3, timed_records: 0 });
    expect(answer.not_assessable).toContain("Sums over buckets hold none");
    expect(answer.assumptions).toContain(answer.not_assessable);
    expect(answer.summary).toMatch(/^\*\*Not assessable\*\*/);
    expect(findings).toEqual([]);
  });

  it("cannot say from too few calls, and says how many there are", async () => {
    const { answer } = await askTool(latencyPercentiles, timed(19));
    expect(answer.value).toBeNull();
    expect(answer.not_assessable).toContain("Only 19 successful calls");
  });

  it("says that a window is empty", async () => {
    const { answer } = await askTool(latencyPercentiles, []);
    expect(answer).toMatchObject({ value: null, not_assessable: null });
    expect(answer.summary).toContain("no records in this window");
  });

  it("refuses p99 under 1,000 calls, and gives the others with their bounds", async () => {
    const { answer, findings } = await askTool(latencyPercentiles, timed(999));
    expect(answer).toMatchObject({ value: 950, unit: "ms", interval: { low: 935, high: 963 } });
    expect(answer.percentiles).toEqual([
      { p: 50, value_ms: 500, interval: { low: 468, high: 531 }, records_needed: 20 },
      { p: 95, value_ms: 950, interval: { low: 935, high: 963 }, records_needed: 200 },
      { p: 99, value_ms: null, interval: null, records_needed: 1_000 },
    ]);
    expect(answer.summary).toContain("| p99 | not given: takes 1,000 calls | – |");
    expect(answer.assumptions.join(" ")).toContain("p99 is not given: it takes 1,000 calls");
    expect(findings.map(({ name, value, interval }) => [name, value, interval])).toEqual([
      ["latency p50", 500, { low: 468, high: 531 }],
      ["latency p95", 950, { low: 935, high: 963 }],
      ["share of the requests that have a latency", 100, null],
    ]);
  });

  it("gives p99 from 1,000 calls on", async () => {
    const { answer } = await askTool(latencyPercentiles, timed(1_000), {
      args: { p: [99], metric: "ttft_ms" },
    });
    expect(answer).toMatchObject({ value: 495, interval: { low: 491.5, high: 498.5 } });
  });

  it("leaves failures and calls without the latency out, and says what share is left", async () => {
    const calls = callsOf(100, (index) => ({
      latency_ms: index < 50 ? 10 : null,
      status: index % 5 === 0 ? "error" : "ok",
    }));
    const { answer } = await askTool(latencyPercentiles, calls, { args: { p: [50, 50] } });
    expect(answer).toMatchObject({ timed_records: 40, timed_share_pct: 40, value: 10 });
    expect(answer.percentiles).toHaveLength(1);
  });

  it("says the same in any order of records, and after a duplicate import", async () => {
    const calls = timed(250);
    const { answer } = await askTool(latencyPercentiles, calls);
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(calls, { minLength: calls.length }),
        fc.subarray(calls),
        async (shuffled, again) => {
          expect((await askTool(latencyPercentiles, [...shuffled, ...again])).answer).toEqual(
            answer,
          );
        },
      ),
      { numRuns: 10 },
    );
  });
});
