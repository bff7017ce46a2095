/** The budget alert tool: how a budget stands, and how likely its period ends above it. */
import * as z from "zod";
import { count, percentage, usd } from "../core/grounding/figures.ts";
import { table } from "../core/markdown.ts";
import type { Tool } from "../core/tool.ts";
import { counted, plural } from "../protocol/plural.ts";
import { toolScope } from "../protocol/scopes.ts";
import { dayOf, startOfDay } from "../usage/calendar.ts";
import { BudgetPeriod, type Period, periodOf, Threshold } from "../usage/statistics/budget.ts";
import { type Outlook, outlookOf } from "../usage/statistics/budget-outlook.ts";
import { Band, FORECAST_DAYS } from "../usage/statistics/forecast.ts";
import { spendSeries } from "../usage/statistics/spend-series.ts";
import { defineTool } from "./define-tool.ts";
import { PAST_DAYS } from "./spend-forecast.ts";
import { answerWith, findings, summaryOf, UsageAnswer } from "./usage-answer.ts";
import {
  describeScope,
  type ResolvedScope,
  resolveScope,
  type UsageTools,
  usageInput,
} from "./usage-scope.ts";

const Output = UsageAnswer.extend({
  limit_usd: z.number().nullable(),
  period: BudgetPeriod,
  first_day: z.string().describe("Of the period"),
  end_day: z.string().describe("The day after the period's last"),
  spent_usd: z.number().nullable().describe("In the period, up to the latest record"),
  spent_pct: z.number().nullable().describe("Of the limit"),
  days_left: z.number().int().nullable(),
  ending: Band.nullable().describe("The period's cost; null where only a run rate can be given"),
  over_limit_pct: z.number().nullable().describe("Share of the forecast paths above the limit"),
  thresholds: z.array(Threshold),
});
type Answer = Omit<z.infer<typeof Output>, "summary">;

/** @returns the tool over a usage store. */
export function budgetAlert(tools: UsageTools): Tool {
  return defineTool({
    name: "budget_alert",
    permission: toolScope("budget_alert"),
    description:
      "Holds the cost of the current week, month or quarter against a budget: what is spent, which of 50, 80 and 100 percent are passed or forecast to be, and the share of simulated futures that end above the limit. The limit is the user's, or the monthly budget of the workspace. Call it for budgets and overruns.",
    input: z.strictObject({
      ...usageInput,
      limit_usd: z
        .number()
        .positive()
        .max(1e12)
        .optional()
        .describe("USD for the period; default: the workspace's monthly budget"),
      period: BudgetPeriod.default("month"),
    }),
    output: Output,
    readOnly: true,
    timeoutMs: 20_000,
    operation: ({ limit_usd: _, period, ...args }) =>
      `Holds the cost of the current ${period} against its budget, from the records ${describeScope(args, PAST_DAYS)}, to warn before it is overrun.`,
    async run({ limit_usd, period: kind, ...args }, context) {
      const resolved = await resolveScope(tools, args, context, PAST_DAYS);
      const period = currentPeriod(resolved, kind);
      const limit = limit_usd ?? (await statedLimit(tools, resolved, kind));
      const { series, scope } = await seriesSince(tools, resolved, period);
      const { sums } = series;
      const priced = sums.priced_records > 0;
      const outlook = limit !== null && priced ? outlookOf(series, period, limit) : null;
      const answer = await answerWith(
        tools.usage,
        "budget_alert",
        { ...resolved, scope },
        sums,
        {
          figure: "ending",
          value: outlook?.endingUsd ?? null,
          unit: "USD",
          interval: outlook?.band ? { low: outlook.band.p10, high: outlook.band.p90 } : null,
          basis: "simulated",
          notAssessable: outlook ? null : whyNot(limit, kind),
          assumptions: outlook
            ? assumptionsOf(outlook, { isStated: limit_usd === undefined, ...resolved })
            : [],
        },
        { limit, kind },
      );
      const output: Answer = {
        ...answer,
        limit_usd: limit,
        period: kind,
        first_day: period.first,
        end_day: period.end,
        spent_usd: outlook?.spentUsd ?? null,
        spent_pct: outlook && limit !== null ? (100 * outlook.spentUsd) / limit : null,
        days_left: outlook?.daysLeft ?? null,
        ending: outlook?.band ?? null,
        over_limit_pct: outlook?.overLimitPct ?? null,
        thresholds: [...(outlook?.thresholds ?? [])],
      };
      return {
        output: {
          ...output,
          summary: summaryOf(answer, () => inWords(output)),
        },
        findings: outlook ? headlines(output) : [],
      };
    },
  });
}

