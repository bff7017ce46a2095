/** The lever of trimming: what is out of the ordinary, what it is cut to, and what cached tokens cost. */
import { describe, expect, it } from "vitest";
import { RandomSource } from "../../../../src/usage/random-source.ts";
import type { UsageRecord } from "../../../../src/usage/record.ts";
import type { TrimTarget } from "../../../../src/usage/replay/trim.ts";
import { trimOpportunity } from "../../../../src/usage/replay/trim-opportunity.ts";
import { atOnce } from "./at-once.ts";
import { callsAt, SPAN, workloadOf } from "./workloads.ts";

const MINUTES = Array.from({ length: 200 }, (_, minute) => minute);
const usual = callsAt(MINUTES, { input_tokens: 100_000, output_tokens: 1_000 });

function found(records: readonly UsageRecord[], what: TrimTarget) {
  return atOnce(trimOpportunity(workloadOf(records), SPAN, [what]));
}

describe("nothing is cut", () => {
  it("where lengths scatter as lengths do", () => {
    const random = new RandomSource(7);
    const scattered = MINUTES.flatMap((minute) =>
      callsAt([minute, minute + 0.5], { output_tokens: random.logNormal(800, 0.6) }),
    );
    expect(found(scattered, "output").saving.usd).toBe(0);
  });

  it("where a long one is less than half as long again", () => {
    const longer = callsAt([300], { input_tokens: 149_000 });
    expect(found([...usual, ...longer], "context").saving.usd).toBe(0);
  });

  it("where too few calls can say what is usual", () => {
    const verbose = callsAt([300], { output_tokens: 99_000 });
    const { saving, notAssessable } = found([...usual.slice(0, 98), ...verbose], "output");
    expect(saving.usd).toBe(0);
    expect(notAssessable).toMatch(/100 successful single calls/);
  });
});

describe("what is out of the ordinary is cut to the usual length", () => {
  it("an answer at the price of output", () => {
    const verbose = callsAt([300], { output_tokens: 21_000 });
    const { saving, estimate } = found([...usual, ...verbose], "output");
    expect(saving).toMatchObject({ records: 1, examples: ["at-300-0"] });
    expect(saving.usd).toBeCloseTo(20_000 * 50e-6, 4);
    expect(estimate.low).toBeLessThan(saving.usd);
    expect(estimate.high).toBeGreaterThan(saving.usd);
  });

  it("reasoning, which is part of the output", () => {
    const thinking = { output_tokens: 2_000, reasoning_tokens: 1_000 };
    const brooding = callsAt([300], { output_tokens: 12_000, reasoning_tokens: 11_000 });
    const { saving } = found([...callsAt(MINUTES, thinking), ...brooding], "reasoning");
    expect(saving.usd).toBeCloseTo(10_000 * 50e-6, 4);
  });

  it("a prompt at the price of input, behind what was cached", () => {
    const bloated = callsAt([300], { input_tokens: 500_000, cache_read_tokens: 50_000 });
    expect(found([...usual, ...bloated], "context").saving.usd).toBeCloseTo(4, 4);
  });

  it("a cached prompt at the price of reading it", () => {
    const cached = callsAt([300], { input_tokens: 500_000, cache_read_tokens: 500_000 });
    expect(found([...usual, ...cached], "context").saving.usd).toBeCloseTo(0.4, 4);
  });
});
