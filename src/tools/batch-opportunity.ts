/** The batch tool: what work that nobody waits for would cost in the batch tier. */
import * as z from "zod";
import { usd } from "../core/grounding/figures.ts";
import type { Tool } from "../core/tool.ts";
import { counted } from "../protocol/plural.ts";
import { toolScope } from "../protocol/scopes.ts";
import { MONTH_DAYS, noMonth } from "../usage/statistics/monthly.ts";
import { defineTool } from "./define-tool.ts";
import { LeverAnswer, leverAnswer } from "./lever-answer.ts";
import { replayBatch } from "./lever-replays.ts";
import { replayScope } from "./replay-scope.ts";
import { findings } from "./usage-answer.ts";
import { describeScope, type UsageTools, usageInput } from "./usage-scope.ts";

const Output = LeverAnswer.extend({
  candidates: z
    .object({ calls: z.number().int(), monthly_usd: z.number().nullable(), note: z.string() })
    .describe("Guesses from what is missing; no total holds them"),
});

const NOTE =
  "a guess: these calls do not say whether somebody waits or when they are due, have no user and are not streamed; ask who runs them";

/** @returns the tool over a usage store. */
export function batchOpportunityTool(tools: UsageTools): Tool {
  return defineTool({
    name: "batch_opportunity",
    permission: toolScope("batch_opportunity"),
    description:
      "Computes what calls that nobody waits for, and that are due in a day or later, would cost in the provider's batch tier. Calls that only look as if they could wait are listed as candidates, in no total.",
    input: z.strictObject(usageInput),
    output: Output,
    readOnly: true,
    timeoutMs: 60_000,
    operation: (args) =>
      `Prices the calls that nobody waits for in the batch tier, ${describeScope(args)}, to see what patience would save.`,
    async run(args, context) {
      const replay = await replayScope(tools, args, context);
      const found = await replayBatch(replay);
      const { usd: guessed, records } = found.candidates;
      const value = noMonth(replay.days) === null ? (guessed * MONTH_DAYS) / replay.days : null;
      const answer = await leverAnswer(tools, replay, found, {
        tool: "batch_opportunity",
        question: null,
        details:
          records > 0
            ? [
                `Candidates, in no total: ${counted(records, "call")}, ${usd(value)} a month (${NOTE}).`,
              ]
            : [],
      });
      return {
        output: {
          ...answer.output,
          candidates: { calls: records, monthly_usd: value, note: NOTE },
        },
        findings: [
          ...answer.findings,
          ...findings(
            records,
            [["batch candidates a month, in no total", records > 0 ? value : null, "USD a month"]],
            "assumed",
          ),
        ],
      };
    },
  });
}
