/** What every tool of one lever answers: the saving of a month, of the window, and by feature. */
import * as z from "zod";
import { count, percentage, usd } from "../core/grounding/figures.ts";
import { plain, table } from "../core/markdown.ts";
import type { ToolFinding } from "../core/tool.ts";
import { Estimate, LatencyEffect, Lever } from "../protocol/optimization.ts";
import { counted, measured } from "../protocol/plural.ts";
import { monthlySaving, type Opportunity } from "../usage/replay/opportunity.ts";
import { BOUNDED_DAYS, noMonth, wholeDays } from "../usage/statistics/monthly.ts";
import { percent } from "../usage/sums.ts";
import type { ReplayScope } from "./replay-scope.ts";
import {
  answerWith,
  emptySummary,
  findings,
  type Interval,
  period,
  shortenedInWords,
  UsageAnswer,
} from "./usage-answer.ts";
import type { UsageTools } from "./usage-scope.ts";

const MOST_FEATURES = 10;

/** The fields all tools of one lever answer with; each adds its own. */
export const LeverAnswer = UsageAnswer.extend({
  lever: Lever,
  window_saving_usd: Estimate.nullable().describe("What it would have saved in the window"),
  monthly_saving_usd: Estimate.nullable(),
  saving_pct: z.number().nullable().describe("Of the known cost in the window"),
  calls_changed: z.number().int().describe("Calls whose cost would be another"),
  latency_effect: LatencyEffect,
  left_out: z.string().nullable().describe("Why it is in no total; null where it is in"),
  features: z
    .array(z.object({ feature: z.string().nullable(), usd: z.number(), calls: z.number().int() }))
    .describe("Those that save most"),
  features_left_out: z.number().int().min(0).describe("Features that save less than those"),
});
export type LeverAnswer = z.infer<typeof LeverAnswer>;

interface Question {
  readonly tool: string;
  /** What, besides the scope, the answer depends on. */
  readonly question: unknown;
  /** Sentences and tables of the tool's own, after the common ones. */
  readonly details?: readonly string[];
}

/** @returns the answer of a lever's tool, and its findings. */
export async function leverAnswer(
  { usage }: UsageTools,
  replay: ReplayScope,
  opportunity: Opportunity,
  { tool, question, details = [] }: Question,
): Promise<{ output: LeverAnswer; findings: ToolFinding[] }> {
  const { resolved, sums } = replay;
  const { estimate, saving, leftOut } = opportunity;
  const notAssessable = replay.notAssessable ?? opportunity.notAssessable;
  const known = notAssessable === null && sums.priced_records > 0;
  const tooShort = noMonth(replay.days);
  const window = { days: replay.days, spendUsd: sums.cost_usd };
  const aMonth = known && tooShort === null ? monthlySaving(estimate, saving.days, window) : null;
  const bounds = hasBounds(replay) ? intervalOf(aMonth) : null;
  const answer = await answerWith(
    usage,
    tool,
    resolved,
    sums,
    {
      figure: "monthly_saving",
      value: aMonth?.value ?? null,
      unit: "USD a month",
      interval: bounds,
      basis: opportunity.basis,
      notAssessable: notAssessable ?? tooShort,
      assumptions: [...(aMonth ? [aboutMonth(replay)] : []), ...opportunity.assumptions],
    },
    question,
  );
  const features = saving.features
    .slice(0, MOST_FEATURES)
    .map(({ feature, usd: saved, records }) => ({ feature, usd: saved, calls: records }));
  const share = known ? percent(estimate.value, sums.cost_usd) : null;
  // A rejected lever's figures are told, and never to be taken for a saving.
  const rejected = leftOut === null ? "" : ", in no total";
  const name = tool.replaceAll("_", " ");
  const output: LeverAnswer = {
    ...answer,
    evidence: {
      ...answer.evidence,
      sample_record_ids:
        saving.examples.length > 0 ? [...saving.examples] : answer.evidence.sample_record_ids,
    },
    lever: opportunity.lever,
    window_saving_usd: known ? estimate : null,
    monthly_saving_usd: aMonth,
    saving_pct: share,
    calls_changed: saving.records,
    latency_effect: opportunity.latencyEffect,
    left_out: leftOut,
    features,
    features_left_out: saving.features.length - features.length,
    summary: "",
  };
  const summary =
    sums.records === 0
      ? emptySummary(resolved.scope)
      : [
          inWords(output, opportunity.title, period(resolved.scope)),
          ...(known ? details : []),
        ].join("\n\n");
  return {
    output: { ...output, summary },
    findings: findings(
      saving.records,
      [
        [`${name} monthly saving${rejected}`, aMonth?.value ?? null, "USD a month", bounds],
        [
          `${name} saving in the window${rejected}`,
          known ? estimate.value : null,
          "USD",
          intervalOf(output.window_saving_usd),
        ],
        [`${name} share of the cost${rejected}`, share, "%"],
      ],
      opportunity.basis,
    ),
  };
}

function inWords(output: LeverAnswer, title: string, when: string): string {
  const { monthly_saving_usd: month, window_saving_usd: window, features } = output;
  const reason = output.not_assessable ?? "No record in scope has a known price.";
  if (!window) return reason;
  const sentences = [
    `${plain(title)}: from ${when}, this would have saved ${range(window)}, ${percentage(output.saving_pct)} of the known cost, in ${counted(output.calls_changed, "call")}.`,
    month ? `That is ${range(month)} a month.` : reason,
    ...(output.left_out ? [`It counts in no total: ${output.left_out}.`] : []),
  ];
  if (features.length === 0) return sentences.join(" ");
  sentences.push(...shortenedInWords(features.length, features.length + output.features_left_out));
  const rows = features.map((row) => [row.feature ?? "(not set)", usd(row.usd), count(row.calls)]);
  return `${sentences.join(" ")}\n\n${table(["feature", "saving", "calls"], rows)}`;
}

/** @returns "$5.00 ($4.00 to $6.00)". */
export function range({ value, low, high }: Estimate): string {
  return `${usd(value)} (${usd(low)} to ${usd(high)})`;
}

function intervalOf(estimate: Estimate | null): Interval | null {
  return estimate && { low: estimate.low, high: estimate.high };
}

/** @returns whether enough days were seen for a figure of a month to have bounds. */
export function hasBounds({ days }: ReplayScope): boolean {
  return wholeDays(days) >= BOUNDED_DAYS;
}

/** @returns how a month was made of the window, and what its bounds mean. */
export function aboutMonth(replay: ReplayScope): string {
  const mean = "Monthly figures are the window's mean day, 30.4375 times";
  return hasBounds(replay)
    ? `${mean}; the bounds hold the spread of its days (95 %) beside the assumptions.`
    : `${mean}. The records reach over ${measured(replay.days, "day")}: under ${BOUNDED_DAYS} they say nothing of how days differ, so a month has no interval. What is told as its bounds is certain: that nothing is saved, or all that is spent.`;
}

/** @returns a name from the records in running text. */
export function named(label: string | null): string {
  return plain(label ?? "(not set)");
}
