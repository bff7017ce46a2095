/** How often the interval of right-sizing holds the truth: evaluations drawn anew from a known pass share. */
import { expect, it } from "vitest";
import { pairedResult } from "../../../../src/usage/replay/pass-share.ts";
import { rightSizeOpportunity } from "../../../../src/usage/replay/right-size-opportunity.ts";
import { SMALL_PASSES } from "../../../../src/usage/sample/features.ts";
import { sampleEvaluations } from "../../../../src/usage/sample/stated.ts";
import { atOnce } from "./at-once.ts";
import { callsAt, SPAN, workloadOf } from "./workloads.ts";

const SEEDS = 100;
const CALLS = 50;
/** A call costs $10 at the large model and $1 at the small one. */
const SAVED = 9;
const MOVE = {
  from: "claude-large",
  to: { provider: "anthropic", asked: "claude-small", answered: null },
  features: null,
  mode: "classifier",
} as const;

it("is at least 93 of 100 seeds", () => {
  const workload = workloadOf(callsAt(Array.from({ length: CALLS }, (_, minute) => minute)));
  const truth = CALLS * SAVED * SMALL_PASSES;
  const estimates = Array.from({ length: SEEDS }, (_, seed) => {
    const evaluations = sampleEvaluations({ endsAt: SPAN.to, seed });
    const ofTriage = evaluations.filter(({ evaluation_set }) => evaluation_set === "triage-labels");
    const result = pairedResult(ofTriage);
    return atOnce(rightSizeOpportunity(workload, SPAN, { move: MOVE, result, minPass: 0.9 }))
      .estimate;
  });
  const holding = estimates.filter(({ low, high }) => low <= truth && truth <= high);
  expect(new Set(estimates.map(({ value }) => value)).size).toBeGreaterThan(10);
  expect(holding.length).toBeGreaterThanOrEqual(93);
  // Bounds wide enough to hold whatever is true would say nothing.
  for (const { low, high } of estimates) expect(high - low).toBeLessThan(0.05 * truth);
});