/** The period that the latest record of the window stands in. */
function currentPeriod({ scope, calendar, extent }: ResolvedScope, kind: BudgetPeriod): Period {
  const latest = Math.min(scope.to - 1, extent?.last ?? scope.to);
  return periodOf(dayOf(calendar, latest), kind);
}

/** What the workspace said it wants to spend, which is by the month. */
async function statedLimit(
  { workspaces }: UsageTools,
  { scope }: ResolvedScope,
  kind: BudgetPeriod,
): Promise<number | null> {
  if (kind !== "month") return null;
  return (await workspaces.profile(scope.workspaceId)).monthly_budget_usd;
}

/** The days of the window, and those of the period before it. */
async function seriesSince(
  { usage }: UsageTools,
  { scope: asked, calendar, extent }: ResolvedScope,
  period: Period,
) {
  const from = Math.max(0, Math.min(asked.from, startOfDay(calendar, period.first)));
  const scope = { ...asked, from };
  return { scope, series: await spendSeries(usage, scope, calendar, extent) };
}

function whyNot(limit: number | null, kind: BudgetPeriod): string {
  if (limit !== null) return "No record has a known price. It takes a price for the models in use.";
  return kind === "month"
    ? "No budget was given, and the workspace states none. It takes a limit in USD."
    : "No budget was given: what a workspace states is by the month. It takes a limit in USD.";
}

function assumptionsOf(
  { band, pastDays }: Outlook,
  { isStated, scope }: { isStated: boolean } & Pick<ResolvedScope, "scope">,
): string[] {
  const isPart = Object.keys(scope.filters).length > 0;
  return [
    ...(isStated ? ["The limit is the monthly budget that the workspace states."] : []),
    ...(isStated && isPart
      ? ["The budget is the whole workspace's; the filters look at a part of its cost."]
      : []),
    band
      ? "The forecast draws 1,000 futures from trend, weekends and chances of the past; the interval holds 80 % of them. Chances of days are taken as independent; where they last for days, it is too narrow."
      : `Only ${counted(pastDays, "whole day is", "whole days are")} usable, under the ${FORECAST_DAYS} that a forecast takes: the ending is at the run rate, with no interval and no likelihood.`,
  ];
}

function headlines(answer: Answer) {
  return [
    ...findings(answer.n_records, [
      [`spent of the ${answer.period}'s budget`, answer.spent_usd, "USD"],
      ["spent share of the budget", answer.spent_pct, "%"],
    ]),
    ...findings(answer.n_records, [["budget limit", answer.limit_usd, "USD"]], "assumed"),
    ...findings(
      answer.n_records,
      [
        [`cost at the ${answer.period}'s end`, answer.value, "USD", answer.interval],
        ["likelihood of ending above the limit", answer.over_limit_pct, "%"],
      ],
      "simulated",
    ),
  ];
}

function inWords(answer: Answer): string {
  const { ending, period, over_limit_pct } = answer;
  const sentences = [
    `Of the ${period}'s budget of ${usd(answer.limit_usd)} (${answer.first_day} up to, not including, ${answer.end_day}), ${usd(answer.spent_usd)} is spent (${percentage(answer.spent_pct)}), with ${count(answer.days_left)} ${plural(answer.days_left, "day")} left.`,
    ending
      ? `The ${period} is forecast to end at **${usd(ending.p50)}** (P50; P10 ${usd(ending.p10)}, P90 ${usd(ending.p90)}): ${percentage(over_limit_pct)} of the simulated futures end above the limit.`
      : `At the run rate the ${period} would end at **${usd(answer.value)}**; too few whole days are there for a likelihood.`,
  ];
  const lines = answer.thresholds.map((threshold) => [
    percentage(threshold.threshold_pct),
    usd(threshold.threshold_usd),
    threshold.state === "crossed" ? `crossed on ${threshold.crossed_on}` : threshold.state,
    threshold.likelihood_pct === null ? "–" : percentage(threshold.likelihood_pct),
  ]);
  return `${sentences.join(" ")}\n\n${table(["alert at", "limit", "state", "likelihood"], lines)}`;
}
