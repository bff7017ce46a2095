/** The error and retry waste tool: what calls cost that came to nothing. */
import * as z from "zod";
import type { Tool } from "../core/tool.ts";
import { toolScope } from "../protocol/scopes.ts";
import { MONTH_DAYS, monthly } from "../usage/statistics/monthly.ts";
import { WasteCount, type WasteReport } from "../usage/statistics/retry-waste.ts";
import type { Scope } from "../usage/store.ts";
import { percent } from "../usage/sums.ts";
import { defineTool } from "./define-tool.ts";
import { count, percentage, table, usd } from "./figures.ts";
import { boundedToReplay } from "./replay-window.ts";
import { answerWith, findings, period, summaryOf, UsageAnswer } from "./usage-answer.ts";
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
  charged_failed_calls: z.number().int().describe("Failed calls that used tokens"),
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
      const resolved = await boundedToReplay(tools, await resolveScope(tools, args, context));
      const { scope, sums } = resolved;
      const waste = await countWaste(tools, scope);
      const assessable = waste.calls > 0;
      const wastedUsd = waste.failedUsd + waste.supersededUsd;
      const answer = await answerWith(tools.usage, "error_retry_waste", resolved, sums, {
        figure: "waste",
        value: assessable ? wastedUsd : null,
        unit: "USD",
        notAssessable: assessable ? null : BUCKETS_ONLY,
        assumptions: assessable ? assumptionsOf(waste) : [],
      });
      const parts = waste.parts.map(({ errorType, usd: wasted_usd, ...part }) => ({
        ...part,
        error_type: errorType,
        wasted_usd,
      }));
      const output = {
        ...answer,
        calls: waste.calls,
        failed_calls: waste.failedCalls,
        charged_failed_calls: waste.chargedFailedCalls,
        superseded_calls: waste.supersededCalls,
        failed_usd: assessable ? waste.failedUsd : null,
        superseded_usd: assessable ? waste.supersededUsd : null,
        wasted_share_pct: assessable ? percent(wastedUsd, sums.cost_usd) : null,
        monthly_usd: assessable ? monthly(wastedUsd, scope) : null,
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
            ])
          : [],
      };
    },
  });
}

async function countWaste({ usage }: UsageTools, scope: Scope): Promise<WasteReport> {
  const waste = new WasteCount();
  for await (const calls of usage.scan(scope)) waste.add(calls);
  return waste.report();
}

function assumptionsOf(waste: WasteReport): string[] {
  const nameless = waste.calls - waste.callsWithRequest;
  return [
    "A lower bound: failures without recorded tokens count nothing, nor do attempts outside the window.",
    `A month is ${MONTH_DAYS} days at the rate of this window.`,
    ...(nameless > 0
      ? [
          `${count(nameless)} of ${count(waste.calls)} calls name no request, so their retries cannot be seen.`,
        ]
      : []),
    ...(waste.unpricedCalls > 0
      ? [`${count(waste.unpricedCalls)} wasted calls have no known price and count nothing.`]
      : []),
  ];
}

function inWords(answer: Omit<z.infer<typeof Output>, "summary">, when: string): string {
  const sentences = `From ${when}, ${count(answer.failed_calls)} of ${count(answer.calls)} calls failed. At least ${usd(answer.value)} came to nothing (${percentage(answer.wasted_share_pct)} of the cost, ${usd(answer.monthly_usd)} a month): ${usd(answer.failed_usd)} for ${count(answer.charged_failed_calls)} failed calls that used tokens, ${usd(answer.superseded_usd)} for ${count(answer.superseded_calls)} attempts that succeeded and were made again.`;
  if (answer.parts.length === 0) return sentences;
  const lines = answer.parts
    .slice(0, TABLE_ROWS)
    .map((part) => [
      part.reason,
      part.error_type ?? "–",
      part.feature ?? "(not set)",
      count(part.calls),
      usd(part.wasted_usd),
    ]);
  return `${sentences}\n\n${table(["reason", "error", "feature", "calls", "wasted"], lines)}`;
}
