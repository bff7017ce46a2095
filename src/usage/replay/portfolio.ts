/** The portfolio: all levers together, what they are worth, and whether they reach a target. */
import type { Sliced } from "../../core/slices.ts";
import {
  type Estimate,
  type Lever,
  type LeverSaving,
  type Portfolio,
  titleWithSubject,
} from "../../protocol/optimization.ts";
import { MONTH_DAYS } from "../statistics/monthly.ts";
import { replayTogether } from "./joint.ts";
import { monthlySaving, type Opportunity, type Window } from "./opportunity.ts";
import { type RightSizeOpportunity, rightSizeStep } from "./right-size-opportunity.ts";
import { atMost, type Saving, scaled } from "./saving.ts";
import type { Workload } from "./workload.ts";

/** What putting levers in place costs, as far as somebody said so. */
export interface StatedCosts {
  readonly hourlyRateUsd: number | null;
  readonly hours: Readonly<Partial<Record<Lever, number>>>;
  readonly runningMonthlyUsd: number | null;
}

/** The levers of a portfolio; those with a reason to be left out are listed, and in no total. */
export interface PortfolioParts {
  readonly rightSizes: readonly RightSizeOpportunity[];
  readonly others: readonly Opportunity[];
}

/** What a portfolio is made of. */
export interface PortfolioQuestion extends PortfolioParts {
  readonly workload: Workload;
  /** All of its records, those that no replay can use among them. */
  readonly window: Window;
  readonly costs: StatedCosts;
  readonly targetPct: number | null;
}

/** A feature with this share of a saving is what it is about. */
const MAIN_SHARE = 0.8;

const ROI_FORMULA =
  "ROI over 12 months = (12 × (S − r) − K) / K and payback = K / (S − r) months, with S the monthly saving, r the monthly running cost, K = implementation hours × hourly rate";

/** @returns all levers together; the saving of each is what it adds to those before it. */
export function* portfolioOf(question: PortfolioQuestion): Sliced<Portfolio> {
  const { workload, window, costs, targetPct } = question;
  const all = [...question.rightSizes, ...question.others];
  const currentMonthly = (window.spendUsd * MONTH_DAYS) / window.days;
  const rightSizes = question.rightSizes
    .filter(isReplayed)
    .toSorted((left, right) => right.saving.usd - left.saving.usd);
  const moves = rightSizes.map(({ move }) => move);
  const joint = yield* replayTogether(workload, [
    ...rightSizes.map(({ saving }, index) => ({
      step: rightSizeStep(moves.slice(0, index + 1)),
      saving,
    })),
    ...question.others.filter(isReplayed),
  ]);
  const beside = new Map(joint.shares.map(({ alone, marginalUsd }) => [alone, marginalUsd]));
  /** The share of a lever's saving that those before it leave: all of it where it is in no total. */
  const remaining = ({ saving }: Opportunity) => {
    const marginalUsd = beside.get(saving);
    return marginalUsd === undefined ? 1 : marginalUsd / saving.usd;
  };
  const levers = all
    .map((one) => leverSaving(one, remaining(one), window))
    .toSorted((left, right) => right.monthly_usd.value - left.monthly_usd.value);
  const included = levers.filter(({ left_out }) => left_out === null);
  const total = atMost(currentMonthly, sumOf(included.map(({ monthly_usd }) => monthly_usd)));
  const share = scaled(total, currentMonthly > 0 ? 100 / currentMonthly : 0);
  return {
    current_monthly_usd: currentMonthly,
    levers,
    monthly_usd: total,
    saving_pct: share,
    sum_of_alone_monthly_usd: included.reduce((sum, one) => sum + one.alone_monthly_usd, 0),
    efficiency_gain_pct: currentMonthly > 0 ? share.value : null,
    roi: roiOf(total.value, included, costs),
    roi_formula: ROI_FORMULA,
    target: targetPct === null ? null : targetOf(targetPct, share, currentMonthly, levers),
  };
}

/** @returns why a lever is in no total; null where it is in. */
function objectionTo({ notAssessable, leftOut, saving }: Opportunity): string | null {
  return notAssessable ?? leftOut ?? (saving.usd < 0 ? "it would cost more than it saves" : null);
}

/** Levers that nothing speaks against, and that save something, are replayed together. */
function isReplayed(opportunity: Opportunity): boolean {
  return objectionTo(opportunity) === null && opportunity.saving.usd > 0;
}

/** @param remaining the share of the saving that the levers before it leave. */
function leverSaving(opportunity: Opportunity, remaining: number, window: Window): LeverSaving {
  const { estimate, saving } = opportunity;
  const ofDays = saving.days.map((usd) => usd * remaining);
  return {
    lever: opportunity.lever,
    title: opportunity.title,
    subject: opportunity.subject ?? mainFeature(saving),
    monthly_usd: monthlySaving(scaled(estimate, remaining), ofDays, window),
    alone_monthly_usd: (estimate.value * MONTH_DAYS) / window.days,
    n_records: saving.records,
    latency_effect: opportunity.latencyEffect,
    basis: opportunity.basis,
    assumptions: [...opportunity.assumptions],
    left_out: objectionTo(opportunity),
    fact: factName(opportunity),
  };
}

