/** The latency percentiles tool: how long calls take, and between which bounds that surely lies. */
import * as z from "zod";
import { count, milliseconds, percentage } from "../core/grounding/figures.ts";
import { table } from "../core/markdown.ts";
import type { Tool } from "../core/tool.ts";
import { counted, plural } from "../protocol/plural.ts";
import { toolScope } from "../protocol/scopes.ts";
import { RECORDS_BEYOND, ranksOf, recordsNeeded } from "../usage/statistics/percentiles.ts";
import { LatencyMetric, type OrderStatistics } from "../usage/store.ts";
import { knownRequests, NO_USAGE, percent } from "../usage/sums.ts";
import { defineTool } from "./define-tool.ts";
import {
  answerWith,
  type Figure,
  findings,
  Interval,
  period,
  summaryOf,
  UsageAnswer,
} from "./usage-answer.ts";
import { describeScope, resolveScope, type UsageTools, usageInput } from "./usage-scope.ts";

const NAMES: Record<LatencyMetric, string> = {
  latency_ms: "latency",
  ttft_ms: "time to first token",
};

const Percentile = z.object({
  p: z.number().describe("Percent of the calls that were at most as slow"),
  value_ms: z.number().nullable().describe("By nearest rank; null where too few calls are there"),
  interval: Interval.nullable().describe("95 %, by rank"),
  records_needed: z.number().int(),
});
type Percentile = z.infer<typeof Percentile>;

const Output = UsageAnswer.extend({
  metric: LatencyMetric,
  timed_records: z.number().int().describe("Successful single calls that have the latency"),
  timed_share_pct: z.number().nullable().describe("Of all requests in the window"),
  percentiles: z.array(Percentile),
});

/** @returns the tool over a usage store. */
export function latencyPercentiles(tools: UsageTools): Tool {
  return defineTool({
    name: "latency_percentiles",
    permission: toolScope("latency_percentiles"),
    description:
      "Computes latency percentiles of successful calls, each with its 95 % interval: of the whole answer (latency_ms) or until the first token (ttft_ms). A percentile too few calls stand behind is refused. Call it for how slow calls are, for one model or feature by a filter.",
    input: z.strictObject({
      ...usageInput,
      metric: LatencyMetric.default("latency_ms"),
      p: z
        .array(z.number().min(1).max(99.9).multipleOf(0.1))
        .min(1)
        .max(10)
        .default([50, 95, 99])
        .describe("Percentiles, in percent"),
    }),
    output: Output,
    readOnly: true,
    timeoutMs: 20_000,
    operation: ({ metric, p, ...args }) =>
      `Computes the ${NAMES[metric]} of calls at the percentiles ${p.join(", ")} ${describeScope(args)}, to see how long people and programs wait.`,
    async run({ metric, p, ...args }, context) {
      const resolved = await resolveScope(tools, args, context);
      const wanted = [...new Set(p)].toSorted((left, right) => left - right);
      const [[group], sorted] = await Promise.all([
        tools.usage.groups(resolved.scope, []),
        tools.usage.orderStatistics(resolved.scope, metric, (n) => positionsOf(wanted, n)),
      ]);
      const sums = group?.sums ?? NO_USAGE;
      const percentiles = percentilesOf(wanted, sorted);
      const headline = percentiles.findLast(({ value_ms }) => value_ms !== null);
      const answer = await answerWith(
        tools.usage,
        "latency_percentiles",
        resolved,
        sums,
        {
          figure: metric,
          value: headline?.value_ms ?? null,
          unit: "ms",
          interval: headline?.interval ?? null,
          notAssessable: headline ? null : whyNot(metric, sorted.records),
          assumptions: assumptionsOf(percentiles, sorted.records),
        },
        { metric, p: wanted },
      );
      const output = {
        ...answer,
        metric,
        timed_records: sorted.records,
        timed_share_pct: percent(sorted.records, knownRequests(sums)),
        percentiles,
      };
      return {
        output: {
          ...output,
          summary: summaryOf(answer, () => inWords(output, period(resolved.scope))),
        },
        findings: findings(sorted.records, [
          ...percentiles.map(
            ({ p, value_ms, interval }): Figure => [
              `${NAMES[metric]} p${p}`,
              value_ms,
              "ms",
              interval,
            ],
          ),
          [
            `share of the requests that have a ${NAMES[metric]}`,
            headline ? output.timed_share_pct : null,
            "%",
          ],
        ]),
      };
    },
  });
}

function positionsOf(wanted: readonly number[], n: number): number[] {
  const ranks = wanted.flatMap((p) => ranksOf(p, n) ?? []);
  return [...new Set(ranks.flatMap(({ position, low, high }) => [low, position, high]))];
}

function percentilesOf(wanted: readonly number[], sorted: OrderStatistics): Percentile[] {
  const positions = positionsOf(wanted, sorted.records);
  const at = (position: number) => sorted.values[positions.indexOf(position)] ?? Number.NaN;
  return wanted.map((p) => {
    const ranks = ranksOf(p, sorted.records);
    return {
      p,
      value_ms: ranks && at(ranks.position),
      interval: ranks && { low: at(ranks.low), high: at(ranks.high) },
      records_needed: recordsNeeded(p),
    };
  });
}

function whyNot(metric: LatencyMetric, records: number): string {
  const name = NAMES[metric];
  return records === 0
    ? `No single successful call in this window has a ${name}. Sums over buckets hold none; it takes records of single calls with ${metric}.`
    : `Only ${counted(records, "successful call has", "successful calls have")} a ${name}, too few for the percentiles asked for. A longer window or a lower percentile may do.`;
}

function assumptionsOf(percentiles: readonly Percentile[], records: number): string[] {
  const refused = percentiles.filter(({ value_ms }) => value_ms === null);
  return [
    "Latencies are of successful single calls; the intervals hold 95 % of the time where calls are independent.",
    ...refused.map(
      ({ p, records_needed }) =>
        `p${p} is not given: it takes ${counted(records_needed, "call")}, so that ${RECORDS_BEYOND} are beyond it, and there ${plural(records, "is", "are")} ${count(records)}.`,
    ),
  ];
}

function inWords(
  { metric, timed_records, timed_share_pct, percentiles }: Omit<z.infer<typeof Output>, "summary">,
  when: string,
): string {
  const name = NAMES[metric];
  const lines = percentiles.map(({ p, value_ms, interval, records_needed }) => [
    `p${p}`,
    value_ms === null
      ? `not given: takes ${counted(records_needed, "call")}`
      : milliseconds(value_ms),
    interval ? `${milliseconds(interval.low)} to ${milliseconds(interval.high)}` : "–",
  ]);
  return `From ${when}, ${counted(timed_records, "successful call has", "successful calls have")} a ${name} (${percentage(timed_share_pct)} of the requests).\n\n${table([name, "value", "95% interval"], lines)}`;
}
