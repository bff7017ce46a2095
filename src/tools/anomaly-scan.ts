/** The anomaly scan tool: days that cost far more than days like them, and what drove them. */
import * as z from "zod";
import { count, signedUsd, usd } from "../core/grounding/figures.ts";
import { table } from "../core/markdown.ts";
import type { Tool } from "../core/tool.ts";
import { counted } from "../protocol/plural.ts";
import { toolScope } from "../protocol/scopes.ts";
import { shiftDay, startOfDay } from "../usage/calendar.ts";
import {
  type AssessedDay,
  assessDays,
  FLAG_ABOVE_RATIO,
  FLAG_ABOVE_Z,
  LEAST_BASELINE_DAYS,
} from "../usage/statistics/anomalies.ts";
import { Driver, driversOf } from "../usage/statistics/drivers.ts";
import { spendSeries } from "../usage/statistics/spend-series.ts";
import { defineTool } from "./define-tool.ts";
import { answerWith, findings, summaryOf, UsageAnswer } from "./usage-answer.ts";
import {
  describeScope,
  type ResolvedScope,
  resolveScope,
  type UsageTools,
  usageInput,
} from "./usage-scope.ts";

const PAST_DAYS = 90;
/** Flagged days that are told; of them those whose drivers are looked up. */
const MAX_FLAGGED = 20;
const MAX_EXPLAINED = 5;
const MAX_SERIES = 120;
/** Days before a flagged one that its drivers are held against. */
const USUAL_DAYS = 28;

const Day = z.object({
  day: z.string(),
  usd: z.number(),
  expected_usd: z.number().describe("The median of the days of its type before it"),
  excess_usd: z.number(),
  ratio: z.number(),
  z: z.number().describe("Robust standard deviations above them, of ln(cost)"),
});

const Output = UsageAnswer.extend({
  assessed_days: z.number().int(),
  unassessed_days: z.number().int().describe("Too few days like them before, or no cost"),
  excess_floor_usd: z.number(),
  flagged: z.array(Day.extend({ drivers: z.array(Driver) })).describe("The largest excess first"),
  flagged_days: z.number().int().describe("Also those past the list"),
  series: z
    .array(Day.pick({ day: true, usd: true, expected_usd: true }))
    .describe("The latest days, for charts"),
});

/** @returns the tool over a usage store. */
export function anomalyScan(tools: UsageTools): Tool {
  return defineTool({
    name: "anomaly_scan",
    permission: toolScope("anomaly_scan"),
    description:
      "Finds days whose cost is far above that of weekdays or weekend days before them, by a robust score, and the features and models that drove the excess. Call it for spikes, runaway agents and what broke the budget.",
    input: z.strictObject({
      ...usageInput,
      min_excess_usd: z
        .number()
        .min(0)
        .max(1e9)
        .default(10)
        .describe("Days with less than this above the usual are not flagged"),
    }),
    output: Output,
    readOnly: true,
    timeoutMs: 20_000,
    operation: ({ min_excess_usd: _, ...args }) =>
      `Looks for days of unusual cost ${describeScope(args, PAST_DAYS)}, to see what went wrong and when.`,
    async run({ min_excess_usd: floor, ...args }, context) {
      const resolved = await resolveScope(tools, args, context, PAST_DAYS);
      const { scope, calendar, extent } = resolved;
      const { days, sums } = await spendSeries(tools.usage, scope, calendar, extent);
      const assessed = assessDays(days, floor);
      const all = assessed
        .filter(({ flagged }) => flagged)
        .toSorted((left, right) => right.excessUsd - left.excessUsd);
      const flagged = await Promise.all(
        all.slice(0, MAX_FLAGGED).map(async (day, rank) => ({
          ...wireDay(day),
          drivers: rank < MAX_EXPLAINED ? await explain(tools, resolved, day.day) : [],
        })),
      );
      const excess = all.reduce((sum, day) => sum + day.excessUsd, 0);
      const answer = await answerWith(
        tools.usage,
        "anomaly_scan",
        resolved,
        sums,
        {
          figure: "excess",
          value: assessed.length > 0 ? excess : null,
          unit: "USD",
          notAssessable: assessed.length > 0 ? null : TOO_FEW_DAYS,
          assumptions: assessed.length > 0 ? ASSUMPTIONS : [],
        },
        { floor },
      );
      const output = {
        ...answer,
        assessed_days: assessed.length,
        unassessed_days: days.length - assessed.length,
        excess_floor_usd: floor,
        flagged,
        flagged_days: all.length,
        series: assessed.slice(-MAX_SERIES).map(wireDay),
      };
      return {
        output: {
          ...output,
          summary: summaryOf(answer, () => inWords(output)),
        },
        findings: assessed.length > 0 ? headlines(output) : [],
      };
    },
  });
}

