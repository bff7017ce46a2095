/** The portfolio: totals, ROI, targets, and the plan that is made of it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Lever } from "../../../../src/protocol/optimization.ts";
import { actionSteps, sampleSize } from "../../../../src/usage/replay/action-steps.ts";
import { batchOpportunity } from "../../../../src/usage/replay/batch-opportunity.ts";
import { cacheOpportunity } from "../../../../src/usage/replay/cache-opportunity.ts";
import { duplicateOpportunity } from "../../../../src/usage/replay/duplicate-opportunity.ts";
import { monthlySaving } from "../../../../src/usage/replay/opportunity.ts";
import { pairedResult } from "../../../../src/usage/replay/pass-share.ts";
import {
  type PortfolioQuestion,
  portfolioOf,
  unstatedCosts,
} from "../../../../src/usage/replay/portfolio.ts";
import {
  type RightSizeOpportunity,
  rightSizeOpportunity,
} from "../../../../src/usage/replay/right-size-opportunity.ts";
import { trimOpportunity } from "../../../../src/usage/replay/trim-opportunity.ts";
import { atOnce } from "./at-once.ts";
import { evaluations } from "./evaluations.ts";
import { callsAt, HOUR, SPAN, workloadOf } from "./workloads.ts";

const DAYS = 10;
const MONTH = 30.4375 / DAYS;
const HOUR_MINUTES = 60;
/** Six calls a day, two of which repeat others and two of which can wait: $60 a day. */
const minutes = Array.from({ length: DAYS }, (_, day) => day * 24 * HOUR_MINUTES);
const workload = workloadOf([
  ...minutes.flatMap((minute, day) =>
    callsAt([minute, minute + 1, minute + 2], {
      feature: "faq",
      prompt_hmac: `question-${day}`,
      request_temperature: 0,
      interactive: 1,
    }).map((record) => ({ ...record, record_id: `${record.record_id}-faq` })),
  ),
  ...minutes.flatMap((minute) =>
    callsAt([minute + 10, minute + 20], { feature: "nightly", interactive: 0, deadline_h: 24 }),
  ),
  ...minutes.flatMap((minute) => callsAt([minute + 30], { feature: "chat", interactive: 1 })),
]);

const COSTS = {
  hourlyRateUsd: 100,
  hours: { duplicates: 10, batch: 5 },
  runningMonthlyUsd: 50,
};

function question(changes: Partial<PortfolioQuestion> = {}): PortfolioQuestion {
  const duplicates = { ttlMs: HOUR, allowedFeatures: [] };
  return {
    rightSizes: [],
    others: [
      atOnce(batchOpportunity(workload, SPAN)),
      atOnce(duplicateOpportunity(workload, SPAN, duplicates)),
      atOnce(cacheOpportunity(workload, SPAN, "5m")),
    ],
    workload,
    window: { days: DAYS, spendUsd: 600 },
    costs: COSTS,
    targetPct: null,
    ...changes,
  };
}

const rightSizeUnproven = atOnce(
  rightSizeOpportunity(workload, SPAN, {
    move: {
      from: "claude-large",
      to: { provider: "anthropic", asked: "claude-small", answered: null },
      features: null,
      mode: "classifier",
    },
    result: null,
    minPass: 0.9,
  }),
);

describe("a month", () => {
  it("is the window's mean day 30.4375 times, its bounds widened by how the days differ", () => {
    const days = Float64Array.from([0, 2, 0, 2, 0, 2, 0, 2]);
    const spread = 1.96 * Math.sqrt((8 / 7) * 8);
    const estimate = monthlySaving({ value: 8, low: 5, high: 8 }, days, { days: 8, spendUsd: 99 });
    expect(estimate.value).toBeCloseTo(30.4375, 9);
    expect(estimate.low).toBeCloseTo((8 - Math.hypot(3, spread)) * (30.4375 / 8), 9);
    expect(estimate.high).toBeCloseTo((8 + spread) * (30.4375 / 8), 9);
  });

  it("has its spread from whole days: what is beyond the last one is no day", () => {
    const days = Float64Array.from([1, 1, 1, 1, 1, 1, 1, 0.1]);
    const window = { days: 7.1, spendUsd: 99 };
    const estimate = monthlySaving({ value: 7.1, low: 7.1, high: 7.1 }, days, window);
    expect(estimate.low).toBeCloseTo(estimate.value, 9);
    expect(estimate.high).toBeCloseTo(estimate.value, 9);
  });

  it("has no bounds but the certain ones where under a week says nothing of days", () => {
    const window = { days: 2, spendUsd: 20 };
    const estimate = monthlySaving(
      { value: 2, low: 1, high: 3 },
      Float64Array.from([2, 0]),
      window,
    );
    const month = 30.4375 / 2;
    expect(estimate).toEqual({ value: 2 * month, low: 0, high: 20 * month });
  });

  it("has no bound beyond what is spent", () => {
    const days = Float64Array.from([0, 0, 0, 0, 0, 0, 8]);
    const estimate = monthlySaving({ value: 8, low: 8, high: 8 }, days, { days: 7, spendUsd: 10 });
    expect(estimate.high).toBeCloseTo(10 * (30.4375 / 7), 9);
  });
});

