/** What a run comes to: its outcome and its report, made of its tools' results alone. */
import { describe, expect, test } from "vitest";
import type { Step } from "../../../../src/core/checkpoint.ts";
import { reportMarkdown } from "../../../../src/core/report/markdown.ts";
import { resultsOf } from "../../../../src/core/report/run-results.ts";
import { SAMPLE_NOTICE } from "../../../../src/core/sample-notice.ts";
import { Report } from "../../../../src/protocol/report.ts";
import {
  BREAKDOWN,
  COMMON,
  called,
  END,
  LATENCY,
  lever,
  PLAN,
  PORTFOLIO,
  planned,
  portfolio,
  RIGHT_SIZE,
  SAVING_RUN,
  SUMMARY,
} from "./saving-run.ts";

function results(...steps: readonly Step[]) {
  return resultsOf([...steps, END], END, "supervisor");
}

function withPortfolio(fields: Parameters<typeof portfolio>[0], ...more: readonly Step[]) {
  const output = { ...COMMON, portfolio: portfolio(fields) };
  return results(called("portfolio_roi", output, [["saving a month", 4_000, "USD"]]), ...more);
}

describe("a run without savings", () => {
  test("has no outcome, and no report of one figure alone", () => {
    expect(results(SUMMARY)).toMatchObject({ outcome: null, report: null });
    const empty = [called("usage_summary", COMMON, []), called("cost_breakdown", COMMON, [])];
    expect(results(...empty).report).toBeNull();
    expect(results()).toMatchObject({ findings: [], outcome: null, report: null });
  });

  test("has a report where it gave an overview, in the tools' own words", () => {
    const { outcome, report } = results(SUMMARY, BREAKDOWN);
    expect(outcome).toBeNull();
    expect(report?.summary).toBe("It cost $20,000.00.\n\nSearch is the costliest.");
    expect(report?.recommendations).toEqual([]);
  });

  test("opens with it where the records are made up: a report goes where no answer stands beside it", () => {
    const made = { ...COMMON, assumptions: [SAMPLE_NOTICE], summary: "It cost $5.00." };
    const { report } = results(called("usage_summary", made, [["cost", 5, "USD"]]), BREAKDOWN);
    expect(report?.summary).toMatch(`${SAMPLE_NOTICE}\n\nIt cost $5.00.`);
    expect(report && reportMarkdown(report)).toContain(`## Summary\n\n${SAMPLE_NOTICE}`);
  });

  test("has none of a call that failed, or of a result that can't be read", () => {
    const failed = { ...PORTFOLIO, status: "failed" } as const;
    expect(results(failed).outcome).toBeNull();
    const other = called("portfolio_roi", { portfolio: { levers: "many" } }, []);
    expect(results(other).outcome).toBeNull();
  });
});

