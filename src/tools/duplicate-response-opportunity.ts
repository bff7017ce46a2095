/** The duplicates tool: what answering exactly repeated questions from a store would save. */
import * as z from "zod";
import type { Tool } from "../core/tool.ts";
import { measured } from "../protocol/plural.ts";
import { toolScope } from "../protocol/scopes.ts";
import { HOUR_MS } from "../usage/calendar.ts";
import { defineTool } from "./define-tool.ts";
import { LeverAnswer, leverAnswer } from "./lever-answer.ts";
import { replayDuplicates } from "./lever-replays.ts";
import { replayScope } from "./replay-scope.ts";
import { describeScope, type UsageTools, usageInput } from "./usage-scope.ts";

/** How long an answer is kept, unless it is told: hours. */
export const ANSWER_TTL_H = 24;

/** @returns the tool over a usage store. */
export function duplicateResponseOpportunity(tools: UsageTools): Tool {
  return defineTool({
    name: "duplicate_response_opportunity",
    permission: toolScope("duplicate_response_opportunity"),
    description:
      "Replays every call against a store of answers to find what giving the same answer to exactly the same request would save: only at temperature 0, or in features that the workspace opted in. Similar requests never count.",
    input: z.strictObject({
      ...usageInput,
      ttl_hours: z
        .number()
        .min(0.01)
        .max(720)
        .default(ANSWER_TTL_H)
        .describe("How long an answer may be given again"),
    }),
    output: LeverAnswer.extend({ ttl_hours: z.number() }),
    readOnly: true,
    timeoutMs: 60_000,
    operation: ({ ttl_hours, ...args }) =>
      `Replays the calls against a store that keeps answers for ${measured(ttl_hours, "hour")}, ${describeScope(args)}, to see which need not be made again.`,
    async run({ ttl_hours, ...args }, context) {
      const replay = await replayScope(tools, args, context);
      const allowedFeatures = replay.profile.duplicates_allowed_features;
      const ttlMs = ttl_hours * HOUR_MS;
      const found = await replayDuplicates(replay, { ttlMs, allowedFeatures });
      const answer = await leverAnswer(tools, replay, found, {
        tool: "duplicate_response_opportunity",
        question: { ttl_hours, allowedFeatures },
      });
      return { output: { ...answer.output, ttl_hours }, findings: answer.findings };
    },
  });
}
