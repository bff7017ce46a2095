/** The portfolio tool: all levers together without their overlap, the return on them, and a target. */
import * as z from "zod";
import { count, percentage, usd } from "../core/grounding/figures.ts";
import { plain, table } from "../core/markdown.ts";
import type { Tool } from "../core/tool.ts";
import { type LeverSaving, Portfolio, titleWithSubject } from "../protocol/optimization.ts";
import { measured } from "../protocol/plural.ts";
import { toolScope } from "../protocol/scopes.ts";
import { uncountedInWords } from "../usage/replay/portfolio.ts";
import { defineTool } from "./define-tool.ts";
import { hasBounds, range } from "./lever-answer.ts";
import { evaluationFindings, PairEvaluation } from "./pair-evaluations.ts";
import {
  type AskedPortfolio,
  askPortfolio,
  portfolioAssumptions,
  portfolioFindings,
  portfolioInput,
} from "./portfolio-question.ts";
import { answerWith, period, summaryOf, UsageAnswer } from "./usage-answer.ts";
import { describeScope, type UsageTools } from "./usage-scope.ts";

/** @returns the tool over a usage store and what the workspace says of itself. */
export function portfolioRoi(tools: UsageTools): Tool {
  return defineTool({
    name: "portfolio_roi",
    permission: toolScope("portfolio_roi"),
    description:
      "Replays all savings levers together (duplicates, right-sizing, trimming, prompt caching, batch) with their overlap taken out: saving a month with bounds, share of the cost, ROI where the costs of the work are stated, and whether a target such as 30 % is supported, also without hurting latency.",
    input: z.strictObject(portfolioInput),
    output: UsageAnswer.extend({
      portfolio: Portfolio.nullable(),
      evaluations: z.array(PairEvaluation).describe("Of the cheaper models that were replayed"),
    }),
    readOnly: true,
    timeoutMs: 90_000,
    operation: (args) =>
      `Replays the savings levers together ${describeScope(args)}, to see what they save without their overlap and what that returns.`,
    async run(args, context) {
      const asked = await askPortfolio(tools, args, context);
      const { replay, portfolio, notAssessable } = asked;
      const { window, workspace, filters, ...question } = args;
      const total = portfolio?.monthly_usd ?? null;
      const answer = await answerWith(
        tools.usage,
        "portfolio_roi",
        replay.resolved,
        replay.sums,
        {
          figure: "monthly_saving",
          value: total?.value ?? null,
          unit: "USD a month",
          interval: total && hasBounds(replay) ? { low: total.low, high: total.high } : null,
          basis: "replayed",
          notAssessable,
          assumptions: portfolioAssumptions(asked),
        },
        question,
      );
      const summary = summaryOf(answer, () =>
        portfolio === null ? "" : inWords(portfolio, asked, period(replay.resolved.scope)),
      );
      const { evaluations } = asked;
      return {
        output: { ...answer, portfolio, evaluations: [...evaluations], summary },
        findings: [...portfolioFindings(asked), ...evaluationFindings(evaluations)],
      };
    },
  });
}

function inWords(
  portfolio: Portfolio,
  { unstated }: Pick<AskedPortfolio, "unstated">,
  when: string,
): string {
  const { levers, monthly_usd: total, saving_pct: share, roi, target } = portfolio;
  const inside = levers.filter(({ left_out }) => left_out === null);
  const outside = levers.filter(({ left_out }) => left_out !== null);
  const opening = `From ${when}, the cost is ${usd(portfolio.current_monthly_usd)} a month. All levers together would save ${range(total)} a month, ${percentage(share.value)} of it (${percentage(share.low)} to ${percentage(share.high)}); added up one by one they would claim ${usd(portfolio.sum_of_alone_monthly_usd)}.`;
  const returns =
    roi === null
      ? `No ROI is given${unstated.length > 0 ? `, since nobody stated ${unstated.join(", ")}` : ""}. ${portfolio.roi_formula}.`
      : `At ${usd(roi.implementation_usd)} to put in place and ${usd(roi.running_monthly_usd)} a month to keep, as the workspace states them, that is an ROI of ${percentage(roi.twelve_month_pct)} over 12 months${roi.payback_months === null ? "" : `, paid back in ${measured(roi.payback_months, "month")}`}.`;
  return [
    ...(target ? [aboutTarget(target)] : []),
    opening,
    ...(inside.length > 0
      ? [table(["lever", "saving a month", "alone", "calls", "latency"], inside.map(row))]
      : []),
    returns,
    ...outside.map((lever) => `Not counted as a saving: ${plain(uncountedInWords(lever))}.`),
  ].join("\n\n");
}

/** @returns what the evidence supports of a target, as plainly as it can be said. */
function aboutTarget(target: NonNullable<Portfolio["target"]>): string {
  const supported = `**The evidence supports ${percentage(target.supported_pct)}**`;
  return target.reached
    ? `${supported}: the ${percentage(target.wanted_pct)} asked for are reached by the low bound.`
    : `${supported}, not the ${percentage(target.wanted_pct)} asked for. ${plain(target.needs ?? "")}`.trim();
}

function row(lever: LeverSaving): string[] {
  return [
    titleWithSubject(lever),
    range(lever.monthly_usd),
    usd(lever.alone_monthly_usd),
    count(lever.n_records),
    lever.latency_effect,
  ];
}
