/** The report of a run, put together from its tools' results alone: no model's words are in it. */

import { titleWithSubject } from "../../protocol/optimization.ts";
import { counted } from "../../protocol/plural.ts";
import type { AgentPart, Outcome, Report } from "../../protocol/report.ts";
import { timestamp } from "../clock.ts";
import { count, percentage, renderFigure, usd } from "../grounding/figures.ts";
import { withSampleNotice } from "../sample-notice.ts";
import { chartsOf } from "./charts.ts";
import { savingOf } from "./outcome.ts";
import type { ToolResults } from "./tool-results.ts";

/** The tools whose results make a report, in the order it tells them. */
const REPORTED = [
  "usage_summary",
  "cost_breakdown",
  "latency_percentiles",
  "spend_forecast",
  "portfolio_roi",
  "action_plan",
] as const;
const SAVING: readonly string[] = ["portfolio_roi", "action_plan"];
/** So many of the tools are an overview, where none of them computed savings. */
const OVERVIEW = 2;

/** Figures of one tool. */
const MAX_FIGURES = 12;
const MAX_LINES = 30;
const MAX_LINE = 500;
/** A report as JSON, in UTF-16 code units; past it the charts are left out, then assumptions, then all of it. */
const MAX_LENGTH = 96 * 1024;

/**
 * @param run.agents what each agent of it did.
 * @param run.endedAt in milliseconds since the Unix epoch.
 * @returns null where the run computed neither savings nor an overview, or found no figure.
 */
export function reportOf(
  results: ToolResults,
  outcome: Outcome | null,
  run: { readonly agents: readonly AgentPart[]; readonly endedAt: number },
): Report | null {
  if (results.count(SAVING) === 0 && results.count(REPORTED) < OVERVIEW) return null;
  if (REPORTED.every((tool) => results.findings(tool).length === 0)) return null;
  const common = results.common(REPORTED);
  const report: Report = {
    title: "LLM cost and latency report",
    created_at: timestamp(run.endedAt),
    window: common.find(({ window }) => window !== undefined)?.window ?? null,
    summary: withSampleNotice(common, summaryOf(results, outcome)),
    current: results.figures(["usage_summary", "cost_breakdown"], MAX_FIGURES),
    projected: results.figures(["spend_forecast", "portfolio_roi"], MAX_FIGURES),
    performance: results.figures(["latency_percentiles", "error_retry_waste"], MAX_FIGURES),
    recommendations: outcome?.recommendations ?? [],
    action_plan: results.plan.slice(0, MAX_LINES).map((step) => ({
      ...step,
      facts: results.factIds("action_plan", step.facts),
    })),
    risks: risksOf(results),
    kpis: kpisOf(results),
    agents: [...run.agents],
    assumptions: [
      ...notCounted(results),
      ...distinct(common.flatMap(({ assumptions }) => assumptions)),
    ],
    price_versions: distinct(common.flatMap((each) => each.price_version?.split(", ") ?? [])),
    charts: chartsOf(results),
  };
  const bare = { ...report, charts: [] };
  return [report, bare, { ...bare, assumptions: shortened(bare.assumptions) }].find(fits) ?? null;
}

function fits(report: Report): boolean {
  return JSON.stringify(report).length <= MAX_LENGTH;
}

/** The first of the lines, and how many there are beside them. */
function shortened(lines: readonly string[]): string[] {
  const more = lines.length - MAX_LINES;
  return more > 0
    ? [...lines.slice(0, MAX_LINES), `${count(more)} more are in the results of the tools.`]
    : [...lines];
}

function distinct(lines: readonly string[]): string[] {
  return [...new Set(lines.map(cut))];
}

/** What was replayed and counts as no saving, with the reason. */
function notCounted({ portfolio }: ToolResults): string[] {
  const rejected = portfolio?.levers.filter(({ left_out }) => left_out !== null) ?? [];
  return distinct(
    rejected.map(
      (saving) => `Not counted as a saving: ${titleWithSubject(saving)}: ${saving.left_out}`,
    ),
  );
}

