/** The lever of prompt caching: hits and misses by hand, what must not be cached, what is cached already. */
import { describe, expect, it } from "vitest";
import type { UsageRecord } from "../../../../src/usage/record.ts";
import { cacheMinimum } from "../../../../src/usage/replay/cache-minimum.ts";
import { cacheOpportunity } from "../../../../src/usage/replay/cache-opportunity.ts";
import { breakEvenHits } from "../../../../src/usage/replay/cache-use.ts";
import { atOnce } from "./at-once.ts";
import { callsAt, SPAN, workloadOf } from "./workloads.ts";

const MILLION = 1_000_000;
/** Half of the prompt is stable: reading it saves $4.50, writing it costs $1.25 more. */
const blocks = [{ hmac: "system", tokens: MILLION / 2 }];
const prompted = { block_hmacs: blocks };

function found(records: readonly UsageRecord[], ttl: "5m" | "1h" = "5m") {
  return atOnce(cacheOpportunity(workloadOf(records), SPAN, ttl));
}

describe("the shortest prefix that is cached", () => {
  it.each([
    ["anthropic", "claude-opus-5-5", 512],
    ["anthropic", "claude-sonnet-5", 1_024],
    ["anthropic", "claude-haiku-4-5", 4_096],
    ["anthropic", "claude-haiku-4-5-20251001", 4_096],
    ["anthropic", "claude-opus-4-6", 4_096],
    ["anthropic", "claude-opus-4-7", 2_048],
    ["openai", "gpt-5.4", 1_024],
    ["google", "gemini-2.5-flash", 2_048],
    ["google", "gemini-3.5-flash", 4_096],
    ["self-hosted", "atlas-70b-instruct", null],
  ])("of %s's %s is %s tokens", (provider, asked, tokens) => {
    expect(cacheMinimum({ provider, asked, answered: null })).toBe(tokens);
  });
});

describe("the share of hits from which on caching saves", () => {
  const rates = { input: 1, cache_read: 0.1, cache_write: 1.25, cache_write_1h: 2, output: 5 };
  it("is 21.7 % for five minutes and 52.6 % for an hour, and nothing where writing is free", () => {
    expect(breakEvenHits(rates, "5m")).toBeCloseTo(0.2174, 4);
    expect(breakEvenHits(rates, "1h")).toBeCloseTo(0.5263, 4);
    expect(breakEvenHits({ ...rates, cache_write: 1 }, "5m")).toBe(0);
  });
});

describe("what is not cached", () => {
  it.each<[string, Partial<UsageRecord>]>([
    ["is shorter than the model's minimum", { block_hmacs: [{ hmac: "short", tokens: 1_023 }] }],
    ["has no hash", { block_hmacs: [] }],
    ["runs in a batch", { service_tier: "batch" }],
    ["has no price", { request_model: "self-made" }],
    ["is of a provider without a cache", { provider: "self-hosted" }],
  ])("a prompt that %s", (_, changes) => {
    expect(found(callsAt([0, 1, 2, 3], { ...prompted, ...changes })).saving.usd).toBe(0);
  });

  it("a prefix that comes again too seldom, and the loss is told", () => {
    const { saving, lossUsd, rules } = found(callsAt([0, 10, 20, 21, 40, 50], prompted));
    expect(saving.usd).toBe(0);
    // One hit of six, five writes.
    expect(lossUsd).toBeCloseTo(4.5 - 5 * 1.25, 9);
    expect(rules).toMatchObject([{ usd: lossUsd, chosen: false, hitShare: 1 / 6 }]);
    expect(rules[0]?.breakEven).toBeCloseTo(0.2174, 4);
  });

  it("a prompt that happens to be sent again, in a feature whose prompts are not", () => {
    const once = callsAt([0, 10, 20, 30, 40]).map((record, index) => ({
      ...record,
      block_hmacs: [{ hmac: `prompt-${index}`, tokens: MILLION }],
    }));
    const retried = callsAt([41], { block_hmacs: [{ hmac: "prompt-4", tokens: MILLION }] });
    expect(found([...once, ...retried]).saving.usd).toBe(0);
  });
});

describe("what is cached", () => {
  it("is written once and read within five minutes of each use", () => {
    // Written at 0 and 14, read at 4 and 8, with six minutes between: every use renews.
    const { saving, estimate, reach } = found(callsAt([0, 4, 8, 14, 15], prompted));
    expect(saving.usd).toBeCloseTo(3 * 4.5 - 2 * 1.25, 9);
    expect(reach).toBeNull();
    // Nobody knows the team's reach: half of the hits would be misses.
    expect(estimate.low).toBeCloseTo(1.5 * 4.5 - 3.5 * 1.25, 9);
    expect(estimate.high).toBeCloseTo(saving.usd, 9);
  });

  it("is kept for an hour at twice the input's price", () => {
    const records = callsAt([0, 50, 100, 150], prompted);
    expect(found(records).saving.usd).toBe(0);
    expect(found(records, "1h").saving.usd).toBeCloseTo(3 * 4.5 - 5, 9);
  });

  it("is not counted again where it was read already", () => {
    const read = { ...prompted, cache_read_tokens: MILLION / 2 };
    const written = { ...prompted, cache_write_tokens: MILLION / 2 };
    const { saving, reach } = found([...callsAt([0], written), ...callsAt([1, 2, 3], read)]);
    expect(saving.usd).toBeCloseTo(0, 9);
    expect(reach).toBe(1);
  });

  it("ends at the block that saves most", () => {
    const deep = [...blocks, { hmac: "examples", tokens: 800_000 }];
    const { rules, saving } = found(callsAt([0, 1, 2], { block_hmacs: deep }));
    expect(rules).toMatchObject([{ block: 2, tokens: 800_000, chosen: true }]);
    expect(saving.usd).toBeCloseTo(0.8 * (2 * 9 - 2.5), 9);
  });

  it("belongs to one model: another one has to write it too", () => {
    const large = callsAt([0, 2], prompted);
    const small = callsAt([1, 3], { ...prompted, request_model: "claude-small" });
    expect(found([...large, ...small]).saving.usd).toBeCloseTo(1.1 * (4.5 - 1.25), 9);
  });
});

describe("the bounds", () => {
  it("take the share of possible hits that the team reaches where a cache is in use", () => {
    const other = { feature: "cached", block_hmacs: [{ hmac: "other", tokens: MILLION / 2 }] };
    const inUse = [
      ...callsAt([0, 3], { ...other, cache_write_tokens: MILLION / 2 }),
      ...callsAt([1, 2, 4], { ...other, cache_read_tokens: MILLION / 2 }),
    ];
    const { estimate, reach } = found([...callsAt([0, 1, 2], prompted), ...inUse]);
    expect(reach).toBe(0.75);
    expect(estimate.low).toBeLessThan(estimate.value);
  });

  it("say what would make it assessable where no prompt has hashes", () => {
    expect(found(callsAt([0, 1])).notAssessable).toMatch(/block_hmacs/);
  });
});
