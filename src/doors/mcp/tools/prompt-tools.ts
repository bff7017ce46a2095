/** The tool over one prompt: what it costs, what is in it for nothing, and what a cache would keep of it. */
import * as z from "zod";
import { systemClock } from "../../../core/clock.ts";
import { countTokens } from "../../../core/tokens.ts";
import { counted } from "../../../protocol/plural.ts";
import { toolScope } from "../../../protocol/scopes.ts";
import { Text } from "../../../protocol/text.ts";
import { providerOf } from "../../../usage/import/providers.ts";
import { cataloguePrices, costOf } from "../../../usage/prices.ts";
import { cacheMinimum } from "../../../usage/replay/cache-minimum.ts";
import { defineMcpTool, READS } from "../define-mcp-tool.ts";
import type { McpCall, McpTool } from "../offer.ts";
import { type CachePrefix, cachePrefix, cacheWorth, trimPrompt } from "../optimize-prompt.ts";
import type { McpContext } from "./follow-call.ts";

const MOST_CHARACTERS = 100_000;

const Output = z.object({
  tokens_before: z.number().int(),
  tokens_after: z.number().int(),
  optimized_prompt: z.string(),
  trims: z.array(
    z.object({
      rule: z.enum(["whitespace", "repeated_paragraph"]),
      count: z.number().int().describe("Characters, or paragraphs"),
      tokens: z.number().int(),
    }),
  ),
  cache: z.object({
    prefix_tokens: z.number().int().describe("What is the same at each call, from the beginning"),
    stable_tokens: z.number().int().describe("What is the same at each call, wherever it stands"),
    first_placeholder: z.string().nullable(),
    minimum_tokens: z.number().int().nullable().describe("null: not known to be cached"),
    worth: z
      .object({ hit_saves_usd: z.number(), miss_costs_usd: z.number(), break_even_pct: z.number() })
      .nullable()
      .describe("Per call; null where it would not be cached, or its price is not known"),
  }),
  price: z
    .object({
      input_usd_per_call: z.number().describe("As it was, nothing cached"),
      trimmed_usd_per_call: z.number(),
      trimmed_usd_per_month: z.number().nullable().describe("null without calls_per_month"),
      price_version: z.string(),
    })
    .nullable()
    .describe("null where the model has no known price"),
  advice: z.array(z.string()),
  assumptions: z.array(z.string()),
});

const optimizePrompt = defineMcpTool({
  name: "optimize_prompt",
  title: "Look through a prompt",
  description:
    "Looks through one prompt without running it: its size, what is in it for nothing (blanks, repeated paragraphs), and what a prompt cache would keep of it, at the model's own rules and prices. Gives no saving that it cannot compute, and does not reword anything.",
  scope: toolScope("optimize_prompt"),
  effects: READS,
  input: z.strictObject({
    prompt: Text.min(1).max(MOST_CHARACTERS).describe("As it is sent; {{name}} where it changes"),
    model: z.string().min(1).max(100).optional().describe("As calls name it: gives the prices"),
    calls_per_month: z.number().int().min(1).max(1e12).optional(),
  }),
  output: Output,
  tell: ({ advice }) => advice.join("\n"),
  async run({ prompt, model, calls_per_month }, _call: McpCall<McpContext>) {
    const trimmed = trimPrompt(prompt);
    const before = countTokens(prompt);
    const after = countTokens(trimmed.text);
    const provider = model === undefined ? null : providerOf(null, model);
    const minimum =
      model === undefined || provider === null
        ? null
        : cacheMinimum({ provider, asked: model, answered: null });
    const prefix = cachePrefix(trimmed.text, minimum);
    const price =
      model === undefined || provider === null
        ? null
        : cataloguePrices({
            provider,
            model,
            serviceTier: null,
            at: systemClock.now(),
            contextTokens: before,
          });
    const inputCost = (tokens: number) =>
      price === null ? 0 : costOf({ ...NO_TOKENS, input_tokens: tokens }, price.rates);
    const saved = inputCost(before) - inputCost(after);
    return {
      tokens_before: before,
      tokens_after: after,
      optimized_prompt: trimmed.text,
      trims: [...trimmed.trims],
      cache: {
        prefix_tokens: prefix.prefixTokens,
        stable_tokens: prefix.stableTokens,
        first_placeholder: prefix.firstPlaceholder,
        minimum_tokens: minimum,
        worth: price && cacheWorth(prefix, price.rates),
      },
      price: price && {
        input_usd_per_call: inputCost(before),
        trimmed_usd_per_call: saved,
        trimmed_usd_per_month: calls_per_month === undefined ? null : saved * calls_per_month,
        price_version: price.version,
      },
      advice: [aboutTrims(before, after), ...aboutCache(prefix, model)],
      assumptions: [
        "Tokens are estimated from the text, not counted by the model's own tokenizer.",
        "What a cache saves depends on how many calls follow within its time: the usage records tell that, one prompt does not.",
      ],
    };
  },
});

const NO_TOKENS = { cache_read_tokens: 0, cache_write_tokens: 0, output_tokens: 0 };

function aboutTrims(before: number, after: number): string {
  if (before === after)
    return `The prompt is about ${counted(before, "token")}, and holds nothing for nothing.`;
  return `The prompt is about ${counted(before, "token")}; ${before - after} of them can go without changing what it says.`;
}

function aboutCache(prefix: CachePrefix, model: string | undefined): string[] {
  const { prefixTokens, stableTokens, firstPlaceholder, minimumTokens } = prefix;
  const movable = stableTokens - prefixTokens;
  const move =
    firstPlaceholder !== null && movable > 0
      ? [
          `A cache keeps what stands before ${firstPlaceholder}: about ${counted(prefixTokens, "token")}. Another ${counted(movable, "stays", "stay")} the same behind it: move what changes to the end.`,
        ]
      : [];
  if (model === undefined) return [...move, "Name the model to learn what caching is worth."];
  if (minimumTokens === null) return [...move, `Nothing is known of a prompt cache for ${model}.`];
  if (prefixTokens >= minimumTokens) {
    return [
      ...move,
      `Its beginning of about ${counted(prefixTokens, "token")} is long enough to be cached.`,
    ];
  }
  return [
    ...move,
    `Its beginning of about ${counted(prefixTokens, "token")} is too short: ${model} caches from ${minimumTokens} on.`,
  ];
}

/** The tools over single prompts. */
export const PROMPT_TOOLS: readonly McpTool<McpContext>[] = [optimizePrompt];
