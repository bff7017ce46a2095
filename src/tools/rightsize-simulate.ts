/** The right-sizing tool: what a cheaper model would save, as far as evaluations show that it suffices. */
import * as z from "zod";
import { milliseconds, percentage } from "../core/grounding/figures.ts";
import type { Tool } from "../core/tool.ts";
import { counted } from "../protocol/plural.ts";
import { toolScope } from "../protocol/scopes.ts";
import { FEWEST_EVALUATIONS, type PairedResult, pairedResult } from "../usage/replay/pass-share.ts";
import type { Scope } from "../usage/store.ts";
import { defineTool } from "./define-tool.ts";
import { LeverAnswer, leverAnswer, named } from "./lever-answer.ts";
import { MIN_PASS, moveOf } from "./lever-opportunities.ts";
import { replayRightSize } from "./lever-replays.ts";
import { replayScope } from "./replay-scope.ts";
import { findings, Interval } from "./usage-answer.ts";
import { describeScope, type UsageTools, usageInput } from "./usage-scope.ts";

const model = z.string().min(1).max(100);

const Output = LeverAnswer.extend({
  from: model,
  to: model,
  mode: z.enum(["classifier", "cascade"]),
  min_pass_pct: z.number(),
  evaluation_set: z.string().nullable().describe("Where none was named the one with most items"),
  evaluations: z.number().int().describe("Items that both models answered"),
  pass_pct: z.number().nullable().describe("How many of them the cheaper model passed"),
  pass_interval_pct: Interval.nullable().describe("Wilson's 95 % bounds"),
  own_pass_pct: z.number().nullable().describe("How many the model in use passed"),
  from_p95_ms: z.number().nullable(),
  to_p95_ms: z.number().nullable(),
});

/** @returns the tool over a usage store and the workspace's evaluations. */
export function rightsizeSimulate(tools: UsageTools): Tool {
  return defineTool({
    name: "rightsize_simulate",
    permission: toolScope("rightsize_simulate"),
    description: `Simulates serving the calls of one model by a cheaper one, for the share that passes its paired evaluations (at least ${FEWEST_EVALUATIONS}), with 95 % bounds. Without evaluations it gives a price gap only, in no total.`,
    input: z.strictObject({
      ...usageInput,
      from: model.describe("The model in use"),
      to: model.describe("The cheaper model"),
      evaluation_set: z
        .string()
        .min(1)
        .max(100)
        .optional()
        .describe("Default: the one with most items, of the feature asked about where it has one"),
      min_pass: z
        .number()
        .min(0)
        .max(1)
        .default(MIN_PASS)
        .describe("The share of items it must pass, by the lower bound"),
      mode: z
        .enum(["classifier", "cascade"])
        .default("classifier")
        .describe("Tell the calls beforehand, or try the cheaper model first and ask again"),
    }),
    output: Output,
    readOnly: true,
    timeoutMs: 60_000,
    operation: ({ from, to, ...args }) =>
      `Simulates the calls of ${from} on ${to}, ${describeScope(args)}, to see what the cheaper model would save where it suffices.`,
    async run({ from, to, evaluation_set, min_pass, mode, ...args }, context) {
      const replay = await replayScope(tools, args, context);
      const { scope } = replay.resolved;
      const set = evaluation_set ?? (await largestSet(tools, scope, from, to));
      const evaluations = await tools.workspaces.evaluations({
        workspaceId: scope.workspaceId,
        fromModel: from,
        toModel: to,
        evaluationSet: set,
      });
      const result = pairedResult(evaluations);
      const found = await replayRightSize(replay, {
        move: moveOf(replay.workload, from, to, evaluations, mode),
        result,
        minPass: min_pass,
      });
      const question = { from, to, set, min_pass, mode };
      const answer = await leverAnswer(tools, replay, found, {
        tool: "rightsize_simulate",
        question,
        details: result ? [inWords(result, from, to)] : [],
      });
      const share = result && 100 * result.pass.value;
      const bounds = result && { low: 100 * result.pass.low, high: 100 * result.pass.high };
      return {
        output: {
          ...answer.output,
          from,
          to,
          mode,
          min_pass_pct: 100 * min_pass,
          evaluation_set: set,
          evaluations: result?.items ?? 0,
          pass_pct: share,
          pass_interval_pct: bounds,
          own_pass_pct: result && 100 * result.fromPass,
          from_p95_ms: result?.fromP95 ?? null,
          to_p95_ms: result?.toP95 ?? null,
        },
        findings: [
          ...answer.findings,
          ...findings(result?.items ?? 0, [
            ["pass share of the cheaper model", share, "%", bounds],
            ["pass share of the model in use", result && 100 * result.fromPass, "%"],
            ["p95 of the cheaper model", result?.toP95 ?? null, "ms"],
            ["p95 of the model in use", result?.fromP95 ?? null, "ms"],
          ]),
        ],
      };
    },
  });
}

/**
 * The set with most items of a pair, of the feature asked about where there is one: pooled with
 * others its pass share would be of neither.
 */
async function largestSet(
  { workspaces }: UsageTools,
  { workspaceId, filters }: Scope,
  from: string,
  to: string,
): Promise<string | null> {
  const pairs = await workspaces.evaluatedPairs(workspaceId);
  const ofPair = pairs
    .filter((pair) => pair.from_model === from && pair.to_model === to)
    .toSorted((left, right) => right.items - left.items);
  const { feature } = filters;
  const chosen = ofPair.find((pair) => feature !== undefined && pair.feature === feature);
  return (chosen ?? ofPair[0])?.evaluation_set ?? null;
}

function inWords(result: PairedResult, from: string, to: string): string {
  const { pass, items, fromPass, fromP95, toP95 } = result;
  return [
    `Of ${counted(items, "item")} that both answered, ${named(to)} passed ${percentage(100 * pass.value)} (${percentage(100 * pass.low)} to ${percentage(100 * pass.high)}), ${named(from)} ${percentage(100 * fromPass)}.`,
    fromP95 === null || toP95 === null
      ? "Too few of them have a latency."
      : `Their p95 latency is ${milliseconds(toP95)} against ${milliseconds(fromP95)}.`,
  ].join(" ");
}