/** What the savings come to; where none were computed, what the tools say of the use as it is. */
function summaryOf(results: ToolResults, outcome: Outcome | null): string {
  const { portfolio } = results;
  if (portfolio === null || outcome === null) {
    const opening = ({ summary }: { summary: string }) => summary.split("\n\n", 1)[0] ?? "";
    return results.common(REPORTED).map(opening).filter(Boolean).join("\n\n").slice(0, 4_000);
  }
  const { value, low, high } = portfolio.monthly_usd;
  const { roi, target } = portfolio;
  return [
    `LLM calls cost ${usd(portfolio.current_monthly_usd)} a month. Together, the levers in this report save **${usd(value)}** a month (between ${usd(low)} and ${usd(high)}), which is ${percentage(portfolio.saving_pct.value)} of it; adding them up one by one would claim ${usd(portfolio.sum_of_alone_monthly_usd)}.`,
    ...(outcome.efficiency_improvement === null
      ? []
      : [`A successful request costs ${percentage(outcome.efficiency_improvement)} less.`]),
    roi === null
      ? `No return on investment is given, because the costs of putting it in place were not stated: ${portfolio.roi_formula}.`
      : `Over twelve months that returns ${percentage(roi.twelve_month_pct)} on ${usd(roi.implementation_usd)} of work and ${usd(roi.running_monthly_usd)} a month to run it.`,
    ...(target === null
      ? []
      : [
          target.reached
            ? `The target of ${percentage(target.wanted_pct)} is supported.`
            : `The evidence supports ${percentage(target.supported_pct)}, not the ${percentage(target.wanted_pct)} asked for. ${target.needs ?? ""}`.trim(),
        ]),
  ].join(" ");
}

/** What may come of the levers that count, and what the plan does about it. */
function risksOf(results: ToolResults): Report["risks"] {
  const { portfolio, plan } = results;
  const counted = portfolio?.levers.filter(({ left_out }) => left_out === null) ?? [];
  // Two levers may be of one kind: each has the step that rests on it.
  const stepOf = new Map(
    portfolio ? plan.map((step) => [savingOf(step, portfolio), step] as const) : [],
  );
  return counted
    .flatMap((saving) => {
      const { latency_effect, basis, monthly_usd } = saving;
      const title = titleWithSubject(saving);
      const step = stepOf.get(saving);
      const mitigation = step
        ? `Step ${step.position} of the plan: ${step.stop_rule} ${step.rollback}`
        : "Not planned yet: try it on a small share of the traffic first.";
      const risks = [
        ...(latency_effect === "worse" ? [`${title} makes people wait longer`] : []),
        ...(latency_effect === "unknown" ? [`${title} may make people wait longer`] : []),
        ...(basis === "simulated" || basis === "assumed"
          ? [`The saving of ${title} is ${basis}, not measured`]
          : []),
        ...(monthly_usd.low <= 0 ? [`${title} may save nothing`] : []),
      ];
      return risks.map((risk) => ({ title: cut(risk), mitigation: cut(mitigation) }));
    })
    .slice(0, MAX_LINES);
}

/** What to watch: the cost that the savings should bring down, and what must not get worse. */
function kpisOf(results: ToolResults): Report["kpis"] {
  const { portfolio } = results;
  if (portfolio === null) return [];
  const { current_monthly_usd: now, monthly_usd } = portfolio;
  const guarded = results
    .figures(["latency_percentiles", "error_retry_waste", "usage_summary"], MAX_FIGURES)
    .filter(({ name }) => /\bp95\b|error rate/i.test(name))
    .slice(0, 4);
  return [
    {
      name: "Cost a month",
      now: usd(now),
      target: `${usd(now - monthly_usd.value)} (at most ${usd(now - monthly_usd.low)})`,
      facts: results.findings("portfolio_roi").map(({ fact_id }) => fact_id),
    },
    ...guarded.map(({ name, value, unit, fact_id }) => ({
      name: cut(name),
      now: renderFigure(value, unit),
      target: "no worse",
      facts: [fact_id],
    })),
    ...results.plan.slice(0, MAX_FIGURES).map(({ title, guard, facts }) => ({
      name: cut(`${title}: ${guard.metric}`),
      now: "as measured before the change",
      target: `within ${guard.margin} of it, over ${counted(guard.n_per_arm, "request")} an arm`,
      facts: results.factIds("action_plan", facts),
    })),
  ];
}

function cut(text: string): string {
  return text.slice(0, MAX_LINE);
}
