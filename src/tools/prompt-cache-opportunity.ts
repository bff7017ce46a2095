/** The prompt cache tool: what caching the beginnings of prompts saves, and where it would lose. */
import * as z from "zod";
import { count, percentage, usd } from "../core/grounding/figures.ts";
import { table } from "../core/markdown.ts";
import type { Tool } from "../core/tool.ts";
import { toolScope } from "../protocol/scopes.ts";
import type { CacheOpportunity } from "../usage/replay/cache-opportunity.ts";
import { defineTool } from "./define-tool.ts";
import { LeverAnswer, leverAnswer } from "./lever-answer.ts";
import { replayCache } from "./lever-replays.ts";
import { replayScope } from "./replay-scope.ts";
import { findings } from "./usage-answer.ts";
import { describeScope, type UsageTools, usageInput } from "./usage-scope.ts";

const MOST_RULES = 12;

const Output = LeverAnswer.extend({
  ttl: z.enum(["5m", "1h"]),
  reached_hit_share_pct: z
    .number()
    .nullable()
    .describe("Of the hits that are possible where a cache is in use; null where none is"),
  loss_if_cached_usd: z.number().describe("What caching where it loses would cost in the window"),
  rules: z.array(
    z.object({
      feature: z.string().nullable(),
      model: z.string(),
      block: z.number().int().describe("The block of the prompt to mark the end of, from 1"),
      mean_tokens: z.number(),
      uses: z.number().int(),
      hit_share_pct: z.number(),
      break_even_pct: z.number(),
      saving_usd: z.number().describe("In the window; negative: caching it loses"),
      advice: z.enum(["cache", "leave"]),
    }),
  ),
});

/** @returns the tool over a usage store. */
export function promptCacheOpportunity(tools: UsageTools): Tool {
  return defineTool({
    name: "prompt_cache_opportunity",
    permission: toolScope("prompt_cache_opportunity"),
    description:
      "Replays every call against a prompt cache to find what caching the stable beginnings of prompts would save, net of what is cached already: by feature and model, with hit share, break-even and the cases in which caching loses money.",
    input: z.strictObject({
      ...usageInput,
      ttl: z
        .enum(["5m", "1h"])
        .default("5m")
        .describe("How long a beginning is kept after its last use; an hour costs more to write"),
    }),
    output: Output,
    readOnly: true,
    timeoutMs: 60_000,
    operation: ({ ttl, ...args }) =>
      `Replays the calls against a cache that keeps prompts' beginnings for ${ttl}, ${describeScope(args)}, to see what caching would save or lose.`,
    async run({ ttl, ...args }, context) {
      const replay = await replayScope(tools, args, context);
      const found = await replayCache(replay, ttl);
      const reached = found.reach === null ? null : 100 * found.reach;
      const answer = await leverAnswer(tools, replay, found, {
        tool: "prompt_cache_opportunity",
        question: { ttl },
        details: inWords(found, reached),
      });
      return {
        output: {
          ...answer.output,
          ttl,
          reached_hit_share_pct: reached,
          loss_if_cached_usd: found.lossUsd,
          rules: found.rules.slice(0, MOST_RULES).map((rule) => ({
            feature: rule.feature,
            model: rule.model,
            block: rule.block,
            mean_tokens: rule.tokens,
            uses: rule.uses,
            hit_share_pct: 100 * rule.hitShare,
            break_even_pct: 100 * rule.breakEven,
            saving_usd: rule.usd,
            advice: rule.chosen ? ("cache" as const) : ("leave" as const),
          })),
        },
        findings: [
          ...answer.findings,
          ...findings(found.saving.records, [
            ["reached share of possible cache hits", reached, "%"],
          ]),
          ...findings(
            replay.workload.size,
            [["loss of caching where it does not pay", found.lossUsd, "USD"]],
            "replayed",
          ),
        ],
      };
    },
  });
}

function inWords({ rules, lossUsd }: CacheOpportunity, reached: number | null): string[] {
  const told = [
    reached === null
      ? "No cache is in use in these calls."
      : `Where a cache is in use, ${percentage(reached)} of the possible hits are reached.`,
    ...(lossUsd < 0
      ? [
          `Caching everywhere else too would lose ${usd(-lossUsd)}: leave those prompts as they are.`,
        ]
      : []),
  ];
  const rows = rules
    .slice(0, MOST_RULES)
    .map((rule) => [
      rule.feature ?? "(not set)",
      rule.model,
      count(rule.tokens),
      percentage(100 * rule.hitShare),
      percentage(100 * rule.breakEven),
      usd(rule.usd),
      rule.chosen ? "cache" : "leave",
    ]);
  if (rows.length === 0) return told;
  const head = ["feature", "model", "tokens", "hits", "break-even", "saving", "advice"];
  return [told.join(" "), table(head, rows)];
}
