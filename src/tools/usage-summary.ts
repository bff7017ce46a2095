/** The usage summary tool: requests, tokens, cost, error rate and cache-read share of a window. */
import * as z from "zod";
import { count, percentage, usd } from "../core/grounding/figures.ts";
import type { Tool } from "../core/tool.ts";
import { counted } from "../protocol/plural.ts";
import { toolScope } from "../protocol/scopes.ts";
import { summarize, UsageSummary } from "../usage/summary.ts";
import { NO_USAGE } from "../usage/sums.ts";
import { defineTool } from "./define-tool.ts";
import {
  costAnswer,
  emptySummary,
  findings,
  period,
  requestsInWords,
  UsageAnswer,
  unpricedInWords,
} from "./usage-answer.ts";
import { describeScope, resolveScope, type UsageTools, usageInput } from "./usage-scope.ts";

/** Computed and reported cost that differ by more than this come first in the summary; percent. */
const NOTABLE_GAP = 5;

const Output = UsageAnswer.extend(UsageSummary.shape);

/** @returns the tool over a usage store. */
export function usageSummary(tools: UsageTools): Tool {
  return defineTool({
    name: "usage_summary",
    permission: toolScope("usage_summary"),
    description:
      "Computes the requests, tokens, cost in USD, error rate and cache-read share of LLM use in a window. Call it first, to know how much is used and spent.",
    input: z.strictObject(usageInput),
    output: Output,
    readOnly: true,
    timeoutMs: 20_000,
    operation: (args) =>
      `Sums requests, tokens, cost and errors ${describeScope(args)}, to see how much is used and spent.`,
    async run(args, context) {
      const resolved = await resolveScope(tools, args, context);
      const [group] = await tools.usage.groups(resolved.scope, []);
      const sums = group?.sums ?? NO_USAGE;
      const facts = summarize(sums);
      const answer = await costAnswer(tools.usage, "usage_summary", resolved, sums);
      const summary = group
        ? inWords(facts, sums.records, period(resolved.scope))
        : emptySummary(resolved.scope);
      return {
        output: { ...answer, ...facts, summary },
        findings: group
          ? findings(sums.records, [
              ["total cost", facts.cost_usd, "USD"],
              ["requests", facts.requests, "requests"],
              ["tokens", facts.tokens, "tokens"],
              ["unpriced records", facts.unpriced_records, "records"],
              ["cost per 1,000 priced requests", facts.cost_per_1k_requests_usd, "USD"],
              ["error rate", facts.error_rate_pct, "%"],
              ["cache-read share", facts.cache_read_share_pct, "%"],
              ["priced share of the reported cost", facts.priced_spend_share_pct, "%"],
            ])
          : [],
      };
    },
  });
}

function inWords(facts: UsageSummary, records: number, when: string): string {
  const { unpriced_records: unpriced } = facts;
  const sentences = [
    `From ${when}, ${requestsInWords(facts.requests)} used ${counted(facts.tokens, "token")} (${count(facts.input_tokens)} input, ${count(facts.output_tokens)} output)`,
    facts.cost_usd === null
      ? " at an unknown cost: no record has a known price."
      : ` and cost ${usd(facts.cost_usd)}${facts.cost_per_1k_requests_usd === null ? "" : `, which is ${usd(facts.cost_per_1k_requests_usd)} per 1,000 requests that have a price`}.`,
    ` ${counted(facts.failed_requests, "request")} failed (${percentage(facts.error_rate_pct)}).`,
    ` ${percentage(facts.cache_read_share_pct)} of the input tokens were read from a cache.`,
    facts.priced_spend_share_pct === null
      ? ""
      : ` The price is known for ${percentage(facts.priced_spend_share_pct)} of the cost that was reported.`,
    unpriced > 0 && facts.cost_usd !== null ? ` ${unpricedInWords(unpriced, records)}` : "",
  ].join("");
  const { reconciliation } = facts;
  if (!reconciliation || Math.abs(reconciliation.gap_pct ?? 0) <= NOTABLE_GAP) return sentences;
  return `**The computed cost does not match the reported one**: ${usd(reconciliation.computed_usd)} computed against ${usd(reconciliation.reported_usd)} reported, over ${counted(reconciliation.records, "record")} (${percentage(reconciliation.gap_pct)}). ${sentences}`;
}