describe("a portfolio", () => {
  it("adds up what each lever adds, the largest first, and leaves out what cannot be assessed", () => {
    const portfolio = atOnce(portfolioOf(question()));
    expect(portfolio.current_monthly_usd).toBeCloseTo(600 * MONTH, 9);
    expect(
      portfolio.levers.map(({ lever, left_out, subject }) => [lever, left_out, subject]),
    ).toEqual([
      ["duplicates", null, "faq"],
      ["batch", null, "nightly"],
      ["prompt_cache", expect.stringMatching(/^Not assessable/), null],
    ]);
    expect(portfolio.monthly_usd.value).toBeCloseTo(300 * MONTH, 6);
    expect(portfolio.saving_pct.value).toBeCloseTo(50, 9);
    expect(portfolio.efficiency_gain_pct).toBeCloseTo(50, 9);
    expect(portfolio.sum_of_alone_monthly_usd).toBeCloseTo(300 * MONTH, 6);
  });

  it("lists a model without evaluations, and counts it nowhere", () => {
    const portfolio = atOnce(
      portfolioOf(question({ rightSizes: [rightSizeUnproven], targetPct: 90 })),
    );
    const [first] = portfolio.levers;
    expect(first?.lever).toBe("right_size");
    expect(first?.monthly_usd.value).toBeCloseTo(540 * MONTH, 6);
    expect(first?.left_out).toMatch(/quality unknown/);
    expect(portfolio.monthly_usd.value).toBeCloseTo(300 * MONTH, 6);
    const { needs } = portfolio.target ?? {};
    expect(needs).toMatch(/^It would take \$\d+\.\d\d a month more than the low bounds support\./);
    expect(needs).toContain(
      `Not counted as savings: ${first?.title} (${first?.subject}): price gap`,
    );
    expect(needs).not.toMatch(/could add|\)\.\.|\.\.$/);
  });

  it("supports what the plan is sure of: a low bound under zero takes nothing from it", () => {
    const { others } = question();
    const [batch, duplicates] = others;
    if (!batch || !duplicates) throw new Error("There are no levers.");
    const doubtful = { ...batch, estimate: { ...batch.estimate, low: -100 } };
    const asked = question({ others: [doubtful, duplicates], targetPct: 40 });
    const { levers, target, current_monthly_usd } = atOnce(portfolioOf(asked));
    expect(levers.map(({ monthly_usd }) => monthly_usd.low > 0).toSorted()).toEqual([false, true]);
    const about = { ownerOf: () => "Somebody", passShareOf: () => null };
    const plan = { hours: {}, successShare: 0.9, margin: 0.02, ...about };
    const steps = actionSteps({ ...plan, levers });
    const sure = steps.reduce((sum, step) => sum + step.monthly_low_usd, 0);
    expect(sure).toBeGreaterThan(0);
    expect(target?.supported_pct).toBeCloseTo((100 * sure) / current_monthly_usd, 9);
  });

  it("returns (12(S − r) − K) / K, where all of it was stated", () => {
    const net = 300 * MONTH - 50;
    expect(atOnce(portfolioOf(question())).roi).toEqual({
      twelve_month_pct: expect.closeTo((100 * (12 * net - 1_500)) / 1_500, 6),
      payback_months: expect.closeTo(1_500 / net, 9),
      implementation_usd: 1_500,
      running_monthly_usd: 50,
    });
  });

  it.each([
    ["the hourly rate", { ...COSTS, hourlyRateUsd: null }],
    ["the monthly running cost", { ...COSTS, runningMonthlyUsd: null }],
    ["the implementation hours of batch", { ...COSTS, hours: { duplicates: 10 } }],
  ])("has no ROI where nobody stated %s", (what, costs) => {
    const portfolio = atOnce(portfolioOf(question({ costs })));
    expect(portfolio.roi).toBeNull();
    expect(unstatedCosts(portfolio.levers, costs)).toEqual([what]);
  });

  it("asks for no hours of a lever that saves nothing, and pays for none", () => {
    const others = [...question().others, atOnce(trimOpportunity(workload, SPAN, ["output"]))].map(
      (one) => (one.lever === "trim" ? { ...one, notAssessable: null } : one),
    );
    const asked = question({ others });
    const { levers, roi } = atOnce(portfolioOf(asked));
    expect(levers.find(({ lever }) => lever === "trim")).toMatchObject({
      left_out: null,
      monthly_usd: { value: 0 },
    });
    expect(unstatedCosts(levers, COSTS)).toEqual([]);
    expect(roi?.implementation_usd).toBe(1_500);
    const hours = { ...COSTS.hours, trim: 1_000 };
    const stated = atOnce(portfolioOf({ ...asked, costs: { ...COSTS, hours } }));
    expect(stated.roi).toEqual(roi);
  });

  it("is never paid back by a saving below its running cost", () => {
    const costs = { ...COSTS, runningMonthlyUsd: 1e6 };
    expect(atOnce(portfolioOf(question({ costs }))).roi).toMatchObject({ payback_months: null });
  });
});

