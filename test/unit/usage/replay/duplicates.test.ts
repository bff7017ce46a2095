/** The lever of duplicates: what is a repeat, what only looks like one, and what hashes hide. */
import { describe, expect, it } from "vitest";
import type { UsageRecord } from "../../../../src/usage/record.ts";
import { duplicateOpportunity } from "../../../../src/usage/replay/duplicate-opportunity.ts";
import { atOnce } from "./at-once.ts";
import { call, callsAt, DAY, HOUR, MINUTE, SPAN, START, workloadOf } from "./workloads.ts";

const asked = { prompt_hmac: "same", request_temperature: 0 } as const;

function found(
  records: readonly UsageRecord[],
  options: { ttlMs?: number; allowed?: string[] } = {},
) {
  const { ttlMs = HOUR, allowed = [] } = options;
  const asked = { ttlMs, allowedFeatures: allowed };
  return atOnce(duplicateOpportunity(workloadOf(records), SPAN, asked));
}

describe("what is no repeat", () => {
  it.each<[string, Partial<UsageRecord>]>([
    ["is asked for variety", { request_temperature: 1 }],
    ["does not say its temperature", { request_temperature: null }],
    ["has no hash", { prompt_hmac: null }],
    ["asks another model", { request_model: "claude-small" }],
    ["asks for a longer answer", { request_max_tokens: 900 }],
    ["thinks harder", { request_reasoning_level: "high" }],
    ["has another prompt", { prompt_hmac: "other" }],
    ["comes too late", { ts: START + HOUR + 1 }],
  ])("a call that %s saves nothing", (_, changes) => {
    const first = call({ ...asked, record_id: "first" });
    const second = call({ ...asked, record_id: "second", ts: START + MINUTE, ...changes });
    expect(found([first, second]).saving.usd).toBe(0);
  });

  it("a retry of a call that failed is not answered by the failure", () => {
    const failed = call({ ...asked, record_id: "a", status: "error" });
    const retry = call({ ...asked, record_id: "b", ts: START + MINUTE, attempt: 2 });
    expect(found([failed, retry]).saving.usd).toBe(0);
  });

  it("a call that begins before the first was answered has to be made", () => {
    const slow = call({ ...asked, record_id: "a", latency_ms: 5 * MINUTE });
    const meanwhile = call({ ...asked, record_id: "b", ts: START + 4 * MINUTE });
    const afterwards = call({ ...asked, record_id: "c", ts: START + 6 * MINUTE });
    expect(found([slow, meanwhile, afterwards]).saving.usd).toBe(10);
  });

  it("a call without a price is in no saving", () => {
    const unpriced = { ...asked, request_model: "self-made" };
    expect(found(callsAt([0, 1, 2], unpriced)).saving).toMatchObject({ usd: 0, records: 0 });
  });
});

describe("a repeat", () => {
  it("saves all it cost, and is told by feature, day and record", () => {
    const { saving } = found(callsAt([0, 10, 20], asked));
    expect(saving).toMatchObject({
      usd: 20,
      records: 2,
      features: [{ feature: "chat", usd: 20, records: 2 }],
      examples: ["at-10-1", "at-20-2"],
    });
    expect([...saving.days]).toEqual([20, ...Array.from({ length: 9 }, () => 0)]);
  });

  it("is held against the call that was paid for, not against the one before it", () => {
    // Every gap is 50 minutes: gaps alone would save three calls of four.
    expect(found(callsAt([0, 50, 100, 150], asked)).saving.usd).toBe(20);
  });

  it("leaves the cache cold that it alone kept warm", () => {
    // The third call read what the second, a repeat of the first, had used four minutes before.
    const blocks = { block_hmacs: [{ hmac: "system", tokens: 500_000 }] };
    const [first, repeat] = callsAt([0, 4], { ...asked, ...blocks });
    const [third] = callsAt([8], { ...blocks, cache_read_tokens: 500_000, prompt_hmac: "other" });
    const list = [first, repeat, third].flatMap((each) => each ?? []);
    expect(found(list).saving).toMatchObject({ usd: 10 - 4.5, records: 2 });
  });

  it("counts at any temperature in a feature that was opted in", () => {
    const varied = { ...asked, request_temperature: 1 };
    expect(found(callsAt([0, 1], varied), { allowed: ["chat"] }).saving.usd).toBe(10);
  });
});

describe("hashes that are missing", () => {
  it("make the saving not assessable where none is there, and say what would help", () => {
    const { notAssessable } = found(callsAt([0, 1], { ...asked, prompt_hmac: null }));
    expect(notAssessable).toMatch(/prompt_hmac and request_temperature/);
  });

  it("widen the bounds upwards, as far as the calls with hashes repeat", () => {
    const first = callsAt([0, 1, 2, 3], asked);
    const second = callsAt([4, 5, 6, 7], { ...asked, prompt_hmac: "another" });
    const blind = callsAt([8, 9], { ...asked, prompt_hmac: null });
    const { estimate } = found([...first, ...second, ...blind], { ttlMs: DAY });
    expect(estimate.low).toBe(60);
    expect(estimate.value).toBe(60);
    expect(estimate.high).toBeCloseTo(60 / 0.8 ** 2, 9);
  });
});
