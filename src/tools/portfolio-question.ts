/** What the portfolio and the plan are both made of: the same levers, costs and target. */
import * as z from "zod";
import { inSlices } from "../core/slices.ts";
import type { ToolContext, ToolFinding } from "../core/tool.ts";
import { type Estimate, Lever, type Portfolio } from "../protocol/optimization.ts";
import { counted } from "../protocol/plural.ts";
import {
  factName,
  type PortfolioParts,
  portfolioOf,
  type StatedCosts,
  unstatedCosts,
} from "../usage/replay/portfolio.ts";
import { noMonth } from "../usage/statistics/monthly.ts";
import { aboutMonth, hasBounds } from "./lever-answer.ts";
import { leverOpportunities } from "./lever-opportunities.ts";
import { evaluationsOf, type PairEvaluation } from "./pair-evaluations.ts";
import { type ReplayScope, replayScope } from "./replay-scope.ts";
import { findings } from "./usage-answer.ts";
import { type UsageTools, usageInput } from "./usage-scope.ts";

const NOT_ASSESSABLE = "Not assessable: ";
const dollars = z.number().min(0).max(1e9);

/** The arguments of both tools. */
export const portfolioInput = {
  ...usageInput,
  levers: z.array(Lever).min(1).max(5).optional().describe("Only these; default: all"),
  target_pct: z.number().gt(0).max(100).optional().describe("The cut in cost that is wanted"),
  no_latency_cost: z
    .boolean()
    .default(false)
    .describe("Leave out what may make people wait longer"),
  implementation_hours: z
    .partialRecord(Lever, z.number().min(0).max(100_000))
    .optional()
    .describe("Hours to put each lever in place; default: those of the workspace's profile"),
  hourly_rate_usd: dollars.optional().describe("Default: that of the workspace's profile"),
  running_cost_monthly_usd: dollars.optional().describe("Default: that of the workspace's profile"),
};

const Arguments = z.object(portfolioInput);
export type PortfolioArguments = z.output<typeof Arguments>;

/** A portfolio, and what it was made of. */
export interface AskedPortfolio {
  readonly replay: ReplayScope;
  /** Null where there is nothing to make one of. */
  readonly portfolio: Portfolio | null;
  /** Why there is none, where there are records. */
  readonly notAssessable: string | null;
  readonly costs: StatedCosts;
  /** What of the costs nobody stated. */
  readonly unstated: readonly string[];
  /** What the evaluations of the pairs of models that were replayed came to, and how many pairs more there are. */
  readonly evaluations: readonly PairEvaluation[];
  readonly pairsLeftOut: number;
  /** The feature that each lever saves most in, by the name of its finding. */
  readonly mainFeature: ReadonlyMap<string, string | null>;
  /** How often cheaper models passed their paired evaluations, 0 to 1, by the name of the lever's finding. */
  readonly passShare: ReadonlyMap<string, number | null>;
}

/** @returns the portfolio that the arguments ask for. */
export async function askPortfolio(
  tools: UsageTools,
  args: PortfolioArguments,
  context: Pick<ToolContext, "workspaceId" | "signal">,
): Promise<AskedPortfolio> {
  const replay = await replayScope(tools, args, context);
  const { profile, workload, days, sums } = replay;
  const parts = await leverOpportunities(tools, replay, {
    levers: args.levers,
    noLatencyCost: args.no_latency_cost,
  });
  const costs: StatedCosts = {
    hourlyRateUsd: args.hourly_rate_usd ?? profile.hourly_rate_usd,
    hours: { ...profile.implementation_hours, ...args.implementation_hours },
    runningMonthlyUsd: args.running_cost_monthly_usd ?? profile.running_cost_monthly_usd,
  };
  const question = {
    ...parts,
    workload,
    window: { days, spendUsd: sums.cost_usd },
    costs,
    targetPct: args.target_pct ?? null,
  };
  const notAssessable = objectionTo(replay, parts);
  const portfolio =
    notAssessable === null ? await inSlices(portfolioOf(question), replay.pace) : null;
  return {
    replay,
    portfolio,
    notAssessable,
    costs,
    evaluations: evaluationsOf(parts.rightSizes),
    pairsLeftOut: parts.pairsLeftOut,
    unstated: unstatedCosts(portfolio?.levers ?? [], costs),
    mainFeature: new Map(
      [...parts.rightSizes, ...parts.others].map((opportunity) => [
        factName(opportunity),
        opportunity.saving.features[0]?.feature ?? null,
      ]),
    ),
    passShare: new Map(
      parts.rightSizes.map((move) => [factName(move), move.result?.pass.value ?? null]),
    ),
  };
}

