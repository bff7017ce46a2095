/** The cost breakdown tool: where the money goes, and why that changed against the window before. */
import * as z from "zod";
import { count, percentage, signedUsd, usd } from "../core/grounding/figures.ts";
import { plain, table } from "../core/markdown.ts";
import type { Tool, ToolFinding } from "../core/tool.ts";
import { toolScope } from "../protocol/scopes.ts";
import { type Breakdown, breakDown, foldGroups, Portion } from "../usage/breakdown.ts";
import { DAY_MS, UTC } from "../usage/calendar.ts";
import { Dimension, type UsageGroup } from "../usage/store.ts";
import { sumUsage } from "../usage/sums.ts";
import { coveredScope } from "./covered-scope.ts";
import { defineTool } from "./define-tool.ts";
import {
  costAnswer,
  emptySummary,
  findings,
  period,
  requestsInWords,
  shortenedInWords,
  UsageAnswer,
} from "./usage-answer.ts";
import {
  describeScope,
  type ResolvedScope,
  resolveScope,
  type UsageTools,
  usageInput,
} from "./usage-scope.ts";

/** Rows of the table in the summary; the output has them all. */
const TABLE_ROWS = 10;
/** Records may begin this much after the window before does, and it still counts as whole: a day at most. */
const QUIET_SHARE = 1 / 7;

const Input = z.strictObject({
  ...usageInput,
  dimensions: z
    .array(Dimension)
    .min(1)
    .max(3)
    .refine((names) => new Set(names).size === names.length, "must not repeat a dimension")
    .default(["model"])
    .describe("What to break the cost down by, up to three together"),
  top: z.number().int().min(1).max(50).default(10).describe("Groups to show; the rest is `other`"),
});

const Output = UsageAnswer.extend({
  dimensions: z.array(Dimension),
  total: Portion,
  rows: z.array(Portion.extend({ key: z.partialRecord(Dimension, z.string().nullable()) })),
  other: Portion.extend({ groups: z.number().int() }).nullable(),
});

/** @returns the tool over a usage store. */
export function costBreakdown(tools: UsageTools): Tool {
  return defineTool({
    name: "cost_breakdown",
    permission: toolScope("cost_breakdown"),
    description:
      "Breaks the cost of LLM use down by up to three of model, feature, team, environment, user, provider, day and hour: cost in USD, share, and the change against the window before, split into volume, tokens per request and price. Call it to find where the money goes and why it changed.",
    input: Input,
    output: Output,
    readOnly: true,
    timeoutMs: 20_000,
    operation: (args) =>
      `Breaks the cost down by ${args.dimensions.join(" and ")} ${describeScope(args)}, to see where the money goes and why that changed.`,
    async run({ dimensions, top, ...args }, context) {
      const resolved = coveredScope(await resolveScope(tools, args, context));
      const [current, prior] = await Promise.all([
        tools.usage.groups(resolved.scope, dimensions),
        priorGroups(tools, resolved, dimensions),
      ]);
      const sums = sumUsage(current.map((group) => group.sums));
      const result = compare(current, prior, dimensions, top);
      const answer = await costAnswer(tools.usage, "cost_breakdown", resolved, sums, {
        dimensions,
        top,
      });
      const empty = sums.records === 0;
      const rows = result.rows.map(({ key, ...row }) => ({
        key: Object.fromEntries(dimensions.map((name, index) => [name, key[index] ?? null])),
        ...row,
      }));
      return {
        output: {
          ...answer,
          assumptions: [
            ...answer.assumptions,
            ...aboutChange(prior, dimensions),
            ...aboutTime(resolved, dimensions),
          ],
          dimensions,
          total: result.total,
          rows: empty ? [] : rows,
          other: empty ? null : result.other,
          summary: empty
            ? emptySummary(resolved.scope)
            : inWords(result, dimensions, period(resolved.scope)),
        },
        findings: empty ? [] : headlines(result),
      };
    },
  });
}

/** Parts of time: none of them has a counterpart in the window before. */
function isTime(name: Dimension): boolean {
  return name === "day" || name === "hour";
}

/** The groups of the window before, by everything but time; null where it is not covered. */
async function priorGroups(
  { usage }: UsageTools,
  { scope, calendar, firstRecord }: ResolvedScope,
  dimensions: readonly Dimension[],
): Promise<UsageGroup[] | null> {
  // On the wall's clock, so that a week follows a week though an hour was skipped between them.
  const length = calendar.wallTime(scope.to) - calendar.wallTime(scope.from);
  const from = calendar.momentOf(calendar.wallTime(scope.from) - length);
  const quiet = Math.min(DAY_MS, length * QUIET_SHARE);
  if (firstRecord === null || firstRecord > from + quiet) return null;
  const comparable = dimensions.filter((name) => !isTime(name));
  return usage.groups({ ...scope, from, to: scope.from }, comparable);
}

