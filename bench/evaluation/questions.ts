/** The questions of the evaluation whose answer is in the records, in a person's words. */
import type { Lever } from "../../src/protocol/optimization.ts";
import { HARD_QUESTIONS } from "./hard-questions.ts";
import type { Measure, Share } from "./plain-sums.ts";
import type { Question } from "./question.ts";

type Turns = Question["turns"];

const SPEND = ["cost_breakdown", "usage_summary", "model_comparison"];

function states(measure: Measure, tools: readonly string[], share: Share, ...turns: Turns) {
  const expected = { states: measure, ...share };
  return { kind: "answerable", workspace: "sample", turns, tools, expected } satisfies Question;
}

const spend = (share: Share, ...turns: Turns) => states("cost", SPEND, share, ...turns);
const usage = (measure: Measure, share: Share, ...turns: Turns) =>
  states(measure, ["usage_summary"], share, ...turns);
const latency = (measure: Measure, share: Share, ...turns: Turns) =>
  states(measure, ["latency_percentiles"], share, ...turns);

function saves(truthOf: Lever | "context_bloat" | "joint", tool: string, ...turns: Turns) {
  return {
    kind: "answerable",
    workspace: "sample",
    turns,
    tools: [tool],
    expected: { truthOf },
  } satisfies Question;
}

/** Answered from the records of the sample company. */
const ANSWERABLE: readonly Question[] = [
  spend({}, "How much did we spend on models in the last 30 days?"),
  spend({ days: 7 }, "What was our AI spend last week?"),
  spend({ days: 14 }, "Show me the cost of the last 14 days."),
  spend({ days: 60 }, "What did all of it cost over the last 60 days, by feature?"),
  spend({ days: 3 }, "What have we paid in the past 3 days?"),
  spend({ days: 1 }, "What did yesterday cost?"),
  spend({ days: 30 }, "Break our bill for the last 30 days down by provider."),
  spend({ days: 21 }, "Costs of the last 3 weeks by environment, please."),
  spend({ where: { feature: "support-chat" } }, 'What does feature "support-chat" cost us?'),
  spend({ where: { feature: "code-review" } }, "Spend for the code-review feature?"),
  spend(
    { days: 7, where: { feature: "ticket-triage" } },
    "Cost of feature=ticket-triage in the last 7 days",
  ),
  spend({ where: { team: "growth" } }, "How much money goes out for the growth team?"),
  spend(
    { days: 14, where: { team: "support" } },
    'What did team "support" spend in the past 2 weeks?',
  ),
  spend({ where: { team: "engineering" } }, "Invoice for the engineering team by model"),
  spend({ where: { request_model: "claude-opus-5-5" } }, "How much do we pay for claude-opus-5-5?"),
  spend({ days: 7, where: { request_model: "gpt-5.4" } }, "What did gpt-5.4 cost us last week?"),
  spend({ where: { environment: "production" } }, "What is the spend in production?"),
  spend({ days: 7 }, "What do we spend by team?", "And over the last 7 days?"),
  spend(
    { where: { team: "data" } },
    "What do we spend by feature?",
    "What about for the data team?",
  ),
  spend({}, "What do we spend by feature?", "Now by model."),
  states("dearest_feature", SPEND, {}, "Which feature costs the most money?"),
  states("dearest_model", SPEND, {}, "Which model do we spend the most on?"),
  states("dearest_team", SPEND, {}, "Which team has the biggest bill?"),
  states("dearest_feature", SPEND, { days: 7 }, "Top 3 costs by feature in the last week"),
  usage("requests", {}, "How many requests did we make in the last 30 days?"),
  usage("requests", { days: 7 }, "How many calls last week?"),
  usage("requests", { days: 60 }, "Number of requests over the last 60 days?"),
  usage(
    "requests",
    { where: { feature: "document-search" } },
    'How many requests has feature "document-search" had?',
  ),
  usage(
    "requests",
    { days: 14, where: { team: "data" } },
    "How many calls for the data team in the last 14 days?",
  ),
  usage("tokens", {}, "How many tokens have we used?"),
  usage("tokens", { days: 7 }, "Tokens consumed in the last 7 days?"),
  usage("error_pct", {}, "What is our error rate?"),
  usage(
    "error_pct",
    { days: 7, where: { feature: "support-chat" } },
    'Errors of feature "support-chat" over the last 7 days?',
  ),
  usage("requests", { days: 1 }, "Give me an overview of today's traffic."),
  latency("p95_ms", {}, "What is our p95 response time?"),
  latency("p50_ms", { days: 7 }, "p50 latency percentile of the last 7 days?"),
  latency("p95_ms", { where: { feature: "support-chat" } }, 'p95 for feature "support-chat"?'),
  latency(
    "p95_ms",
    { where: { request_model: "claude-opus-5-5" } },
    "How slow is claude-opus-5-5 at p95?",
  ),
  latency(
    "p50_ms",
    { where: { team: "engineering" } },
    "p50 response times for the engineering team",
  ),
  states("cost_of_failures", ["error_retry_waste"], {}, "What do failed calls cost us?"),
  states(
    "cost_of_failures",
    ["error_retry_waste"],
    { days: 60 },
    "Cost of failures and retries in the last 60 days?",
  ),
  saves(
    "prompt_cache",
    "prompt_cache_opportunity",
    "What would prompt caching save, by the last 60 days?",
  ),
  saves(
    "duplicates",
    "duplicate_response_opportunity",
    "What do duplicated requests cost us, going by the last 60 days?",
  ),
  saves("batch", "batch_opportunity", "How much would batch prices save, over the last 60 days?"),
  saves(
    "right_size",
    "rightsize_simulate",
    "What would right-sizing claude-opus-5-5 to claude-haiku-4-5 save over the last 60 days?",
  ),
  saves(
    "context_bloat",
    "trim_opportunity",
    "What would it save to trim prompts, over the last 60 days?",
  ),
  saves("joint", "portfolio_roi", "What is the ROI of all levers over the last 60 days?"),
  saves(
    "joint",
    "portfolio_roi",
    "Cut our AI costs by 30 % without hurting latency, going by the last 60 days.",
  ),
  saves("joint", "portfolio_roi", "How can we reduce what we spent in the last 60 days?"),
  saves("joint", "action_plan", "Give me an action plan, from the last 60 days."),
];

/** A hundred. */
export const QUESTIONS: readonly Question[] = [...ANSWERABLE, ...HARD_QUESTIONS];