/** @returns why nothing can be said of a month; null where one lever at least can be assessed. */
function objectionTo(replay: ReplayScope, { rightSizes, others }: PortfolioParts): string | null {
  if (replay.notAssessable !== null) return replay.notAssessable;
  if (replay.sums.priced_records === 0) return `${NOT_ASSESSABLE}no record has a known price.`;
  const reasons = [...rightSizes, ...others].map((one) => one.notAssessable);
  if (reasons.some((reason) => reason === null)) return noMonth(replay.days);
  const whys = new Set(reasons.map((reason) => reason?.replace(NOT_ASSESSABLE, "")));
  return whys.size === 0
    ? `${NOT_ASSESSABLE}right-sizing takes evaluations of a cheaper model, and there are none.`
    : `${NOT_ASSESSABLE}none of the levers is: ${[...whys].join(" ")}`;
}

/** @returns the assumptions of a portfolio, each once. */
export function portfolioAssumptions(asked: AskedPortfolio): string[] {
  const { replay, portfolio, unstated, pairsLeftOut } = asked;
  if (portfolio === null) return [];
  return [
    "Levers are replayed together, in the order duplicates, right-sizing, trimming, prompt caching, batch: each acts on what the ones before left, so no saving is counted twice.",
    aboutMonth(replay),
    "Bounds of the levers are added as if all fell together. What is supported, and planned, are the low bounds of the levers whose low bound is above zero.",
    "Every request that succeeded still does: the efficiency gain is the saving's share of the cost.",
    ...(unstated.length > 0 ? [`No ROI is given: nobody stated ${unstated.join(", ")}.`] : []),
    ...(pairsLeftOut > 0
      ? [
          `Of the evaluated pairs of models, those with most items were replayed; ${counted(pairsLeftOut, "more was", "more were")} not, and are in no saving. rightsize_simulate replays any of them.`,
        ]
      : []),
    ...new Set(
      portfolio.levers
        .filter(({ left_out }) => left_out === null)
        .flatMap((one) => one.assumptions),
    ),
  ];
}

/** @returns the figures of a portfolio: one for each lever that counts, and the totals. */
export function portfolioFindings({ replay, portfolio }: AskedPortfolio): ToolFinding[] {
  if (portfolio === null) return [];
  const { roi, target, monthly_usd: total, saving_pct: share } = portfolio;
  const all = replay.workload.size;
  const included = portfolio.levers.filter(({ left_out }) => left_out === null);
  const interval = ({ low, high }: Estimate) => (hasBounds(replay) ? { low, high } : null);
  const missing = target
    ? Math.max(
        0,
        ((target.wanted_pct - target.supported_pct) / 100) * portfolio.current_monthly_usd,
      )
    : null;
  return [
    ...included.flatMap((lever) =>
      findings(
        lever.n_records,
        [[lever.fact, lever.monthly_usd.value, "USD a month", interval(lever.monthly_usd)]],
        lever.basis,
      ),
    ),
    ...findings(
      all,
      [
        ["total monthly saving", total.value, "USD a month", interval(total)],
        ["total saving share", share.value, "%", interval(share)],
        ["sum of the levers alone", portfolio.sum_of_alone_monthly_usd, "USD a month"],
        ["efficiency gain", portfolio.efficiency_gain_pct, "%"],
        ["supported saving share", target?.supported_pct ?? null, "%"],
        ["saving share asked for", target?.wanted_pct ?? null, "%"],
        ["missing for the target", missing, "USD a month"],
        ["ROI over twelve months", roi?.twelve_month_pct ?? null, "%"],
        ["payback", roi?.payback_months ?? null, "months"],
        ["implementation cost", roi?.implementation_usd ?? null, "USD"],
        ["running cost", roi?.running_monthly_usd ?? null, "USD a month"],
      ],
      "replayed",
    ),
    ...findings(all, [["current monthly cost", portfolio.current_monthly_usd, "USD a month"]]),
    ...included.flatMap(({ fact, alone_monthly_usd, n_records, basis }) =>
      findings(
        n_records,
        [[`${fact}, alone`.replace(" beside the others", ""), alone_monthly_usd, "USD a month"]],
        basis,
      ),
    ),
  ];
}
