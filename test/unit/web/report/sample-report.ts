/** A small report of every part, and a run that made it. */
import { Report } from "../../../../src/protocol/report.ts";
import type { RunView } from "../../../../src/protocol/thread-view.ts";
import * as frames from "../../client/frames.ts";
import { FINDING, resultsWith, runOf, toolCall, toolEnd } from "../run/run-view.ts";

const STEP = {
  position: 1,
  title: "Cache the prompts of search",
  lever: "prompt_cache",
  owner: "Team search",
  change: "Put the stable blocks first.",
  monthly_low_usd: 250,
  effort_hours: 6,
  starts_in_days: 0,
  takes_days: 3,
  facts: ["plan.cache"],
  check: "The cache-read share rises.",
  rollback: "Put the blocks back.",
  guard: { metric: "success share", margin: 0.02, n_per_arm: 1_237 },
  stop_rule: "Stop where the success share falls.",
  approval: "The owner of search",
};

const SAVED = { value: 300, low: 250, high: 340 };

export const REPORT = Report.parse({
  title: "LLM cost and latency report",
  created_at: "2026-11-21T08:00:00.000Z",
  window: { from: "2026-10-22T00:00:00Z", to: "2026-11-21T00:00:00Z" },
  summary:
    "Calls cost **$2,000.00** a month. ![seen](https://evil.example/x.png) [go](https://evil.example)",
  current: [{ name: "total cost", value: 2_000, unit: "USD", interval: null, fact_id: "cost" }],
  projected: [
    {
      name: "forecast cost",
      value: 2_100,
      unit: "USD",
      interval: { low: 1_900, high: 2_300 },
      fact_id: "forecast",
    },
  ],
  performance: [
    {
      name: FINDING.name,
      value: FINDING.value,
      unit: FINDING.unit,
      interval: FINDING.interval,
      fact_id: FINDING.fact_id,
    },
  ],
  recommendations: [
    {
      title: STEP.title,
      monthly_savings_usd: SAVED,
      latency_effect: "better",
      effort_hours: 6,
      why: `${STEP.change} Evidence: replayed from 12,000 records.`,
      facts: ["plan.cache", "roi.cache"],
    },
    {
      title: "A smaller model for the classifier",
      monthly_savings_usd: { value: 100, low: -20, high: 150 },
      latency_effect: "unknown",
      effort_hours: null,
      why: "Evidence: simulated.",
      facts: ["roi.size"],
    },
    {
      title: "Shorter contexts",
      monthly_savings_usd: null,
      latency_effect: "none",
      effort_hours: null,
      why: "No record says how long they are.",
      facts: [],
    },
  ],
  action_plan: [STEP],
  risks: [{ title: "It may save nothing", mitigation: "Try it on a small share first." }],
  kpis: [{ name: "Cost a month", now: "$2,000.00", target: "$1,700.00", facts: [] }],
  agents: [{ agent: "data", status: "completed", summary: "Measured.", tool_calls: 3 }],
  assumptions: ["Weekends count."],
  price_versions: ["prices@1"],
  charts: [
    {
      id: "spend",
      kind: "band",
      title: "Spend a day",
      unit: "USD",
      series: [
        { name: "Spend", points: [{ x: "2026-11-20", y: 70, low: 70, high: 70 }] },
        { name: "Forecast", points: [{ x: "2026-11-21", y: 80, low: 75, high: 90 }] },
      ],
      facts: [],
    },
    {
      id: "breakdown",
      kind: "bar",
      title: "Cost by feature",
      unit: "USD",
      series: [
        {
          name: "Cost",
          points: [
            { x: "search", y: 1_500, low: 1_500, high: 1_500 },
            { x: "chat", y: null, low: null, high: null },
          ],
        },
      ],
      facts: [],
    },
  ],
});

const OUTCOME = {
  estimated_monthly_savings: SAVED,
  roi_percentage: 212,
  efficiency_improvement: 21.4,
  time_to_value: { days: 3, payback_months: 3.4 },
  risk_reduction_score: 75,
  recommendations: REPORT.recommendations,
};

/** The run whose report it is, with its evidence. */
export function reportingRun(): RunView {
  const saving = { ...FINDING, fact_id: "roi.cache", name: "total monthly saving", ...of(300) };
  const results = {
    ...resultsWith(FINDING, saving, { ...FINDING, fact_id: "plan.cache", ...of(300) }),
    outcome: OUTCOME,
    report: REPORT,
  };
  return runOf(
    toolCall(3),
    toolEnd(4, { status: "succeeded", results: { assumptions: ["Weekends count."] } }),
    frames.completed(5, "Save.", { results }),
  );
}

function of(value: number) {
  return { value, unit: "USD a month" };
}
