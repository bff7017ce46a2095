/** The replays against the sample company's truth, which knows nothing of how they estimate. */
import { beforeAll, describe, expect, it } from "vitest";
import { cataloguePrices, priceRecord } from "../../../../src/usage/prices.ts";
import { batchOpportunity } from "../../../../src/usage/replay/batch-opportunity.ts";
import { cacheOpportunity } from "../../../../src/usage/replay/cache-opportunity.ts";
import { duplicateOpportunity } from "../../../../src/usage/replay/duplicate-opportunity.ts";
import { replayTogether } from "../../../../src/usage/replay/joint.ts";
import type { Opportunity } from "../../../../src/usage/replay/opportunity.ts";
import { pairedResult } from "../../../../src/usage/replay/pass-share.ts";
import { rightSizeOpportunity } from "../../../../src/usage/replay/right-size-opportunity.ts";
import { trimOpportunity } from "../../../../src/usage/replay/trim-opportunity.ts";
import { dailyPrices } from "../../../../src/usage/sample/daily-prices.ts";
import { DECOYS } from "../../../../src/usage/sample/decoys.ts";
import { sampleEvaluations } from "../../../../src/usage/sample/stated.ts";
import { type SampleTruth, sampleTruth } from "../../../../src/usage/sample/truth.ts";
import { ANSWER_TTL_MS, type SampleOptions, sampleRecords } from "../../../../src/usage/sample.ts";
import { atOnce } from "./at-once.ts";
import { workloadOf } from "./workloads.ts";

/** A week, Monday to Sunday, at the company's full density. */
const week = { endsAt: Date.UTC(2026, 10, 16), days: 7 } as const;
const prices = dailyPrices(cataloguePrices);

function replayed(options: SampleOptions, { from, to }: SampleTruth["window"]) {
  const span = { from, to };
  const records = [...sampleRecords(options)].map((record) => priceRecord(record, prices));
  const workload = workloadOf(records, cataloguePrices);
  const evaluations = sampleEvaluations(options);
  const onHaiku = (from: string, feature: string) =>
    atOnce(
      rightSizeOpportunity(workload, span, {
        move: {
          from,
          to: { provider: "anthropic", asked: "claude-haiku-4-5", answered: null },
          features: [feature],
          mode: "classifier",
        },
        result: pairedResult(evaluations.filter((item) => item.feature === feature)),
        minPass: 0.9,
      }),
    );
  const found = {
    duplicates: atOnce(
      duplicateOpportunity(workload, span, { ttlMs: ANSWER_TTL_MS, allowedFeatures: [] }),
    ),
    right_size: onHaiku("claude-opus-5-5", "ticket-triage"),
    trim: atOnce(trimOpportunity(workload, span, ["context", "output"])),
    prompt_cache: atOnce(cacheOpportunity(workload, span, "5m")),
    batch: atOnce(batchOpportunity(workload, span)),
  };
  const failing = onHaiku("claude-opus-5-5", "code-review");
  return { found, failing, joint: atOnce(replayTogether(workload, Object.values(found))) };
}

type Replayed = ReturnType<typeof replayed>;

describe("on the sample company's records", { timeout: 180_000 }, () => {
  let truth: SampleTruth;
  let clean: Replayed;
  let spoiled: Replayed;
  let control: Replayed;

  beforeAll(() => {
    truth = sampleTruth(week);
    clean = replayed({ ...week, defects: false }, truth.window);
    spoiled = replayed({ ...week, defects: true }, truth.window);
    control = replayed({ ...week, defects: true, company: "control" }, truth.window);
  }, 180_000);

  it.each(["duplicates", "trim", "prompt_cache", "batch"] as const)(
    "%s is at most two thousandths off where nothing is wrong with them",
    (lever) => {
      const off = clean.found[lever].saving.usd / truth.byLever[lever].usd - 1;
      expect(Math.abs(off)).toBeLessThan(0.002);
    },
  );

  it.each(["duplicates", "right_size", "trim", "prompt_cache", "batch"] as const)(
    "%s has the truth within its bounds where hashes are missing and flags are wrong",
    (lever) => {
      const { low, high } = spoiled.found[lever].estimate;
      const { usd } = truth.byLever[lever];
      expect(usd).toBeGreaterThanOrEqual(low);
      expect(usd).toBeLessThanOrEqual(high * (1 + 1e-9));
    },
  );

  it("all together are at most 0.1 % off", () => {
    expect(Math.abs(clean.joint.usd / truth.jointUsd - 1)).toBeLessThan(0.001);
    expect(clean.joint.spendUsd).toBeCloseTo(truth.spendUsd, 4);
  });

  it("no lever claims anything of a decoy", () => {
    const claimed = (lever: Opportunity, feature: string) =>
      lever.saving.features.find((part) => part.feature === feature)?.usd ?? 0;
    for (const { lever, feature } of DECOYS) {
      if (lever === "right_size") expect(clean.failing.leftOut).toMatch(/may pass only/);
      else expect([feature, claimed(spoiled.found[lever], feature)]).toEqual([feature, 0]);
    }
  });

  it("the levers that need no evaluation find at most 0.5 % of the spend in the control", () => {
    const { duplicates, trim, prompt_cache, batch } = control.found;
    const claimed = [duplicates, trim, prompt_cache, batch].reduce(
      (sum, { saving }) => sum + saving.usd,
      0,
    );
    expect(claimed).toBeLessThan(0.005 * control.joint.spendUsd);
  });
});
