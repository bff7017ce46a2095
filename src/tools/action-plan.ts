/** The action plan tool: what to do first, who does it, how it is checked, and how it is undone. */
import * as z from "zod";
import { count, percentage, usd } from "../core/grounding/figures.ts";
import { plain, table } from "../core/markdown.ts";
import type { Tool } from "../core/tool.ts";
import { ActionStep, type LeverSaving, type Portfolio } from "../protocol/optimization.ts";
import { counted } from "../protocol/plural.ts";
import { toolScope } from "../protocol/scopes.ts";
import { actionSteps } from "../usage/replay/action-steps.ts";
import type { StatedCosts } from "../usage/replay/portfolio.ts";
import type { UsageGroup } from "../usage/store.ts";
import { ratio } from "../usage/sums.ts";
import { defineTool } from "./define-tool.ts";
import {
  type AskedPortfolio,
  askPortfolio,
  portfolioAssumptions,
  portfolioFindings,
  portfolioInput,
} from "./portfolio-question.ts";
import {
  answerWith,
  type Figure,
  findings,
  period,
  summaryOf,
  UsageAnswer,
} from "./usage-answer.ts";
import { describeScope, type UsageTools } from "./usage-scope.ts";

const Output = UsageAnswer.extend({
  steps: z.array(ActionStep),
  target: z
    .object({ wanted_pct: z.number(), supported_pct: z.number(), reached: z.boolean() })
    .nullable(),
});

const ASSUMPTIONS = [
  "Steps follow one another, six hours of a day; a step whose hours nobody stated takes five days. Nothing is applied: each step is somebody's to take.",
  "Each arm of a test has (1.645 + 0.842)² · 2p(1 − p) / δ² requests, with δ the margin and p the share that the step's guard is about, as far as records have it: the pass share of evaluations, the share of requests that succeed. Where they do not, that last one stands for it, and the step says so. A p within the margin of none or all counts as the margin away from it.",
];

/** @returns the tool over a usage store and what the workspace says of itself. */
export function actionPlan(tools: UsageTools): Tool {
  return defineTool({
    name: "action_plan",
    permission: toolScope("action_plan"),
    description:
      "Makes a plan of the savings levers that the evidence supports: steps ranked by the low saving per effort, each with owner, change, facts, check, rollback, non-inferiority test and stop rule. It applies nothing.",
    input: z.strictObject({
      ...portfolioInput,
      margin_pct: z
        .number()
        .min(0.1)
        .max(20)
        .default(2)
        .describe("By how many points the share that a step guards may fall at most"),
    }),
    output: Output,
    readOnly: true,
    timeoutMs: 90_000,
    operation: (args) =>
      `Ranks the savings levers by what they surely save for their effort, ${describeScope(args)}, to plan what to do first.`,
    async run({ margin_pct, ...args }, context) {
      const asked = await askPortfolio(tools, args, context);
      const { replay, portfolio, notAssessable, costs } = asked;
      const { sums, resolved } = replay;
      const owners = await tools.usage.groups(resolved.scope, ["feature", "team"]);
      const steps = actionSteps({
        levers: portfolio?.levers ?? [],
        hours: costs.hours,
        successShare: 1 - (ratio(sums.failed_requests, sums.requests) ?? 0),
        passShareOf: ({ fact }) => asked.passShare.get(fact) ?? null,
        margin: margin_pct / 100,
        ownerOf: (lever) => ownerOf(asked, lever, owners),
      });
      const low = steps.reduce((sum, step) => sum + step.monthly_low_usd, 0);
      const { window, workspace, filters, ...question } = args;
      const answer = await answerWith(
        tools.usage,
        "action_plan",
        resolved,
        sums,
        {
          figure: "low_monthly_saving",
          value: steps.length > 0 ? low : null,
          unit: "USD a month",
          basis: "replayed",
          notAssessable,
          assumptions: [...ASSUMPTIONS, ...portfolioAssumptions(asked)],
        },
        { ...question, margin_pct },
      );
      const target = portfolio?.target ?? null;
      return {
        output: {
          ...answer,
          steps,
          target: target && {
            wanted_pct: target.wanted_pct,
            supported_pct: target.supported_pct,
            reached: target.reached,
          },
          summary: summaryOf(answer, () =>
            inWords({ target, costs }, steps, low, period(resolved.scope)),
          ),
        },
        findings: [
          ...portfolioFindings(asked),
          ...findings(
            replay.workload.size,
            [
              ["low monthly saving of the plan", steps.length > 0 ? low : null, "USD a month"],
              ...steps.map(
                (step): Figure => [
                  `low ${step.facts.join(", ")}`,
                  step.monthly_low_usd,
                  "USD a month",
                ],
              ),
            ],
            "replayed",
          ),
        ],
      };
    },
  });
}

/** The team that spends most on the feature that a lever saves most in. */
function ownerOf(
  { mainFeature }: AskedPortfolio,
  { fact }: LeverSaving,
  owners: readonly UsageGroup[],
) {
  const feature = mainFeature.get(fact) ?? null;
  const team = owners.find(({ key }) => key[0] === feature && key[1] !== null)?.key[1];
  if (feature === null) return team ?? "Whoever runs these calls";
  return team ? `Team ${team}, for ${feature}` : `Whoever runs ${feature}`;
}

function inWords(
  { target, costs }: { readonly target: Portfolio["target"]; readonly costs: StatedCosts },
  steps: readonly ActionStep[],
  low: number,
  when: string,
): string {
  if (steps.length === 0) {
    return `From ${when}, no lever has a low bound above zero: the records support no step.`;
  }
  const opening = `${counted(steps.length, "step")}, by the records from ${when}; together they surely save ${usd(low)} a month.`;
  const rows = steps.map((step) => [
    count(step.position),
    step.title,
    step.owner,
    usd(step.monthly_low_usd),
    step.effort_hours === null ? "unstated" : count(step.effort_hours),
    `day ${step.starts_in_days}`,
    count(step.guard.n_per_arm),
  ]);
  const head = ["step", "what", "who", "saves at least", "hours", "from", "requests an arm"];
  const unstated = steps.some(({ lever }) => costs.hours[lever] === undefined)
    ? ["Steps whose hours nobody stated come last."]
    : [];
  return [
    ...(target
      ? [
          target.reached
            ? `**The evidence supports ${percentage(target.supported_pct)}**: the ${percentage(target.wanted_pct)} asked for are reached.`
            : `**The evidence supports ${percentage(target.supported_pct)}**, not the ${percentage(target.wanted_pct)} asked for. ${plain(target.needs ?? "")}`.trim(),
        ]
      : []),
    opening,
    table(head, rows),
    ...unstated,
  ].join("\n\n");
}