/** Days and hours have costs, and the total has the change. */
function compare(
  current: readonly UsageGroup[],
  prior: readonly UsageGroup[] | null,
  dimensions: readonly Dimension[],
  top: number,
): Breakdown {
  if (!dimensions.some(isTime)) return breakDown(current, prior, top);
  const byTime = breakDown(current, null, top);
  const times = dimensions.flatMap((name, index) => (isTime(name) ? index : []));
  const timeless = times.toReversed().reduce<readonly UsageGroup[]>(foldGroups, current);
  return { ...byTime, total: breakDown(timeless, prior, top).total };
}

function aboutTime({ calendar }: ResolvedScope, dimensions: readonly Dimension[]): string[] {
  if (calendar === UTC || !dimensions.some(isTime)) return [];
  return [`The window is one of ${calendar.timeZone}; its days and hours are broken down in UTC.`];
}

function aboutChange(prior: readonly UsageGroup[] | null, dimensions: readonly Dimension[]) {
  if (!prior) {
    return ["No change is given: the records do not cover the window before, of the same length."];
  }
  const meaning =
    "The price effect is the cost of a token: prices, and the mix of input, cached and output tokens. Groups that are new or gone are volume.";
  return dimensions.some(isTime)
    ? [
        meaning,
        "Days and hours have no counterpart in the window before, so only the total has a change.",
      ]
    : [meaning];
}

/** The total, its change, and each part that the summary tells. */
function headlines({ total, rows, other }: Breakdown): ToolFinding[] {
  const ofTotal = findings(total.n_records, [
    ["total cost", total.cost_usd, "USD"],
    ["change of cost", total.change?.change_usd ?? null, "USD"],
    ["volume effect", total.change?.volume_effect_usd ?? null, "USD"],
    ["tokens effect", total.change?.tokens_effect_usd ?? null, "USD"],
    ["price effect", total.change?.price_effect_usd ?? null, "USD"],
    ["cost of the window before", total.change?.prior_usd ?? null, "USD"],
  ]);
  const parts = [
    ...rows.slice(0, TABLE_ROWS).map((row) => [nameOf(row.key), row] as const),
    ...(other ? [["the other groups", other] as const] : []),
  ];
  const ofParts = parts.flatMap(([name, row]) =>
    findings(row.n_records, [
      [`cost of ${name}`, row.cost_usd, "USD"],
      [`share of ${name}`, row.share_pct, "%"],
      [`change of ${name}`, row.change?.change_usd ?? null, "USD"],
    ]),
  );
  return [...ofTotal, ...ofParts];
}

function nameOf(key: readonly (string | null)[]): string {
  return key.map((value) => value ?? "(not set)").join(" · ");
}

function inWords(
  { total, rows, other }: Breakdown,
  dimensions: readonly Dimension[],
  when: string,
): string {
  const [costliest] = rows;
  const sentences = [
    `The cost of ${requestsInWords(total.requests)} from ${when} is ${usd(total.cost_usd)}.`,
  ];
  if (costliest && costliest.cost_usd !== null) {
    sentences.push(
      `The costliest ${dimensions.join(" and ")} is ${plain(nameOf(costliest.key))}: ${usd(costliest.cost_usd)}, ${percentage(costliest.share_pct)} of the cost.`,
    );
  }
  if (total.change) {
    const { change } = total;
    sentences.push(
      `Against the window before (${usd(change.prior_usd)}) that is ${signedUsd(change.change_usd)}: ${signedUsd(change.volume_effect_usd)} from volume, ${signedUsd(change.tokens_effect_usd)} from tokens per request, ${signedUsd(change.price_effect_usd)} from price and token mix. How that splits depends on what it is broken down by, here ${dimensions.join(" and ")}.`,
    );
  }
  // Where all rows stand in the table, so do the other groups, as one.
  if (rows.length > TABLE_ROWS) {
    sentences.push(...shortenedInWords(TABLE_ROWS, rows.length + (other?.groups ?? 0)));
  }
  const line = (name: string, row: Portion) => [
    name,
    usd(row.cost_usd),
    percentage(row.share_pct),
    count(row.requests),
    row.change ? signedUsd(row.change.change_usd) : "–",
  ];
  const lines = rows.slice(0, TABLE_ROWS).map((row) => line(nameOf(row.key), row));
  if (other && rows.length <= TABLE_ROWS) lines.push(line(`other (${count(other.groups)})`, other));
  const head = [dimensions.join(" · "), "cost", "share", "requests", "change"];
  return `${sentences.join(" ")}\n\n${table(head, lines)}`;
}
