/** The spend forecast tool: what the days ahead will cost, with a band, where the past is long enough. */
import * as z from "zod";
import { usd } from "../core/grounding/figures.ts";
import type { Tool } from "../core/tool.ts";
import { counted, plural } from "../protocol/plural.ts";
import { toolScope } from "../protocol/scopes.ts";
import { daysFrom, shiftDay } from "../usage/calendar.ts";
import {
  Band,
  dailyBands,
  FORECAST_DAYS,
  forecast,
  runRate,
  totalBand,
} from "../usage/statistics/forecast.ts";
import { spendSeries } from "../usage/statistics/spend-series.ts";
import { defineTool } from "./define-tool.ts";
import { answerWith, findings, summaryOf, UsageAnswer } from "./usage-answer.ts";
import { describeScope, resolveScope, type UsageTools, usageInput } from "./usage-scope.ts";

/** Days of the past that a forecast looks at, unless another window is asked for. */
export const PAST_DAYS = 90;

const Output = UsageAnswer.extend({
  horizon_days: z.number().int(),
  past_days: z.number().int().describe("Whole days that the forecast stands on"),
  past_days_needed: z.number().int().describe("For a band"),
  run_rate_usd_per_day: z.number().nullable().describe("The mean of the past days"),
  total: Band.nullable().describe("Of the whole horizon; null where only a run rate can be given"),
  past: z.array(z.object({ day: z.string(), usd: z.number() })).describe("For charts"),
  days: z.array(Band.extend({ day: z.string() })).describe("Each day ahead"),
});

/** @returns the tool over a usage store. */
export function spendForecast(tools: UsageTools): Tool {
  return defineTool({
    name: "spend_forecast",
    permission: toolScope("spend_forecast"),
    description:
      "Forecasts the cost of LLM use over the days ahead, from the trend and the weekends of the past: the median, and the band that holds eight of ten outcomes, for each day and in total. With under 28 days of records it gives a run rate and no band. Call it for what will be spent.",
    input: z.strictObject({
      ...usageInput,
      horizon_days: z.number().int().min(1).max(90).default(30).describe("Days ahead"),
    }),
    output: Output,
    readOnly: true,
    timeoutMs: 20_000,
    operation: ({ horizon_days, ...args }) =>
      `Forecasts the cost of the next ${counted(horizon_days, "day")} from the records ${describeScope(args, PAST_DAYS)}, to see what is to be spent.`,
    async run({ horizon_days: horizon, ...args }, context) {
      const resolved = await resolveScope(tools, args, context, PAST_DAYS);
      const { scope, calendar, extent } = resolved;
      const { days: past, sums } = await spendSeries(tools.usage, scope, calendar, extent);
      const first = shiftDay(past.at(-1)?.day ?? "1970-01-01", 1);
      const ahead = daysFrom(first, shiftDay(first, horizon));
      const priced = sums.priced_records > 0;
      const paths = priced ? forecast(past, ahead) : null;
      const total = paths && totalBand(paths);
      const rate = priced ? runRate(past) : null;
      const value = total?.p50 ?? (rate === null ? null : rate * horizon);
      const answer = await answerWith(
        tools.usage,
        "spend_forecast",
        resolved,
        sums,
        {
          figure: "total",
          value,
          unit: "USD",
          interval: total && { low: total.p10, high: total.p90 },
          basis: "simulated",
          notAssessable: value === null ? whyNot(priced) : null,
          assumptions: value === null ? [] : assumptionsOf(total !== null, past.length),
        },
        { horizon },
      );
      const bands = paths ? dailyBands(paths) : [];
      const output = {
        ...answer,
        horizon_days: horizon,
        past_days: past.length,
        past_days_needed: FORECAST_DAYS,
        run_rate_usd_per_day: rate,
        total,
        past: past.map(({ day, usd }) => ({ day, usd })),
        days: bands.flatMap((band, index) => ({ day: ahead[index] ?? "", ...band })),
      };
      return {
        output: {
          ...output,
          summary: summaryOf(answer, () => inWords(output, first)),
        },
        findings: [
          ...findings(
            sums.records,
            [
              [
                `forecast cost of ${counted(horizon, "day")}`,
                total?.p50 ?? null,
                "USD",
                answer.interval,
              ],
              [`run-rate cost of ${counted(horizon, "day")}`, total ? null : value, "USD"],
            ],
            "simulated",
          ),
          ...findings(sums.records, [["cost a day", rate, "USD"]]),
        ],
      };
    },
  });
}

function whyNot(priced: boolean): string {
  return priced
    ? "The records cover no whole day, so there is no rate to go by. It takes one day at least, and 28 for a band."
    : "No record has a known price, so no cost can be forecast. It takes a price for the models in use.";
}

function assumptionsOf(hasBand: boolean, pastDays: number): string[] {
  return hasBand
    ? [
        "The interval holds 80 % of 1,000 simulated futures (P10 to P90): trend and weekends of the past, and its chances drawn again. What the past never held, such as a new feature or price, is not in it.",
        "Chances of days are taken as independent: where costs stay high or low for days on end, the band is too narrow.",
        "Days covered only in part are left out.",
      ]
    : [
        `Only ${counted(pastDays, "whole day is", "whole days are")} usable, under the ${FORECAST_DAYS} that a forecast takes: this is the mean day, times the horizon, with no interval.`,
      ];
}

function inWords(answer: Omit<z.infer<typeof Output>, "summary">, first: string): string {
  const { total, horizon_days, past_days, past_days_needed, run_rate_usd_per_day, value } = answer;
  const pace = `The ${counted(past_days, "whole day")} before cost ${usd(run_rate_usd_per_day)} a day.`;
  return total
    ? `The ${counted(horizon_days, "day")} from ${first} ${plural(horizon_days, "is", "are")} forecast to cost **${usd(total.p50)}** (P50); eight of ten futures lie between ${usd(total.p10)} (P10) and ${usd(total.p90)} (P90). ${pace}`
    : `At the run rate, the ${counted(horizon_days, "day")} from ${first} would cost ${usd(value)}. ${pace} A forecast with a band takes ${counted(past_days_needed, "whole day")}, so there is none.`;
}
