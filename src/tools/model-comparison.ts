/** The model comparison tool: what each model costs and does, and the price gap to the others. */
import * as z from "zod";
import { count, milliseconds, percentage, signedUsd, usd } from "../core/grounding/figures.ts";
import { plain, table } from "../core/markdown.ts";
import type { Tool, ToolFinding } from "../core/tool.ts";
import { counted } from "../protocol/plural.ts";
import { toolScope } from "../protocol/scopes.ts";
import { compareModels, ModelFacts } from "../usage/comparison.ts";
import { cataloguePrices } from "../usage/prices.ts";
import { sumUsage, type UsageSums } from "../usage/sums.ts";
import { defineTool } from "./define-tool.ts";
import { costAnswer, emptySummary, findings, period, UsageAnswer } from "./usage-answer.ts";
import { describeScope, resolveScope, type UsageTools, usageInput } from "./usage-scope.ts";

/** Models one comparison shows, the costliest first. */
const MAX_MODELS = 10;

const CAVEATS = [
  "The costs on other models are simulated: the same tokens at the base prices of the window's end, in the same service tier where the model has it. They are a price gap only, the quality is unknown, and they count as no saving.",
  "Other models count tokens differently and may answer at other lengths.",
];

const Output = UsageAnswer.extend({
  models: z.array(ModelFacts),
  models_left_out: z.number().int(),
});

/** @returns the tool over a usage store. */
export function modelComparison(tools: UsageTools): Tool {
  return defineTool({
    name: "model_comparison",
    permission: toolScope("model_comparison"),
    description:
      "Compares the models in use: requests, cost, cost per 1,000 requests, tokens per request, error rate, cache-read share, latency p50 and p95, and what the same tokens would cost on each other model (a price gap only, the quality is unknown). Call it before anything is said about choosing another model.",
    input: z.strictObject({
      ...usageInput,
      models: z
        .array(z.string().min(1).max(100))
        .min(1)
        .max(MAX_MODELS)
        .optional()
        .describe("Only these models; default: all, the costliest first"),
    }),
    output: Output,
    readOnly: true,
    timeoutMs: 20_000,
    operation: ({ models, ...args }) =>
      `Compares ${models ? models.join(", ") : "all models"} by cost, errors and latency ${describeScope(args)}, to see what each one costs for what it does.`,
    async run({ models, ...args }, context) {
      const found = await resolveScope(tools, args, context);
      const resolved = { ...found, scope: { ...found.scope, models } };
      const { scope } = resolved;
      const [groups, latencies] = await Promise.all([
        tools.usage.groups(scope, ["provider", "model", "service_tier"]),
        tools.usage.latencies(scope),
      ]);
      const sums = sumUsage(groups.map((group) => group.sums));
      const compared = compareModels(groups, latencies, {
        prices: (await tools.prices?.(scope.workspaceId)) ?? cataloguePrices,
        at: scope.to,
        limit: MAX_MODELS,
      });
      const answer = await costAnswer(tools.usage, "model_comparison", resolved, sums);
      return {
        output: {
          ...answer,
          assumptions: [...answer.assumptions, ...caveats(compared.models, sums)],
          models: compared.models,
          models_left_out: compared.leftOut,
          summary: sums.records > 0 ? inWords(compared.models, period(scope)) : emptySummary(scope),
        },
        findings: headlines(compared.models),
      };
    },
  });
}

function caveats(models: readonly ModelFacts[], sums: UsageSums): string[] {
  const unassessed = models.filter((facts) => facts.latency_p95_ms === null);
  return [
    ...CAVEATS,
    ...(sums.long_context_requests > 0
      ? [
          `${counted(sums.long_context_requests, "request has", "requests have")} over 128,000 input tokens, where some models cost more than the base price.`,
        ]
      : []),
    ...(unassessed.length > 0
      ? [
          `Latency is not assessable in full for ${unassessed.map(nameOf).join(", ")}: too few single calls.`,
        ]
      : []),
  ];
}

function headlines(models: readonly ModelFacts[]): ToolFinding[] {
  return models.flatMap((facts, rank) => {
    const name = nameOf(facts);
    // One simulated figure is enough to speak of: the costliest model's, on its cheapest alternative.
    const cheapest = rank === 0 ? facts.same_tokens.alternatives[0] : undefined;
    return [
      ...findings(facts.n_records, [
        [`cost of ${name}`, facts.cost_usd, "USD"],
        [`cost per 1,000 requests of ${name}`, facts.cost_per_1k_requests_usd, "USD"],
      ]),
      ...findings(facts.latency_records, [[`latency p95 of ${name}`, facts.latency_p95_ms, "ms"]]),
      ...findings(
        facts.n_records,
        cheapest ? [[`price gap of ${name} on ${nameOf(cheapest)}`, cheapest.gap_usd, "USD"]] : [],
        "simulated",
      ),
    ];
  });
}

function nameOf({ model, provider }: { model: string; provider: string }): string {
  return `${model} (${provider})`;
}

function inWords(models: readonly ModelFacts[], when: string): string {
  const [costliest] = models;
  const sentences = [`From ${when}, ${counted(models.length, "model is", "models are")} compared.`];
  const cheapest = costliest?.same_tokens.alternatives[0];
  if (costliest && costliest.cost_usd !== null) {
    sentences.push(`The costliest is ${plain(nameOf(costliest))}: ${usd(costliest.cost_usd)}.`);
  }
  if (costliest && cheapest && cheapest.gap_usd !== null) {
    sentences.push(
      `The same tokens on ${plain(nameOf(cheapest))} would cost ${usd(cheapest.cost_usd)} (${signedUsd(cheapest.gap_usd)}): a price gap only, the quality is unknown.`,
    );
  }
  const lines = models.map((facts) => [
    nameOf(facts),
    count(facts.requests),
    usd(facts.cost_usd),
    usd(facts.cost_per_1k_requests_usd),
    count(facts.tokens_per_request),
    percentage(facts.error_rate_pct),
    percentage(facts.cache_read_share_pct),
    milliseconds(facts.latency_p50_ms),
    milliseconds(facts.latency_p95_ms),
  ]);
  const head = [
    "model",
    "requests",
    "cost",
    "per 1,000",
    "tokens each",
    "errors",
    "cache reads",
    "p50",
    "p95",
  ];
  return `${sentences.join(" ")}\n\n${table(head, lines)}`;
}
