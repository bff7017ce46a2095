/** The checkpoints of a run that computed savings: what its tools gave, as they give it. */
import type { EndStep, Step, ToolStep } from "../../../../src/core/checkpoint.ts";
import { toolStep } from "../../../../src/core/tool-step.ts";
import { CallId } from "../../../../src/protocol/ids.ts";
import { Json } from "../../../../src/protocol/json.ts";
import type { ActionStep, LeverSaving, Portfolio } from "../../../../src/protocol/optimization.ts";

const WINDOW = { from: "2026-09-22T00:00:00.000Z", to: "2026-11-21T00:00:00.000Z" };

/** What all usage tools answer with. */
export const COMMON = {
  window: WINDOW,
  assumptions: ["The records are generated."],
  price_version: "genai-prices 0.1.8",
};

export function lever(fields: Partial<LeverSaving> = {}): LeverSaving {
  return {
    lever: "prompt_cache",
    title: "Cache the prompts of search",
    subject: "search",
    monthly_usd: { value: 3_000, low: 2_500, high: 3_400 },
    alone_monthly_usd: 3_300,
    n_records: 12_000,
    latency_effect: "better",
    basis: "replayed",
    assumptions: ["The prefix stays as it is."],
    left_out: null,
    fact: "saving of prompt cache",
    ...fields,
  };
}

export const RIGHT_SIZE = lever({
  lever: "right_size",
  title: "A smaller model for the classifier",
  subject: "classifier",
  monthly_usd: { value: 1_000, low: -200, high: 1_500 },
  latency_effect: "unknown",
  basis: "simulated",
  fact: "saving of right size",
});
const UNKNOWN = lever({
  lever: "trim",
  title: "Shorter contexts",
  monthly_usd: { value: 0, low: 0, high: 0 },
  left_out: "No record says how long the contexts are.",
  fact: "saving of trim",
});

export function portfolio(fields: Partial<Portfolio> = {}): Portfolio {
  return {
    current_monthly_usd: 20_000,
    levers: [lever(), RIGHT_SIZE, UNKNOWN],
    monthly_usd: { value: 4_000, low: 2_300, high: 4_900 },
    saving_pct: { value: 20, low: 11.5, high: 24.5 },
    sum_of_alone_monthly_usd: 4_800,
    efficiency_gain_pct: 21.4,
    roi: {
      twelve_month_pct: 212,
      payback_months: 3.4,
      implementation_usd: 12_000,
      running_monthly_usd: 400,
    },
    roi_formula: "12 × (saving − running cost) less the investment, over it",
    target: null,
    ...fields,
  };
}

export function planned(fields: Partial<ActionStep> = {}): ActionStep {
  return {
    position: 1,
    title: "Cache the prompts of search",
    lever: "prompt_cache",
    owner: "search",
    change: "Put the stable blocks first.",
    monthly_low_usd: 2_500,
    effort_hours: 6,
    starts_in_days: 2,
    takes_days: 5,
    facts: ["low saving of prompt cache"],
    check: "The cache-read share rises.",
    rollback: "Put the blocks back.",
    guard: { metric: "success share", margin: 0.02, n_per_arm: 1_237 },
    stop_rule: "Stop where the success share falls.",
    approval: "The owner of search",
    ...fields,
  };
}

/** A call of a tool that gave an output, with a finding for each figure. */
export function called(
  name: string,
  output: object,
  figures: readonly (readonly [name: string, value: number, unit: string])[],
  before: readonly Step[] = [],
): ToolStep {
  const call = { id: CallId.parse(`call_${name}_${before.length}`), name, arguments: "{}" };
  const results = Json.parse(JSON.parse(JSON.stringify(output)));
  const findings = figures.map(([figure, value, unit]) => {
    return { name: figure, value, unit, interval: null, n_records: 40, basis: "measured" } as const;
  });
  const outcome = {
    status: "succeeded",
    durationMs: 1,
    problem: null,
    degraded: null,
    results,
    findings,
  } as const;
  return toolStep(call, { ...outcome, content: JSON.stringify(output) }, before);
}

export const END: EndStep = {
  kind: "end",
  status: "completed",
  text: "",
  usage: null,
  problem: null,
  at: Date.parse("2026-11-21T09:30:00Z"),
};

export const SUMMARY = called(
  "usage_summary",
  { ...COMMON, summary: "It cost $20,000.00.\n\n| a | table |" },
  [
    ["total cost", 20_000, "USD"],
    ["error rate", 3.1, "%"],
  ],
);
export const BREAKDOWN = called(
  "cost_breakdown",
  {
    ...COMMON,
    summary: "Search is the costliest.",
    dimensions: ["feature"],
    rows: [
      { key: { feature: "search" }, cost_usd: 12_000 },
      { key: { feature: null }, cost_usd: null },
    ],
  },
  [["cost of search", 12_000, "USD"]],
);
export const LATENCY = called("latency_percentiles", COMMON, [["p95 latency", 812, "ms"]]);
export const FORECAST = called(
  "spend_forecast",
  {
    ...COMMON,
    past: [{ day: "2026-11-20", usd: 650 }],
    days: [{ day: "2026-11-21", p10: 600, p50: 660, p90: 720 }],
  },
  [["forecast cost of 30 days", 20_500, "USD"]],
);
export const PORTFOLIO = called("portfolio_roi", { ...COMMON, portfolio: portfolio() }, [
  ["saving a month", 4_000, "USD"],
  ["saving of prompt cache", 3_000, "USD"],
  ["saving of right size", 1_000, "USD"],
]);
export const PLAN = called("action_plan", { ...COMMON, steps: [planned()] }, [
  ["low saving of prompt cache", 2_500, "USD"],
]);

/** A whole run over all of them. */
export const SAVING_RUN: readonly Step[] = [
  SUMMARY,
  BREAKDOWN,
  LATENCY,
  FORECAST,
  PORTFOLIO,
  PLAN,
  END,
];
