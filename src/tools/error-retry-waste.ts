/** The error and retry waste tool: what calls cost that came to nothing. */
import * as z from "zod";
import { count, percentage, usd } from "../core/grounding/figures.ts";
import { table } from "../core/markdown.ts";
import type { Tool } from "../core/tool.ts";
import { counted } from "../protocol/plural.ts";
import { toolScope } from "../protocol/scopes.ts";
import { DAY_MS } from "../usage/calendar.ts";
import { MONTH_DAYS, monthly, noMonth } from "../usage/statistics/monthly.ts";
import { FAILURES_BY, type WasteReport, wasteReport } from "../usage/statistics/retry-waste.ts";
import { percent, sumUsage } from "../usage/sums.ts";
import { coveredScope } from "./covered-scope.ts";
import { defineTool } from "./define-tool.ts";
import {
  answerWith,
  type Figure,
  findings,
  period,
  shortenedInWords,
  summaryOf,
  UsageAnswer,
} from "./usage-answer.ts";
import { describeScope, resolveScope, type UsageTools, usageInput } from "./usage-scope.ts";

const BUCKETS_ONLY =
  "The records are sums over buckets, which do not tell calls apart. It takes records of single calls, with status, tokens and logical_request_id.";

/** Rows of the answer; the rest is summed up in the totals. */
const MAX_PARTS = 20;
const TABLE_ROWS = 10;

const Part = z.object({
  reason: z.enum(["failed", "superseded"]),
  error_type: z.string().nullable(),
  feature: z.string().nullable(),
  calls: z.number().int(),
  wasted_usd: z.number(),
});

const Output = UsageAnswer.extend({
  calls: z.number().int(),
  failed_calls: z.number().int(),
  superseded_calls: z.number().int().describe("Succeeded, and yet a later attempt was made"),
  failed_usd: z.number().nullable(),
  superseded_usd: z.number().nullable(),
  wasted_share_pct: z.number().nullable().describe("Of the known cost"),
  monthly_usd: z.number().nullable(),
  parts: z.array(Part).describe("The costliest first"),
  parts_left_out: z.number().int(),
});

/** @returns the tool over a usage store. */
export function errorRetryWaste(tools: UsageTools): Tool {
  return defineTool({
    name: "error_retry_waste",
    permission: toolScope("error_retry_waste"),
    description:
      "Computes what calls cost that came to nothing: failed calls that used tokens, and attempts that a later attempt at the same request took the place of, each counted once, by error and feature. A lower bound. Call it for the price of errors and retries.",
    input: z.strictObject(usageInput),
    output: Output,
    readOnly: true,
    timeoutMs: 30_000,
    operation: (args) =>
      `Adds up the cost of failed calls and superseded attempts ${describeScope(args)}, to see what errors and retries waste.`,
    async run(args, context) {
      const resolved = coveredScope(await resolveScope(tools, args, context));
      const { scope } = resolved;
      // One after the other: both read every record, and each has its own time to answer in.
      const groups = await tools.usage.groups(scope, FAILURES_BY);
      const superseded = await tools.usage.superseded(scope);
      const sums = sumUsage(groups.map((group) => group.sums));
      const waste = wasteReport(groups, superseded);
      const assessable = waste.calls > 0;
      const tooShort = noMonth((scope.to - scope.from) / DAY_MS);
      const wastedUsd = waste.failedUsd + waste.supersededUsd;
      const answer = await answerWith(tools.usage, "error_retry_waste", resolved, sums, {
        figure: "waste",
        value: assessable ? wastedUsd : null,
        unit: "USD",
        notAssessable: assessable ? null : BUCKETS_ONLY,
        assumptions: assessable ? assumptionsOf(waste, tooShort) : [],
      });
      const parts = waste.parts.map(({ reason, errorType, feature, calls, usd }) => ({
        reason,
        error_type: errorType,
        feature,
        calls,
        wasted_usd: usd,
      }));
      const output = {
        ...answer,
        calls: waste.calls,
        failed_calls: waste.failedCalls,
        superseded_calls: waste.supersededCalls,
        failed_usd: assessable ? waste.failedUsd : null,
        superseded_usd: assessable ? waste.supersededUsd : null,
        wasted_share_pct: assessable ? percent(wastedUsd, sums.cost_usd) : null,
        monthly_usd: assessable && tooShort === null ? monthly(wastedUsd, scope) : null,
        parts: parts.slice(0, MAX_PARTS),
        parts_left_out: Math.max(0, parts.length - MAX_PARTS),
      };
      return {
        output: {
          ...output,
          summary: summaryOf(answer, () => inWords(output, period(scope))),
        },
        findings: assessable
          ? findings(waste.calls, [
              ["wasted cost", output.value, "USD"],
              ["wasted cost a month", output.monthly_usd, "USD"],
              ["wasted share of the cost", output.wasted_share_pct, "%"],
              ["cost of failed calls", output.failed_usd, "USD"],
              ["cost of superseded attempts", output.superseded_usd, "USD"],
              ["failed calls", output.failed_calls, "calls"],
              // Named by their place: labels of the records are no names of figures.
              ...shown(output.parts).map(
                ({ wasted_usd }, index): Figure => [
                  `wasted on the costliest part, no. ${index + 1}`,
                  wasted_usd,
                  "USD",
                ],
              ),
            ])
          : [],
      };
    },
  });
}

/** The parts that a summary shows: those that cost something. */
function shown(parts: readonly z.infer<typeof Part>[]) {
  return parts.slice(0, TABLE_ROWS).filter(({ wasted_usd }) => wasted_usd > 0);
}

function assumptionsOf(waste: WasteReport, tooShort: string | null): string[] {
  return [
    "A lower bound: failures without recorded tokens count nothing, nor do retries of calls that name no request, and attempts outside the window.",
    tooShort ?? `A month is ${MONTH_DAYS} days at the rate of this window.`,
    ...(waste.unpricedCalls > 0
      ? [
          `${counted(waste.unpricedCalls, "failed or superseded call has no known price and counts", "failed or superseded calls have no known price and count")} nothing.`,
        ]
      : []),
  ];
}

function inWords(answer: Omit<z.infer<typeof Output>, "summary">, when: string): string {
  const aMonth = answer.monthly_usd === null ? "" : `, ${usd(answer.monthly_usd)} a month`;
  const sentences = `From ${when}, ${count(answer.failed_calls)} of ${counted(answer.calls, "call")} failed. At least ${usd(answer.value)} came to nothing (${percentage(answer.wasted_share_pct)} of the cost${aMonth}): ${usd(answer.failed_usd)} for failed calls that used tokens, ${usd(answer.superseded_usd)} for ${counted(answer.superseded_calls, "attempt that succeeded and was", "attempts that succeeded and were")} made again.`;
  const parts = shown(answer.parts);
  if (parts.length === 0) return sentences;
  const lines = parts.map((part) => [
    part.reason,
    part.error_type ?? "–",
    part.feature ?? "(not set)",
    count(part.calls),
    usd(part.wasted_usd),
  ]);
  const all =
    answer.parts.filter(({ wasted_usd }) => wasted_usd > 0).length + answer.parts_left_out;
  const told = [sentences, ...shortenedInWords(parts.length, all)].join(" ");
  return `${told}\n\n${table(["reason", "error", "feature", "calls", "wasted"], lines)}`;
}
