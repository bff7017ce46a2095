/** A report as Markdown, for people who read or export it. */

import { measured } from "../../protocol/plural.ts";
import type { Report, ReportFigure } from "../../protocol/report.ts";
import { renderFigure, usd } from "../grounding/figures.ts";
import { plain, table } from "../markdown.ts";

const LATENCY = {
  better: "shorter waits",
  none: "no change to waits",
  worse: "longer waits",
  unknown: "effect on waits unknown",
} as const;

/** @returns the report as one document. Names and labels in it are text: none adds markup. */
export function reportMarkdown(report: Report): string {
  const { window } = report;
  return [
    `# ${plain(report.title)}`,
    `Made ${report.created_at}${window ? `, from the records of ${window.from} to ${window.to}` : ""}.`,
    "## Summary",
    report.summary,
    ...section("Cost and use now", figures(report.current)),
    ...section("Projected cost", figures(report.projected)),
    ...section("Performance", figures(report.performance)),
    ...section("Recommendations", report.recommendations.map(recommendation).join("\n")),
    ...section("Action plan", report.action_plan.map(step).join("\n\n")),
    ...section(
      "Risks",
      table(
        ["risk", "mitigation"],
        report.risks.map(({ title, mitigation }) => [title, mitigation]),
      ),
    ),
    ...section(
      "KPIs",
      table(
        ["measure", "now", "target"],
        report.kpis.map(({ name, now, target }) => [name, now, target]),
      ),
    ),
    ...report.charts.flatMap((chart) =>
      section(
        chart.title,
        table(
          ["", ...chart.series.flatMap(({ name }) => [name, `${name}, low`, `${name}, high`])],
          rowsOf(chart),
        ),
      ),
    ),
    ...section(
      "Agents",
      table(
        ["agent", "status", "tool calls", "what it did"],
        report.agents.map((each) => [each.agent, each.status, `${each.tool_calls}`, each.summary]),
      ),
    ),
    ...section("Assumptions", report.assumptions.map((line) => `- ${plain(line)}`).join("\n")),
    ...section(
      "Technical detail",
      report.price_versions.map((version) => `- Prices: ${plain(version)}`).join("\n"),
    ),
  ].join("\n\n");
}

/** @returns nothing where there is nothing to tell. */
function section(title: string, body: string): string[] {
  return body === "" ? [] : [`## ${plain(title)}\n\n${body}`];
}

function figures(of: readonly ReportFigure[]): string {
  return table(
    ["figure", "value", "interval", "unit", "fact"],
    of.map(({ name, value, unit, interval, fact_id }) => [
      name,
      renderFigure(value, unit),
      interval
        ? `${renderFigure(interval.low, unit)} to ${renderFigure(interval.high, unit)}`
        : "–",
      unit,
      fact_id,
    ]),
  );
}

function recommendation(each: Report["recommendations"][number], index: number): string {
  const { title, monthly_savings_usd: saved, latency_effect, effort_hours, why, facts } = each;
  const amount = saved
    ? `${usd(saved.value)} a month (${usd(saved.low)} to ${usd(saved.high)})`
    : "no price on it";
  const effort = effort_hours === null ? "" : `; ${measured(effort_hours, "hour")} of work`;
  const evidence = facts.length > 0 ? ` Facts: ${facts.map(plain).join(", ")}.` : "";
  return `${index + 1}. **${plain(title)}**: ${amount}; ${LATENCY[latency_effect]}${effort}. ${plain(why)}${evidence}`;
}

function step(each: Report["action_plan"][number]): string {
  const last = each.starts_in_days + each.takes_days;
  const lines = [
    ["Owner", each.owner],
    ["Change", each.change],
    ["When", `day ${each.starts_in_days} to day ${last}`],
    ["Saves at least", `${usd(each.monthly_low_usd)} a month`],
    ["Check", each.check],
    ["Guard", `${each.guard.metric}, margin ${each.guard.margin}, ${each.guard.n_per_arm} an arm`],
    ["Stop rule", each.stop_rule],
    ["Rollback", each.rollback],
    ["Approval", each.approval],
    ["Facts", each.facts.join(", ")],
  ] as const;
  const told = lines.filter(([, text]) => text !== "");
  return [
    `### ${each.position}. ${plain(each.title)}`,
    told.map(([name, text]) => `- ${name}: ${plain(text)}`).join("\n"),
  ].join("\n\n");
}

/** A row for each x, in the order the series have them. */
function rowsOf({ series, unit }: Report["charts"][number]): string[][] {
  const xs = [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))];
  const cell = (value: number | null | undefined) =>
    value === null || value === undefined ? "–" : renderFigure(value, unit);
  return xs.map((x) => [
    x,
    ...series.flatMap(({ points }) => {
      const point = points.find((each) => each.x === x);
      return [cell(point?.y), cell(point?.low), cell(point?.high)];
    }),
  ]);
}