describe("the outcome", () => {
  test("is what the portfolio and the plan computed", () => {
    expect(resultsOf(SAVING_RUN, END, "supervisor").outcome).toMatchObject({
      estimated_monthly_savings: { value: 4_000, low: 2_300, high: 4_900 },
      roi_percentage: 212,
      efficiency_improvement: 21.4,
      time_to_value: { days: 7, payback_months: 3.4 },
      // Of 4,000 a month, 3,000 were replayed and have a guard; 1,000 were simulated.
      risk_reduction_score: 75,
    });
  });

  test("recommends the plan's steps, then what has no step yet, and never what was rejected", () => {
    const { outcome } = resultsOf(SAVING_RUN, END, "supervisor");
    expect(outcome?.recommendations).toMatchObject([
      {
        title: "Cache the prompts of search (search)",
        monthly_savings_usd: { value: 3_000 },
        effort_hours: 6,
        facts: ["action_plan.low_saving_of_prompt_cache", "portfolio_roi.saving_of_prompt_cache"],
      },
      {
        title: "A smaller model for the classifier (classifier)",
        monthly_savings_usd: { value: 1_000 },
        facts: ["portfolio_roi.saving_of_right_size"],
      },
    ]);
    const rejected = planned({
      title: "Shorter contexts",
      lever: "trim",
      facts: ["saving of trim"],
    });
    const steps = called("action_plan", { ...COMMON, steps: [rejected] }, []);
    const titles = results(PORTFOLIO, steps).outcome?.recommendations.map(({ title }) => title);
    expect(titles?.join()).not.toContain("Shorter contexts");
  });

  test("claims no return where the costs of it were not stated, and no time without a plan", () => {
    const { outcome, report } = withPortfolio({ roi: null, efficiency_gain_pct: null });
    expect(outcome).toMatchObject({
      roi_percentage: null,
      efficiency_improvement: null,
      time_to_value: null,
      risk_reduction_score: null,
    });
    expect(report?.summary).toContain("No return on investment is given");
  });

  test("of the newest of two computations alone", () => {
    const again = called(
      "portfolio_roi",
      { ...COMMON, portfolio: portfolio({ monthly_usd: { value: 9, low: 8, high: 10 } }) },
      [["saving a month", 9, "USD"]],
      [PORTFOLIO],
    );
    const { outcome, report } = results(PORTFOLIO, again);
    expect(outcome?.estimated_monthly_savings.value).toBe(9);
    expect(report?.projected.map(({ fact_id }) => fact_id)).toEqual([
      "portfolio_roi-2.saving_a_month",
    ]);
  });

  test("says of a step which saving it brings, by its fact among several of one lever", () => {
    const its = { value: 900, low: 800, high: 1_000 };
    const twins = [lever({ fact: "other saving" }), lever({ fact: "its", monthly_usd: its })];
    const own = planned({ title: lever().title, facts: ["its"] });
    const planOfTwins = called("action_plan", { ...COMMON, steps: [own] }, []);
    const ofTwins = withPortfolio({ levers: twins }, planOfTwins).outcome;
    expect(ofTwins?.recommendations[0]?.monthly_savings_usd).toEqual(its);
    const levers = [lever({ title: "Other", fact: "other saving" }), lever()];
    const step = planned({ title: "Do it", facts: ["saving of prompt cache"] });
    const plan = called("action_plan", { ...COMMON, steps: [step] }, []);
    const { outcome } = withPortfolio({ levers }, plan);
    expect(outcome?.recommendations[0]).toMatchObject({ title: `${lever().title} (search)` });
    expect(outcome?.recommendations.map(({ title }) => title)).toEqual([
      `${lever().title} (search)`,
      "Other (search)",
    ]);
    const vague = called("action_plan", { ...COMMON, steps: [planned({ title: "It" })] }, []);
    expect(withPortfolio({ levers }, vague).outcome?.recommendations[0]).toMatchObject({
      monthly_savings_usd: null,
      latency_effect: "unknown",
    });
  });
});

