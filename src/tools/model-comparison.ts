/** The model comparison tool: what each model costs and does, and the price gap to the others. */
import { z } from "zod";
import type { Tool, ToolFinding } from "../core/tool.ts";
import { compareModels, ModelFacts } from "../usage/comparison.ts";
import { sumUsage, type UsageSums } from "../usage/sums.ts";
import { defineTool } from "./define-tool.ts";
import { count, milliseconds, percentage, plain, signedUsd, table, usd } from "./figures.ts";
import { costAnswer, emptySummary, findings, period, UsageAnswer } from "./usage-answer.ts";
import {
  describeScope,
  pricesOf,
  resolveScope,
  type UsageTools,
  usageInput,
} from "./usage-scope.ts";

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
    async run({ models, ...args }) {
      const found = await resolveScope(tools, args);
      const resolved = { ...found, scope: { ...found.scope, models } };
      const { scope } = resolved;
      const [groups, latencies] = await Promise.all([
        tools.usage.groups(scope, ["provider", "model", "service_tier"]),
        tools.usage.latencies(scope),
      ]);
      const sums = sumUsage(groups.map((group) => group.sums));
      const compared = compareModels(groups, latencies, {
        prices: pricesOf(tools),
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
        findings: headlines(compared.models, sums.records),
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
          `${count(sums.long_context_requests)} requests have over 128,000 input tokens, where some models cost more than the base price.`,
        ]
      : []),
    ...(unassessed.length > 0
      ? [
          `Latency is not assessable in full for ${unassessed.map(nameOf).join(", ")}: too few single calls.`,
        ]
      : []),
  ];
}

function headlines(models: readonly ModelFacts[], nRecords: number): ToolFinding[] {
  const [costliest] = models;
  if (!costliest) return [];
  const cheapest = costliest.same_tokens.alternatives[0];
  return [
    ...findings(
      nRecords,
      models.flatMap((facts) => [
        [`cost of ${nameOf(facts)}`, facts.cost_usd, "USD"] as const,
        [
          `cost per 1,000 requests of ${nameOf(facts)}`,
          facts.cost_per_1k_requests_usd,
          "USD",
        ] as const,
        [`latency p95 of ${nameOf(facts)}`, facts.latency_p95_ms, "ms"] as const,
      ]),
    ),
    ...findings(
      nRecords,
      cheapest
        ? [[`price gap of ${nameOf(costliest)} on ${nameOf(cheapest)}`, cheapest.gap_usd, "USD"]]
        : [],
      "simulated",
    ),
  ];
}

function nameOf({ model, provider }: { model: string; provider: string }): string {
  return `${model} (${provider})`;
}

function inWords(models: readonly ModelFacts[], when: string): string {
  const [costliest] = models;
  const sentences = [`From ${when}, ${count(models.length)} models were used.`];
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
