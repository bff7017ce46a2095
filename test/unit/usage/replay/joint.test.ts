/** All levers together: no saving twice, and the laws that hold whatever the calls are. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PriceLookup } from "../../../../src/usage/prices.ts";
import type { UsageRecord } from "../../../../src/usage/record.ts";
import { batchOpportunity } from "../../../../src/usage/replay/batch-opportunity.ts";
import { cacheOpportunity, cacheStep } from "../../../../src/usage/replay/cache-opportunity.ts";
import { duplicateOpportunity } from "../../../../src/usage/replay/duplicate-opportunity.ts";
import { type LeverStep, replayAlone, replayTogether } from "../../../../src/usage/replay/joint.ts";
import { pairedResult } from "../../../../src/usage/replay/pass-share.ts";
import {
  rightSizeOpportunity,
  rightSizeStep,
} from "../../../../src/usage/replay/right-size-opportunity.ts";
import { trimOpportunity } from "../../../../src/usage/replay/trim-opportunity.ts";
import type { Workload } from "../../../../src/usage/replay/workload.ts";
import { atOnce } from "./at-once.ts";
import { evaluations } from "./evaluations.ts";
import { call, callsAt, HOUR, MINUTE, pricesTimes, SPAN, START, workloadOf } from "./workloads.ts";

const MOVE = {
  from: "claude-large",
  to: { provider: "anthropic", asked: "claude-small", answered: null },
  features: null,
  share: 0.5,
  mode: "classifier",
} as const;

function allSteps(workload: Workload): LeverStep[] {
  const duplicates = { ttlMs: HOUR, allowedFeatures: ["opted-in"] };
  return [
    atOnce(batchOpportunity(workload, SPAN)).step,
    cacheStep("5m"),
    atOnce(trimOpportunity(workload, SPAN, ["context", "output"])).step,
    rightSizeStep([MOVE]),
    atOnce(duplicateOpportunity(workload, SPAN, duplicates)).step,
  ];
}

function replay(records: readonly UsageRecord[], prices?: PriceLookup) {
  const workload = workloadOf(records, prices);
  const alone = allSteps(workload).map((step) => ({
    step,
    saving: atOnce(replayAlone(workload, step, SPAN)),
  }));
  return atOnce(replayTogether(workload, alone));
}

/** Calls in which all levers have something to do. */
const record = fc
  .record({
    minute: fc.nat(600),
    request_model: fc.constantFrom("claude-large", "claude-small", "self-made"),
    feature: fc.constantFrom("chat", "opted-in", null),
    service_tier: fc.constantFrom("batch", null),
    input_tokens: fc.integer({ min: 5_000, max: 200_000 }),
    read: fc.constantFrom(0, 0.3),
    write: fc.constantFrom(0, 0.3),
    output_tokens: fc.nat(5_000),
    prompt: fc.constantFrom("a", "b", null),
    system: fc.constantFrom("x", "y", null),
    request_temperature: fc.constantFrom(0, 1),
    interactive: fc.constantFrom(0 as const, 1 as const, null),
    status: fc.constantFrom("ok" as const, "ok" as const, "error" as const),
  })
  .map(({ minute, read, write, prompt, system, ...changes }) => ({
    ...changes,
    ts: START + minute * MINUTE,
    cache_read_tokens: Math.floor(changes.input_tokens * read),
    cache_write_tokens: Math.floor(changes.input_tokens * write),
    prompt_hmac: prompt,
    block_hmacs: system === null ? [] : [{ hmac: system, tokens: 4_000 }],
    deadline_h: 24,
  }));

const records = fc
  .array(record, { maxLength: 60 })
  .map((list) => list.map((changes, index) => call({ ...changes, record_id: `record-${index}` })));

