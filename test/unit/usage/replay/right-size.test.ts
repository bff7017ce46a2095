/** The lever of right-sizing: nothing without evaluations, bounds with them, and no slower answer. */
import { describe, expect, it } from "vitest";
import { objectionTo, pairedResult, wilson } from "../../../../src/usage/replay/pass-share.ts";
import type { RightSizeMode } from "../../../../src/usage/replay/right-size.ts";
import { rightSizeOpportunity } from "../../../../src/usage/replay/right-size-opportunity.ts";
import type { Evaluation } from "../../../../src/usage/workspace.ts";
import { atOnce } from "./at-once.ts";
import { evaluations } from "./evaluations.ts";
import { callsAt, SPAN, workloadOf } from "./workloads.ts";

const TO = { provider: "anthropic", asked: "claude-small", answered: null };

function found(
  list: readonly Evaluation[],
  { mode = "classifier" as RightSizeMode, features = null as string[] | null, to = TO } = {},
) {
  const records = [
    ...callsAt([0, 1], { feature: "chat" }),
    ...callsAt([2], { feature: "search" }),
    ...callsAt([3], { request_model: "claude-small" }),
    ...callsAt([4], { request_model: "self-made" }),
  ];
  return atOnce(
    rightSizeOpportunity(workloadOf(records), SPAN, {
      move: { from: "claude-large", to, features, mode },
      result: pairedResult(list),
      minPass: 0.9,
    }),
  );
}

describe("Wilson's interval", () => {
  it.each([
    [0, 10, 0, 0.2775],
    [10, 10, 0.7225, 1],
    [288, 300, 0.9315, 0.977],
  ])("of %i in %i is %f to %f", (passed, n, low, high) => {
    const share = wilson(passed, n);
    expect(share.low).toBeCloseTo(low, 3);
    expect(share.high).toBeCloseTo(high, 3);
  });
});

describe("a cheaper model is in no total", () => {
  it.each([
    ["without evaluations", [], /quality unknown: 0 paired evaluations/],
    ["with too few", evaluations(299, 299), /299 paired evaluations, 300 are needed/],
    ["where it fails too often", evaluations(400, 300), /may pass only 70\.5%.* 90\.0% are asked/],
    ["where its bound is too low", evaluations(300, 275), /lower 95% bound/],
    ["where it is slower", evaluations(400, 396, 700), /slower: p95 700 ms against 500 ms/],
  ])("%s", (_, list, reason) => {
    expect(found(list).leftOut).toMatch(reason);
  });

  it("where it has no price, or no call is left to move: neither can be assessed", () => {
    const passing = evaluations(400, 400);
    const unpriced = found(passing, { to: { ...TO, asked: "self-made" } });
    expect(unpriced.notAssessable).toMatch(/self-made has no known price/);
    expect(found(passing, { features: ["mail"] }).notAssessable).toMatch(/no single call/);
    expect(found(evaluations(400, 0)).notAssessable).toBeNull();
  });

  it("where it is the dearer one", () => {
    const passing = evaluations(400, 400);
    const dearer = workloadOf(callsAt([0], { request_model: "claude-small" }));
    const back = atOnce(
      rightSizeOpportunity(dearer, SPAN, {
        move: {
          from: "claude-small",
          to: { ...TO, asked: "claude-large" },
          features: null,
          mode: "classifier",
        },
        result: pairedResult(passing),
        minPass: 0.9,
      }),
    );
    expect(back.saving.usd).toBeCloseTo(-9, 9);
    expect(back.estimate.low).toBeLessThanOrEqual(back.estimate.value);
    expect(back.estimate.high).toBeGreaterThanOrEqual(back.estimate.value);
    expect(back.leftOut).toMatch(/cost more/);
  });

  it("though its price gap is told", () => {
    expect(found([]).saving.usd).toBeCloseTo(27, 9);
  });
});

describe("a cheaper model that suffices", () => {
  const passing = evaluations(400, 384);
  const { low, high } = wilson(384, 400);

  it("takes over the share that passed, with the bounds of that share", () => {
    const { saving, estimate, leftOut, latencyEffect } = found(passing);
    expect(leftOut).toBeNull();
    expect(latencyEffect).toBe("better");
    expect(saving.records).toBe(3);
    expect(saving.usd).toBeCloseTo(0.96 * 27, 9);
    expect(estimate.low).toBeCloseTo(low * 27, 9);
    expect(estimate.high).toBeCloseTo(high * 27, 9);
  });

  it("takes over only in the features it was evaluated for", () => {
    expect(found(passing, { features: ["chat"] }).saving.usd).toBeCloseTo(0.96 * 18, 9);
  });

  it("is paid for every call of a cascade, and the failures twice; that takes longer", () => {
    const { saving, latencyEffect } = found(passing, { mode: "cascade" });
    expect(saving.usd).toBeCloseTo(30 - 3 * 1 - 0.04 * 30, 9);
    expect(latencyEffect).toBe("worse");
  });

  it("has an unknown effect on latency where nobody measured it", () => {
    const unmeasured = evaluations(400, 400, null);
    expect(objectionTo(pairedResult(unmeasured), 0.9)).toBeNull();
    expect(found(unmeasured).latencyEffect).toBe("unknown");
  });
});
