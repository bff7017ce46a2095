/** What the evaluations of cheaper models came to, as the portfolio tells it: they decide what is in its total. */
import * as z from "zod";
import type { ToolFinding } from "../core/tool.ts";
import type { RightSizeOpportunity } from "../usage/replay/right-size-opportunity.ts";
import { MIN_PASS } from "./lever-opportunities.ts";
import { findings, Interval } from "./usage-answer.ts";

export const PairEvaluation = z.object({
  subject: z.string().describe("The models, and where their evaluations come from"),
  items: z.number().int().min(1),
  pass_pct: z.number(),
  pass_interval_pct: Interval.describe("Wilson's 95 % bounds"),
  asked_pct: z.number().describe("The least that the lower bound has to reach"),
  from_p95_ms: z.number().nullable(),
  to_p95_ms: z.number().nullable(),
});
export type PairEvaluation = z.infer<typeof PairEvaluation>;

/** @returns what is told of each pair of models that was evaluated. */
export function evaluationsOf(moves: readonly RightSizeOpportunity[]): PairEvaluation[] {
  return moves.flatMap(({ subject, result }) =>
    result === null
      ? []
      : {
          subject: subject ?? "",
          items: result.items,
          pass_pct: 100 * result.pass.value,
          pass_interval_pct: { low: 100 * result.pass.low, high: 100 * result.pass.high },
          asked_pct: 100 * MIN_PASS,
          from_p95_ms: result.fromP95,
          to_p95_ms: result.toP95,
        },
  );
}

/** @returns the same as figures, which the reasons for leaving a pair out are made of. */
export function evaluationFindings(evaluations: readonly PairEvaluation[]): ToolFinding[] {
  return evaluations.flatMap(({ subject, items, ...told }) =>
    findings(items, [
      [`pass share: ${subject}`, told.pass_pct, "%", told.pass_interval_pct],
      [`pass share asked for: ${subject}`, told.asked_pct, "%"],
      [`p95 of the model in use: ${subject}`, told.from_p95_ms, "ms"],
      [`p95 of the cheaper model: ${subject}`, told.to_p95_ms, "ms"],
    ]),
  );
}
