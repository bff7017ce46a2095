/** The commitment utilisation tool: whether a capacity paid by the hour is worth its price. */
import * as z from "zod";
import { count, percentage, signedUsd, usd } from "../core/grounding/figures.ts";
import { table } from "../core/markdown.ts";
import type { Tool, ToolFinding } from "../core/tool.ts";
import { counted } from "../protocol/plural.ts";
import { toolScope } from "../protocol/scopes.ts";
import { CommitmentFacts, commitmentFacts } from "../usage/statistics/commitment-facts.ts";
import { noMonth } from "../usage/statistics/monthly.ts";
import { byHour } from "../usage/statistics/spend-series.ts";
import { sumUsage } from "../usage/sums.ts";
import { defineTool } from "./define-tool.ts";
import { answerWith, findings, period, summaryOf, UsageAnswer } from "./usage-answer.ts";
import { describeScope, resolveScope, type UsageTools, usageInput } from "./usage-scope.ts";

/** Hours of the day that the summary names, the idlest. */
const TABLE_ROWS = 5;

const NOTHING_ENTERED =
  "No commitment was entered. It takes its capacity (tokens an hour) and its hourly price, which no usage record holds.";
const NO_WHOLE_HOUR = "The records cover no whole hour of this window.";

const ASSUMPTIONS = [
  "Capacity and hourly price are the user's own statement.",
  "Hours without records are idle. Within an hour use is taken as even: short peaks that did not fit are not seen, so the overflow is a lower bound.",
  "What does not fit is paid by the token, at the mean cost of the window's priced tokens. The best size is one in hindsight, if capacity can be bought in any size at the same price.",
];

const Output = UsageAnswer.extend({
  commitment: CommitmentFacts.nullable().describe("null where it cannot be assessed"),
});

/** @returns the tool over a usage store. */
export function commitmentUtilisation(tools: UsageTools): Tool {
  return defineTool({
    name: "commitment_utilisation",
    permission: toolScope("commitment_utilisation"),
    description:
      "Holds a capacity that is paid by the hour (provisioned throughput) against the tokens of each hour: utilisation, idle dollars by hour of day, the break-even against paying by the token, and the size that would have cost least. Takes the capacity and its price from the user; without them it is not assessable.",
    input: z.strictObject({
      ...usageInput,
      capacity_tokens_per_hour: z
        .number()
        .positive()
        .max(1e15)
        .optional()
        .describe("Input and output tokens that the commitment serves in an hour"),
      hourly_price_usd: z.number().positive().max(1e9).optional().describe("As the user states it"),
    }),
    output: Output,
    readOnly: true,
    timeoutMs: 20_000,
    operation: (args) =>
      `Holds the committed capacity against the tokens of each hour ${describeScope(args)}, to see what of it idles.`,
    async run(
      { capacity_tokens_per_hour: tokensPerHour, hourly_price_usd: hourlyPriceUsd, ...args },
      context,
    ) {
      const resolved = await resolveScope(tools, args, context);
      const { scope } = resolved;
      const usage = await byHour(tools.usage, scope);
      const sums = sumUsage(usage.map((hour) => hour.sums));
      const entered = tokensPerHour !== undefined && hourlyPriceUsd !== undefined;
      const commitment = entered
        ? commitmentFacts({ tokensPerHour, hourlyPriceUsd }, usage, resolved)
        : null;
      const facts = sums.records > 0 ? commitment : null;
      const answer = await answerWith(
        tools.usage,
        "commitment_utilisation",
        resolved,
        sums,
        {
          figure: "idle",
          value: facts?.idle_usd ?? null,
          unit: "USD",
          notAssessable: facts ? null : entered ? NO_WHOLE_HOUR : NOTHING_ENTERED,
          assumptions: facts ? ASSUMPTIONS : [],
        },
        { tokensPerHour, hourlyPriceUsd },
      );
      const tell = () => (facts ? inWords(facts, period(scope)) : "");
      return {
        output: { ...answer, commitment: facts, summary: summaryOf(answer, tell) },
        findings: facts ? headlines(facts, sums.records) : [],
      };
    },
  });
}

function headlines(facts: CommitmentFacts, records: number): ToolFinding[] {
  const { on_demand: onDemand } = facts;
  return [
    ...findings(records, [
      ["idle cost of the commitment", facts.idle_usd, "USD"],
      ["utilisation of the commitment", facts.utilisation_pct, "%"],
      ["break-even utilisation", onDemand?.break_even_pct ?? null, "%"],
    ]),
    ...findings(
      records,
      [
        ["best size", onDemand?.resize.capacity_tokens_per_hour ?? null, "tokens/hour"],
        ["monthly change of the best size", onDemand?.resize.monthly_change_usd ?? null, "USD"],
      ],
      "simulated",
    ),
  ];
}

function inWords(facts: CommitmentFacts, when: string): string {
  const { on_demand: onDemand } = facts;
  const sentences = [
    `From ${when}, the commitment was used to ${percentage(facts.utilisation_pct)} over ${count(facts.hours)} whole hours: of ${usd(facts.committed_usd)}, **${usd(facts.idle_usd)}** was paid for idle capacity.`,
  ];
  if (onDemand) {
    sentences.push(
      `It breaks even against paying by the token (${usd(onDemand.usd_per_million_tokens)} per million) at ${percentage(onDemand.break_even_pct)}.`,
      ...aMonth(onDemand, facts.hours),
    );
  } else {
    sentences.push("No token has a known price, so there is no break-even.");
  }
  const lines = facts.by_hour_of_day
    .toSorted((left, right) => right.idle_usd - left.idle_usd)
    .slice(0, TABLE_ROWS)
    .map(({ hour, utilisation_pct, idle_usd }) => [
      String(hour),
      percentage(utilisation_pct),
      usd(idle_usd),
    ]);
  return `${sentences.join(" ")}\n\n${table(["hour of day", "utilisation", "idle"], lines)}`;
}

/** @returns what a month comes to, or why that is not known, and the size that would have cost least. */
function aMonth(
  { resize, ...onDemand }: NonNullable<CommitmentFacts["on_demand"]>,
  hours: number,
): string[] {
  const best = `The size that would have cost least is ${counted(resize.capacity_tokens_per_hour, "token")} an hour`;
  const tooShort = noMonth(hours / 24);
  if (tooShort !== null) return [`${best}.`, `What a month costs: ${tooShort}`];
  return [
    `A month costs ${usd(onDemand.committed_monthly_usd)}, and by the token alone ${usd(onDemand.on_demand_monthly_usd)}.`,
    `${best}: ${usd(resize.monthly_usd)} a month (${signedUsd(resize.monthly_change_usd)}).`,
  ];
}