const TOO_FEW_DAYS = `No day has ${LEAST_BASELINE_DAYS} whole days of its type, with a known cost, before it. It takes about two weeks of records for weekdays, and five for weekends.`;

const ASSUMPTIONS = [
  `A day is flagged where ln(cost) is over ${FLAG_ABOVE_Z} robust standard deviations above the median of the latest days of its type (up to 28, weekdays or weekend days), the cost over ${FLAG_ABOVE_RATIO} times that median, and the excess over the floor.`,
  "Drivers are features and models against their own mean of the days before; their excess does not add up to the day's.",
];

/** What of a day cost more than on the days before it. */
async function explain(
  { usage }: UsageTools,
  { scope, calendar, extent }: ResolvedScope,
  day: string,
): Promise<Driver[]> {
  const from = startOfDay(calendar, day);
  const to = startOfDay(calendar, shiftDay(day, 1));
  const usual = startOfDay(calendar, shiftDay(day, -USUAL_DAYS));
  const begins = Math.max(scope.from, extent?.first ?? scope.from, usual);
  const by = ["feature", "model"] as const;
  const [then, before] = await Promise.all([
    usage.groups({ ...scope, from, to }, by),
    usage.groups({ ...scope, from: begins, to: from }, by),
  ]);
  return driversOf(then, before, (to - from) / (from - begins));
}

function wireDay({ day, usd, expectedUsd, excessUsd, z }: AssessedDay): z.infer<typeof Day> {
  return {
    day,
    usd,
    expected_usd: expectedUsd,
    excess_usd: excessUsd,
    ratio: usd / expectedUsd,
    z,
  };
}

type Scan = Omit<z.infer<typeof Output>, "summary">;

function headlines({ flagged, flagged_days, value, assessed_days, n_records }: Scan) {
  return [
    ...findings(n_records, [
      ["days of unusual cost", flagged_days, "days"],
      ["assessed days", assessed_days, "days"],
      ["excess cost of unusual days", value, "USD"],
    ]),
    ...flagged.flatMap(({ day, drivers: [driver], ...row }) =>
      findings(n_records, [
        [`cost on ${day}`, row.usd, "USD"],
        [`expected cost on ${day}`, row.expected_usd, "USD"],
        [`excess cost on ${day}`, row.excess_usd, "USD"],
        [`excess cost of the main driver on ${day}`, driver?.excess_usd ?? null, "USD"],
      ]),
    ),
  ];
}

function inWords(scan: Scan): string {
  const { flagged, flagged_days, assessed_days, unassessed_days, value } = scan;
  const unassessed =
    unassessed_days > 0 ? ` ${count(unassessed_days)} more could not be assessed.` : "";
  if (flagged.length === 0) {
    return `None of ${counted(assessed_days, "assessed day")} cost unusually much.${unassessed}`;
  }
  const lines = flagged.map(({ day, drivers: [driver], ...row }) => [
    day,
    usd(row.usd),
    usd(row.expected_usd),
    usd(row.excess_usd),
    driver
      ? `${driver.feature ?? "(not set)"} · ${driver.model ?? "(not set)"} (${signedUsd(driver.excess_usd)})`
      : "–",
  ]);
  const head = ["day", "cost", "expected", "excess", "mostly from"];
  return `${count(flagged_days)} of ${counted(assessed_days, "assessed day")} cost unusually much, ${usd(value)} above what is expected of them.${unassessed}\n\n${table(head, lines)}`;
}