describe("moves of one model's calls", () => {
  const spend = 600 * MONTH;
  const move = (
    asked: string,
    passed: number,
    features: readonly string[] | null = null,
  ): RightSizeOpportunity => ({
    ...atOnce(
      rightSizeOpportunity(workload, SPAN, {
        move: {
          from: "claude-large",
          to: { provider: "anthropic", asked, answered: null },
          features,
          mode: "classifier",
        },
        result: pairedResult(evaluations(400, passed)),
        minPass: 0.9,
      }),
    ),
    subject: `${asked}, ${passed}`,
  });

  it("to two others save once: each call goes by the move that saves more", () => {
    const rightSizes = [move("claude-medium", 400), move("claude-small", 384)];
    const { levers, monthly_usd, sum_of_alone_monthly_usd } = atOnce(
      portfolioOf(question({ rightSizes, others: [] })),
    );
    expect(levers.map(({ subject, monthly_usd: { value } }) => [subject, value])).toEqual([
      ["claude-small, 384", expect.closeTo(0.96 * 540 * MONTH, 6)],
      ["claude-medium, 400", 0],
    ]);
    expect(monthly_usd.value).toBeCloseTo(0.96 * 540 * MONTH, 6);
    expect(sum_of_alone_monthly_usd).toBeCloseTo((0.96 * 540 + 300) * MONTH, 6);
  });

  it("of overlapping features save each feature's calls once", () => {
    const rightSizes = [move("claude-small", 400, ["faq", "chat"]), move("claude-small", 384)];
    const { levers, monthly_usd } = atOnce(portfolioOf(question({ rightSizes, others: [] })));
    // The wider move saves more and goes first: the narrow one finds its calls moved already.
    expect(levers.map(({ monthly_usd: { value } }) => value)).toEqual([
      expect.closeTo(0.96 * 540 * MONTH, 6),
      0,
    ]);
    expect(monthly_usd.value).toBeLessThan(spend);
  });

  it("add up to the joint saving, in which no value leaves its bounds and none the spend", () => {
    const features = fc.option(fc.subarray(["faq", "chat", "nightly"], { minLength: 1 }));
    const one = fc.tuple(
      fc.constantFrom("claude-small", "claude-medium"),
      fc.integer({ min: 375, max: 400 }),
      features,
    );
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 5 }), (moves) => {
        const rightSizes = moves.map((each) => move(...each));
        const asked = question({ rightSizes });
        const { levers, monthly_usd: total } = atOnce(portfolioOf(asked));
        const inside = levers.filter(({ left_out }) => left_out === null);
        const sum = inside.reduce((usd, each) => usd + each.monthly_usd.value, 0);
        expect(sum).toBeCloseTo(total.value, 6);
        expect(total.value).toBeLessThanOrEqual(spend + 1e-9);
        for (const { low, value, high } of [total, ...inside.map((each) => each.monthly_usd)]) {
          expect(low).toBeLessThanOrEqual(value);
          expect(value).toBeLessThanOrEqual(high);
          expect(high).toBeLessThanOrEqual(spend + 1e-9);
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe("a target", () => {
  it("is reached where the low bound reaches it", () => {
    expect(atOnce(portfolioOf(question({ targetPct: 30 }))).target).toMatchObject({
      wanted_pct: 30,
      supported_pct: expect.closeTo(50, 9),
      reached: true,
      needs: null,
    });
  });

  it("that the evidence does not support is told with what it would take", () => {
    const { target } = atOnce(portfolioOf(question({ targetPct: 60 })));
    expect(target?.reached).toBe(false);
    expect(target?.needs).toContain(`$${(60 * MONTH).toFixed(2)} a month more`);
  });
});

describe("a plan", () => {
  const portfolio = atOnce(portfolioOf(question()));
  const plan = (hours: Parameters<typeof actionSteps>[0]["hours"]) =>
    actionSteps({
      levers: portfolio.levers,
      hours,
      successShare: 0.9,
      passShareOf: () => null,
      margin: 0.02,
      ownerOf: ({ subject }) => `owner of ${subject}`,
    });

  it("takes first what surely saves most for an hour of work, one step after the other", () => {
    const steps = plan({ duplicates: 40, batch: 5 });
    expect(steps).toMatchObject([
      { position: 1, lever: "batch", starts_in_days: 0, takes_days: 1, owner: "owner of nightly" },
      { position: 2, lever: "duplicates", starts_in_days: 1, takes_days: 7, effort_hours: 40 },
    ]);
    expect(steps[0]?.facts).toEqual(["saving of batch beside the others"]);
  });

  it("puts what nobody stated the hours of behind, by what it saves", () => {
    expect(plan({ batch: 1_000 }).map(({ lever }) => lever)).toEqual(["batch", "duplicates"]);
    expect(plan({}).map(({ lever, effort_hours }) => [lever, effort_hours])).toEqual([
      ["duplicates", null],
      ["batch", null],
    ]);
  });

  it("guards each step by a test of (1.645 + 0.842)² · 2p(1 − p) / δ² requests an arm", () => {
    expect(sampleSize(0.9, 0.02)).toBe(2_784);
    expect(plan({})[0]?.guard).toMatchObject({ margin: 0.02, n_per_arm: 2_784 });
    expect(plan({})[0]?.stop_rule).toContain("more than 2 points below");
  });

  it("sizes the test by the guard's own share where it is known, and says what stands for it elsewhere", () => {
    const of = (lever: Lever, passShare: number | null = null) => {
      const [one] = portfolio.levers.filter(({ left_out }) => left_out === null);
      const [step] = actionSteps({
        levers: one ? [{ ...one, lever }] : [],
        hours: {},
        successShare: 0.9,
        passShareOf: () => passShare,
        margin: 0.02,
        ownerOf: () => "owner",
      });
      return { size: step?.guard.n_per_arm, words: step?.stop_rule };
    };
    const moved = of("right_size", 0.8);
    expect(moved.size).toBe(sampleSize(0.8, 0.02));
    expect(moved.words).toMatch(/paired evaluations/);
    for (const lever of ["trim", "prompt_cache"] as const) {
      expect(of(lever).size).toBe(sampleSize(0.9, 0.02));
      expect(of(lever).words).not.toMatch(/stand for/);
    }
    for (const lever of ["duplicates", "batch", "right_size"] as const) {
      expect(of(lever).size).toBe(sampleSize(0.9, 0.02));
      expect(of(lever).words).toMatch(/requests that succeed now is taken to stand for it/);
    }
  });

  it("never takes a share for certain: a test of no requests would show nothing", () => {
    expect(sampleSize(1, 0.02)).toBe(sampleSize(0.98, 0.02));
    expect(sampleSize(0, 0.02)).toBe(sampleSize(0.02, 0.02));
    expect(sampleSize(1, 0.02)).toBeGreaterThan(500);
  });
});