describe("a lever alone", () => {
  it("has its value between its bounds, and none of them above what was spent", () => {
    fc.assert(
      fc.property(records, (list) => {
        const workload = workloadOf(list);
        const spendUsd = workload.costs.reduce((sum, usd) => sum + usd, 0);
        const duplicates = { ttlMs: HOUR, allowedFeatures: ["opted-in"] };
        const candidate = { move: MOVE, result: pairedResult(evaluations(400, 370)), minPass: 0.9 };
        for (const { lever, estimate } of [
          atOnce(batchOpportunity(workload, SPAN)),
          atOnce(cacheOpportunity(workload, SPAN, "5m")),
          atOnce(trimOpportunity(workload, SPAN, ["context", "output"])),
          atOnce(rightSizeOpportunity(workload, SPAN, candidate)),
          atOnce(duplicateOpportunity(workload, SPAN, duplicates)),
        ]) {
          expect(estimate.low, lever).toBeLessThanOrEqual(estimate.value + 1e-9);
          expect(estimate.value, lever).toBeLessThanOrEqual(estimate.high + 1e-9);
          expect(estimate.high, lever).toBeLessThanOrEqual(spendUsd + 1e-9);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("saves at most what its feature cost, however few calls have a hash", () => {
    const seen = callsAt([0, 1], { prompt_hmac: "a", request_temperature: 0 });
    const unseen = callsAt([2, 3, 4, 5, 6, 7, 8, 9], { request_temperature: 0 });
    const others = callsAt([20, 21], { feature: "search" });
    const workload = workloadOf([...seen, ...unseen, ...others]);
    const found = atOnce(
      duplicateOpportunity(workload, SPAN, { ttlMs: HOUR, allowedFeatures: [] }),
    );
    // $10 seen among a fifth of the calls would be $250 of the $100 that the feature cost.
    expect(found.estimate).toEqual({ value: 10, low: 10, high: 100 });
  });
});

describe("levers together", () => {
  it("save no call twice: what is answered from a store is not batched too", () => {
    const same = {
      prompt_hmac: "a",
      request_temperature: 0,
      interactive: 0,
      deadline_h: 24,
    } as const;
    const { shares, usd, spendUsd } = replay(callsAt([0, 1], same));
    const of = (lever: string) => shares.find((share) => share.lever === lever);
    expect(spendUsd).toBe(20);
    expect(of("duplicates")).toMatchObject({ marginalUsd: 10, alone: { usd: 10 } });
    // Half of the call that is left goes to the small model for a tenth of the price.
    expect(of("right_size")).toMatchObject({ marginalUsd: 4.5, alone: { usd: 9 } });
    expect(of("batch")).toMatchObject({ marginalUsd: 2.75, alone: { usd: 10 } });
    expect(usd).toBe(17.25);
  });

  it("are replayed in their order, however they are listed", () => {
    const { shares } = replay(callsAt([0]));
    expect(shares.map(({ lever }) => lever)).toEqual([
      "duplicates",
      "right_size",
      "trim",
      "prompt_cache",
      "batch",
    ]);
  });

  it("never save more than the sum of the levers alone, nor than was spent", () => {
    fc.assert(
      fc.property(records, (list) => {
        const { shares, usd, spendUsd } = replay(list);
        const alone = shares.reduce((sum, share) => sum + share.alone.usd, 0);
        expect(usd).toBeLessThanOrEqual(alone + 1e-9);
        expect(usd).toBeLessThanOrEqual(spendUsd + 1e-9);
      }),
    );
  });

  it("save once where moves overlap: as much as all moves in one step, never more than was spent", () => {
    const further = {
      ...MOVE,
      share: 1,
      features: ["chat"],
      to: { ...MOVE.to, asked: "claude-medium" },
    };
    fc.assert(
      fc.property(records, fc.boolean(), (list, turned) => {
        const workload = workloadOf(list);
        const moves = turned ? [further, MOVE] : [MOVE, further];
        const alone = (step: LeverStep) => ({
          step,
          saving: atOnce(replayAlone(workload, step, SPAN)),
        });
        const steps = moves.map((_, index) => rightSizeStep(moves.slice(0, index + 1)));
        const { shares, usd, spendUsd } = atOnce(replayTogether(workload, steps.map(alone)));
        expect(usd).toBeCloseTo(alone(rightSizeStep(moves)).saving.usd, 9);
        expect(usd).toBeCloseTo(
          shares.reduce((sum, { marginalUsd }) => sum + marginalUsd, 0),
          9,
        );
        expect(usd).toBeLessThanOrEqual(spendUsd + 1e-9);
      }),
    );
  });

  it("save the same whatever order records come in, and where some come twice", () => {
    fc.assert(
      fc.property(records, fc.infiniteStream(fc.nat()), (list, keys) => {
        const shuffled = list
          .map((each) => ({ each, key: keys.next().value }))
          .toSorted((left, right) => left.key - right.key)
          .map(({ each }) => each);
        const twice = [...shuffled, ...shuffled.slice(0, 10)];
        expect(replay(twice).usd).toBe(replay(list).usd);
      }),
    );
  });

  it("save twice as much at twice the prices", () => {
    fc.assert(
      fc.property(records, (list) => {
        const [once, twice] = [replay(list), replay(list, pricesTimes(2))];
        expect(twice.usd).toBeCloseTo(2 * once.usd, 9);
        expect(twice.spendUsd).toBeCloseTo(2 * once.spendUsd, 9);
      }),
    );
  });
});