/** @returns the name of the finding that holds a lever's saving; unique within a portfolio. */
export function factName({ lever, subject }: Pick<Opportunity, "lever" | "subject">): string {
  const name = `saving of ${lever.replaceAll("_", " ")} beside the others`;
  return subject === null ? name : `${name}: ${subject}`;
}

/** The feature that makes nearly all of a saving; null where several share it. */
function mainFeature({ usd, features }: Saving): string | null {
  const [first] = features;
  return first && usd > 0 && first.usd >= MAIN_SHARE * usd ? first.feature : null;
}

/** Bounds are added as if they all fell together. */
function sumOf(estimates: readonly Estimate[]): Estimate {
  const sum = (of: (estimate: Estimate) => number) =>
    estimates.reduce((total, estimate) => total + of(estimate), 0);
  return {
    value: sum(({ value }) => value),
    low: sum(({ low }) => low),
    high: sum(({ high }) => high),
  };
}

/** The levers that somebody would put in place: those that save nothing take no work either. */
function worthwhile(levers: readonly LeverSaving[]): Set<Lever> {
  const saving = levers.filter(
    ({ left_out, monthly_usd }) => left_out === null && monthly_usd.value > 0,
  );
  return new Set(saving.map(({ lever }) => lever));
}

/** @returns what of the costs nobody stated, in words; none where the ROI can be computed. */
export function unstatedCosts(levers: readonly LeverSaving[], costs: StatedCosts): string[] {
  const unplanned = [...worthwhile(levers)].filter((lever) => costs.hours[lever] === undefined);
  return [
    ...(costs.hourlyRateUsd === null ? ["the hourly rate"] : []),
    ...(costs.runningMonthlyUsd === null ? ["the monthly running cost"] : []),
    ...unplanned.map((lever) => `the implementation hours of ${lever}`),
  ];
}

function roiOf(
  savingUsd: number,
  included: readonly LeverSaving[],
  costs: StatedCosts,
): Portfolio["roi"] {
  const { hourlyRateUsd, runningMonthlyUsd, hours } = costs;
  if (unstatedCosts(included, costs).length > 0) return null;
  const work = [...worthwhile(included)].reduce((sum, lever) => sum + (hours[lever] ?? 0), 0);
  const investment = work * (hourlyRateUsd ?? 0);
  const running = runningMonthlyUsd ?? 0;
  const net = savingUsd - running;
  if (investment === 0) return null;
  return {
    twelve_month_pct: (100 * (12 * net - investment)) / investment,
    payback_months: net > 0 ? investment / net : null,
    implementation_usd: investment,
    running_monthly_usd: running,
  };
}

/** @returns the levers that surely save: of these alone a plan is made, and a target supported. */
export function sureSavings(levers: readonly LeverSaving[]): LeverSaving[] {
  return levers.filter(({ left_out, monthly_usd }) => left_out === null && monthly_usd.low > 0);
}

/** @returns a lever that is in no total, by its name and the reason; without a full stop. */
export function uncountedInWords(lever: LeverSaving): string {
  return `${titleWithSubject(lever)}: ${lever.left_out ?? ""}`.replace(/[.:\s]+$/, "");
}

/** What the low bounds of the sure savings come to, and what is missing where that is not enough. */
function targetOf(
  wantedPct: number,
  share: Estimate,
  currentMonthly: number,
  levers: readonly LeverSaving[],
): NonNullable<Portfolio["target"]> {
  const sure = sureSavings(levers).reduce((sum, { monthly_usd }) => sum + monthly_usd.low, 0);
  const supportedUsd = Math.min(sure, currentMonthly);
  const supportedPct = currentMonthly > 0 ? (100 * supportedUsd) / currentMonthly : 0;
  const reached = supportedPct >= wantedPct;
  const missing = (wantedPct / 100) * currentMonthly - supportedUsd;
  const uncounted = levers
    .filter(({ left_out, monthly_usd }) => left_out !== null && monthly_usd.value > 0)
    .map(uncountedInWords);
  return {
    wanted_pct: wantedPct,
    supported_pct: supportedPct,
    reached,
    needs: reached
      ? null
      : [
          `It would take $${missing.toFixed(2)} a month more than the low bounds support.`,
          ...(share.value >= wantedPct
            ? ["The estimate itself would reach it: measure the levers once they are in place."]
            : []),
          ...(uncounted.length > 0 ? [`Not counted as savings: ${uncounted.join("; ")}.`] : []),
        ].join(" "),
  };
}