describe("the report", () => {
  const { report } = resultsOf(SAVING_RUN, END, "supervisor");

  test("is one that the wire knows, with every part of it", () => {
    expect(Report.parse(report)).toEqual(report);
    expect(report).toMatchObject({
      created_at: "2026-11-21T09:30:00.000Z",
      window: COMMON.window,
      current: [{ name: "total cost" }, { name: "error rate" }, { name: "cost of search" }],
      performance: [{ name: "p95 latency", fact_id: "latency_percentiles.p95_latency" }],
      action_plan: [{ facts: ["action_plan.low_saving_of_prompt_cache"] }],
      assumptions: [
        "Not counted as a saving: Shorter contexts (search): No record says how long the contexts are.",
        ...COMMON.assumptions,
      ],
      price_versions: [COMMON.price_version],
    });
    expect(report?.summary).toContain("save **$4,000.00** a month");
    expect(report?.kpis.map(({ name, now, target }) => [name, now, target])).toEqual([
      ["Cost a month", "$20,000.00", "$16,000.00 (at most $17,700.00)"],
      ["p95 latency", "812 ms", "no worse"],
      ["error rate", "3.1%", "no worse"],
      [
        "Cache the prompts of search: success share",
        "as measured before the change",
        "within 0.02 of it, over 1,237 requests an arm",
      ],
    ]);
  });

  test("names the risks, and what the plan does about them", () => {
    expect(report?.risks.map(({ title }) => title)).toEqual([
      `${RIGHT_SIZE.title} (classifier) may make people wait longer`,
      `The saving of ${RIGHT_SIZE.title} (classifier) is simulated, not measured`,
      `${RIGHT_SIZE.title} (classifier) may save nothing`,
    ]);
    const slow = withPortfolio({ levers: [lever({ latency_effect: "worse" })] }, PLAN).report;
    expect(slow?.risks).toEqual([
      {
        title: "Cache the prompts of search (search) makes people wait longer",
        mitigation: "Step 1 of the plan: Stop where the success share falls. Put the blocks back.",
      },
    ]);
    const twins = ["its", "other"].map((fact) =>
      lever({ fact, subject: fact, latency_effect: "worse" }),
    );
    const steps = ["its", "other"].map((fact, index) =>
      planned({ position: index + 1, facts: [fact], rollback: `Roll ${fact} back.` }),
    );
    const plan = called("action_plan", { ...COMMON, steps }, []);
    const mitigations = withPortfolio({ levers: twins }, plan).report?.risks;
    expect(mitigations?.map(({ mitigation }) => mitigation)).toEqual([
      expect.stringContaining("Roll its back."),
      expect.stringContaining("Roll other back."),
    ]);
  });

  test("draws the spend with its band, the parts, before and after, and the levers", () => {
    expect(report?.charts.map(({ id, kind }) => [id, kind])).toEqual([
      ["spend", "band"],
      ["breakdown", "bar"],
      ["before_after", "bar"],
      ["savings", "bar"],
    ]);
    const [spend, parts, change, savings] = report?.charts ?? [];
    expect(spend?.series[1]?.points).toEqual([{ x: "2026-11-21", y: 660, low: 600, high: 720 }]);
    expect(parts?.series[0]?.points.map(({ x, y }) => [x, y])).toEqual([
      ["search", 12_000],
      ["(not set)", null],
    ]);
    expect(change?.series[0]?.points[1]).toEqual({
      x: "After",
      y: 16_000,
      low: 15_100,
      high: 17_700,
    });
    expect(savings?.series[0]?.points.map(({ y }) => y)).toEqual([3_000, 1_000]);
  });

  test("says plainly where a target is out of reach", () => {
    const target = { wanted_pct: 30, supported_pct: 11.5, reached: false, needs: "More records." };
    expect(withPortfolio({ target }).report?.summary).toContain(
      "The evidence supports 11.5%, not the 30% asked for. More records.",
    );
    const reached = { ...target, reached: true, needs: null };
    expect(withPortfolio({ target: reached }).report?.summary).toContain("is supported");
  });

  test("tells what each agent did, those of the team too", () => {
    const own = { ...SUMMARY, part: "data" };
    const part = { kind: "part", output: null, usage: null } as const;
    const problem = null;
    const steps: Step[] = [
      own,
      BREAKDOWN,
      { ...part, part: "data", status: "completed", problem },
      { ...part, part: "actions", status: "skipped", problem },
    ];
    expect(results(...steps).report?.agents).toMatchObject([
      { agent: "supervisor", status: "completed", tool_calls: 1 },
      { agent: "data", summary: "Called usage_summary.", tool_calls: 1 },
      { agent: "actions", status: "skipped" },
    ]);
  });

  test("stays within its size: charts go first, then all of it", () => {
    const rows = (length: number, lines = 100) =>
      Array.from({ length: lines }, (_, index) => `${index} ${"x".repeat(length)}`);
    const wide = (length: number, long: number, lines?: number) =>
      results(
        called("usage_summary", { ...COMMON, assumptions: rows(length, lines) }, []),
        called(
          "action_plan",
          {
            ...COMMON,
            steps: Array.from({ length: 30 }, () => planned({ change: "x".repeat(long) })),
          },
          [],
        ),
        PORTFOLIO,
      ).report;
    expect(wide(9_000, 10)?.charts.length).toBe(2);
    expect(wide(9_000, 10)?.assumptions.length).toBeGreaterThan(100);
    expect(wide(9_000, 10)?.assumptions.every((line) => line.length <= 500)).toBe(true);
    const cut = wide(9_000, 10, 300)?.assumptions;
    expect(cut).toHaveLength(31);
    expect(cut?.at(-1)).toBe("272 more are in the results of the tools.");
    expect(wide(10, 5_000)).toBeNull();
  });
});

describe("as Markdown", () => {
  test("it has a part for each of the report's", () => {
    const { report } = resultsOf(SAVING_RUN, END, "supervisor");
    if (report === null) throw new Error("There is no report.");
    const text = reportMarkdown(report);
    expect(text.match(/^## .*$/gm)).toEqual([
      "## Summary",
      "## Cost and use now",
      "## Projected cost",
      "## Performance",
      "## Recommendations",
      "## Action plan",
      "## Risks",
      "## KPIs",
      "## Spend a day, and its forecast (P10 to P90)",
      "## Cost by feature",
      "## Cost a month, before and after",
      "## Savings a month by lever, their overlap taken out",
      "## Agents",
      "## Assumptions",
      "## Technical detail",
    ]);
    expect(text).toContain("| After | $16,000.00 | $15,100.00 | $17,700.00 |");
    expect(text).toContain("- Rollback: Put the blocks back.");
  });

  test("labels in it add no markup, and empty parts are left out", () => {
    const evil = called("latency_percentiles", COMMON, [["p95 of <b>x</b> | [y](z)", 1, "ms"]]);
    const { report } = results(evil, LATENCY, SUMMARY);
    if (report === null) throw new Error("There is no report.");
    const named = { ...report, performance: results(evil, SUMMARY).report?.performance ?? [] };
    expect(reportMarkdown(named)).toContain("p95 of \\<b\\>x\\</b\\> \\| \\[y\\](z)");
    expect(reportMarkdown(named)).not.toContain("## Risks");
  });
});
