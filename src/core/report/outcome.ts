/** What a run's savings come to, computed from its tools' results alone: no model's words are in it. */
import {
  type ActionStep,
  type LeverSaving,
  type Portfolio,
  titleWithSubject,
} from "../../protocol/optimization.ts";
import { counted } from "../../protocol/plural.ts";
import type { Outcome, Recommendation } from "../../protocol/report.ts";
import type { ToolResults } from "./tool-results.ts";

const MAX_RECOMMENDATIONS = 12;

/**
 * - Time to value: the days until the first step of the plan is in place, and the months until the
 *   savings have paid for putting them in place; null without a plan.
 * - Risk reduction score: of the savings that count, the percentage on levers that were measured or
 *   replayed from records (nothing simulated, nothing assumed) and whose step in the plan has a guard,
 *   a test that stops it where quality falls; null without savings or a plan.
 *
 * @returns null where the run computed no savings.
 */
export function outcomeOf(results: ToolResults): Outcome | null {
  const { portfolio, plan } = results;
  if (portfolio === null) return null;
  const days = plan.map(({ starts_in_days, takes_days }) => starts_in_days + takes_days);
  return {
    estimated_monthly_savings: portfolio.monthly_usd,
    roi_percentage: portfolio.roi?.twelve_month_pct ?? null,
    efficiency_improvement: portfolio.efficiency_gain_pct,
    time_to_value:
      plan.length === 0
        ? null
        : { days: Math.min(...days), payback_months: portfolio.roi?.payback_months ?? null },
    risk_reduction_score: riskReduction(portfolio, plan),
    recommendations: recommendations(results, portfolio, plan),
  };
}

function riskReduction({ levers }: Portfolio, plan: readonly ActionStep[]): number | null {
  const counted = levers.filter(({ left_out, monthly_usd }) => !left_out && monthly_usd.value > 0);
  const sum = (of: readonly LeverSaving[]) =>
    of.reduce((total, { monthly_usd }) => total + monthly_usd.value, 0);
  const whole = sum(counted);
  if (whole === 0 || plan.length === 0) return null;
  const safe = counted.filter(
    ({ basis, lever }) =>
      (basis === "measured" || basis === "replayed") && plan.some((step) => step.lever === lever),
  );
  return Math.round((1_000 * sum(safe)) / whole) / 10;
}

/** The steps of the plan in its order, then what saves without a step yet. What was rejected is never recommended. */
function recommendations(
  results: ToolResults,
  portfolio: Portfolio,
  plan: readonly ActionStep[],
): Recommendation[] {
  const planned = plan
    .map((step) => ({ step, saving: savingOf(step, portfolio) }))
    .filter(({ saving }) => !saving?.left_out);
  const taken = new Set(planned.map(({ saving }) => saving));
  const others = portfolio.levers.filter((saving) => !taken.has(saving));
  const counted = others.filter(({ left_out, monthly_usd }) => !left_out && monthly_usd.value > 0);
  return [
    ...planned.map(({ step, saving }) => ofStep(results, step, saving)),
    ...counted.map((saving) => ofSaving(results, saving)),
  ].slice(0, MAX_RECOMMENDATIONS);
}

/** @returns the saving that a step brings about: the one it rests on, or the only one of its lever. */
export function savingOf(step: ActionStep, { levers }: Portfolio): LeverSaving | undefined {
  const alike = levers.filter(({ lever }) => lever === step.lever);
  const named = alike.find(({ fact }) => step.facts.includes(fact));
  const titled = alike.find(({ title }) => step.title === title);
  return named ?? titled ?? (alike.length === 1 ? alike[0] : undefined);
}

function ofStep(
  results: ToolResults,
  step: ActionStep,
  saving: LeverSaving | undefined,
): Recommendation {
  const own = results.factIds("action_plan", step.facts);
  return {
    title: (saving ? titleWithSubject(saving) : step.title).slice(0, 200),
    monthly_savings_usd: saving?.monthly_usd ?? null,
    latency_effect: saving?.latency_effect ?? "unknown",
    effort_hours: step.effort_hours,
    why: [step.change, ...(saving ? [evidenceOf(saving)] : [])].join(" ").slice(0, 1_000),
    facts: [...own, ...(saving ? results.factIds("portfolio_roi", [saving.fact]) : [])],
  };
}

function ofSaving(results: ToolResults, saving: LeverSaving): Recommendation {
  return {
    title: titleWithSubject(saving).slice(0, 200),
    monthly_savings_usd: saving.monthly_usd,
    latency_effect: saving.latency_effect,
    effort_hours: null,
    why: evidenceOf(saving).slice(0, 1_000),
    facts: results.factIds("portfolio_roi", [saving.fact]),
  };
}

function evidenceOf({ basis, n_records, assumptions: [first = ""] }: LeverSaving): string {
  return `Evidence: ${basis} from ${counted(n_records, "record")}. ${first}`.trim();
}
