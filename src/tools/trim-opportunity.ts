/** The trim tool: what cutting answers, reasoning or prompts out of the ordinary would save. */
import * as z from "zod";
import { inSlices } from "../core/slices.ts";
import type { Tool } from "../core/tool.ts";
import { toolScope } from "../protocol/scopes.ts";
import { planTrim } from "../usage/replay/trim.ts";
import { defineTool } from "./define-tool.ts";
import { LeverAnswer, leverAnswer } from "./lever-answer.ts";
import { replayTrim } from "./lever-replays.ts";
import { replayScope } from "./replay-scope.ts";
import { describeScope, type UsageTools, usageInput } from "./usage-scope.ts";

const MOST_LENGTHS = 20;

const Output = LeverAnswer.extend({
  what: z.enum(["output", "reasoning", "context"]),
  usual: z
    .array(
      z.object({
        feature: z.string().nullable(),
        median_tokens: z.number(),
        usual_tokens: z.number().describe("The mean of the ordinary ones: what is cut to"),
        limit_tokens: z.number().describe("Beyond it a length is out of the ordinary"),
      }),
    )
    .describe("Features with at least 100 calls"),
});

/** @returns the tool over a usage store. */
export function trimOpportunityTool(tools: UsageTools): Tool {
  return defineTool({
    name: "trim_opportunity",
    permission: toolScope("trim_opportunity"),
    description:
      "Finds answers, reasoning or prompts far longer than is usual in their feature, and computes what cutting them to the usual length would save. Removed tokens that were read from a cache are priced as such.",
    input: z.strictObject({
      ...usageInput,
      what: z.enum(["output", "reasoning", "context"]).default("context"),
    }),
    output: Output,
    readOnly: true,
    timeoutMs: 60_000,
    operation: ({ what, ...args }) =>
      `Compares the length of each ${what} with what is usual in its feature, ${describeScope(args)}, to see what the excess costs.`,
    async run({ what, ...args }, context) {
      const replay = await replayScope(tools, args, context);
      const { workload, pace } = replay;
      const answer = await leverAnswer(tools, replay, await replayTrim(replay, [what]), {
        tool: "trim_opportunity",
        question: { what },
      });
      const plan = await inSlices(planTrim(workload, what), pace);
      const usual = plan.usual.flatMap((lengths, feature) =>
        lengths === null
          ? []
          : {
              feature: workload.features[feature] ?? null,
              median_tokens: lengths.median,
              usual_tokens: lengths.mean,
              limit_tokens: lengths.limit,
            },
      );
      return {
        output: { ...answer.output, what, usual: usual.slice(0, MOST_LENGTHS) },
        findings: answer.findings,
      };
    },
  });
}
