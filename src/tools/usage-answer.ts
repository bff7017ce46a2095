/** What every usage tool answers: a headline figure with everything needed to believe or doubt it. */
import * as z from "zod";
import { timestamp } from "../core/clock.ts";
import { count } from "../core/grounding/figures.ts";
import type { ToolFinding } from "../core/tool.ts";
import { Basis } from "../protocol/optimization.ts";
import { counted, plural } from "../protocol/plural.ts";
import type { Scope, UsageStore } from "../usage/store.ts";
import { percent, type UsageSums } from "../usage/sums.ts";
import type { ResolvedScope } from "./usage-scope.ts";

const EXAMPLES = 5;

/** The bounds a figure stays within: 95 %, unless its assumptions say otherwise. */
export const Interval = z.object({ low: z.number(), high: z.number() });
export type Interval = z.infer<typeof Interval>;

/** The fields all usage tools answer with; each tool adds its own. */
export const UsageAnswer = z.object({
  value: z.number().nullable().describe("The headline figure; null where nothing was found"),
  unit: z.string(),
  interval: Interval.nullable().describe(
    "null for a plain sum over all records, which no sample stands for",
  ),
  not_assessable: z
    .string()
    .nullable()
    .describe("Why the records cannot say, and what could; null where they can"),
  n_records: z.number().int().min(0),
  coverage_pct: z.number().nullable().describe("The share of the records with a known price"),
  basis: Basis,
  assumptions: z.array(z.string()),
  price_version: z.string().nullable(),
  evidence: z.object({
    fact_id: z.string(),
    query_id: z.string(),
    sample_record_ids: z.array(z.string()),
  }),
  window: z.object({ from: z.iso.datetime(), to: z.iso.datetime() }),
  summary: z.string().describe("The result in Markdown, every figure with its unit"),
});
export type UsageAnswer = z.infer<typeof UsageAnswer>;

/** The headline of an answer: its figure, or why there is none. */
export interface Headline {
  /** What the figure is, as a word of its evidence's id. */
  readonly figure: string;
  readonly value: number | null;
  readonly unit: string;
  readonly interval?: Interval | null;
  readonly basis?: Basis;
  /** Why there is no figure, where there are records. */
  readonly notAssessable?: string | null;
  /** What the figure takes for granted, beside what its scope does. */
  readonly assumptions?: readonly string[];
}

/**
 * @param sums over all records in scope.
 * @param question what, besides the scope, the answer depends on: it is part of the query's id.
 * @returns the common part of an answer.
 */
export async function answerWith(
  usage: UsageStore,
  tool: string,
  { scope, assumptions, versions: replayed }: ResolvedScope,
  sums: UsageSums,
  headline: Headline,
  question: unknown = null,
): Promise<Omit<UsageAnswer, "summary">> {
  const [versions, examples, queryId] = await Promise.all([
    replayed ?? usage.priceVersions(scope),
    usage.examples(scope, EXAMPLES),
    digest([tool, scope, question]),
  ]);
  const notAssessable = sums.records > 0 ? (headline.notAssessable ?? null) : null;
  const unpriced = sums.records - sums.priced_records;
  const uncounted = sums.uncounted_records;
  return {
    value: headline.value,
    unit: headline.unit,
    interval: headline.interval ?? null,
    not_assessable: notAssessable,
    n_records: sums.records,
    coverage_pct: percent(sums.priced_records, sums.records),
    basis: headline.basis ?? "measured",
    assumptions: [
      ...assumptions,
      ...(unpriced > 0 ? [unpricedInWords(unpriced, sums.records)] : []),
      ...(uncounted > 0 ? [uncountedInWords(uncounted)] : []),
      ...(headline.assumptions ?? []),
      ...(notAssessable ? [notAssessable] : []),
    ],
    price_version: versions.length > 0 ? versions.join(", ") : null,
    evidence: {
      fact_id: `${tool}.${headline.figure}.${queryId}`,
      query_id: queryId,
      sample_record_ids: examples,
    },
    window: { from: timestamp(scope.from), to: timestamp(scope.to) },
  };
}

/** @returns so many requests in words, also where their source does not tell how many. */
export function requestsInWords(requests: number | null): string {
  return requests === null ? "an unknown number of requests" : counted(requests, "request");
}

/** @returns what a table of a summary leaves out, in words; nothing where it has all. */
export function shortenedInWords(shown: number, all: number): string[] {
  return all > shown ? [`The table has the first ${count(shown)} of ${count(all)}.`] : [];
}

/** @returns how many records are in no cost, as their price is not known. */
export function unpricedInWords(unpriced: number, records: number): string {
  const have = plural(unpriced, "has no known price and is", "have no known price and are");
  return `${count(unpriced)} of ${counted(records, "record")} ${have} in no cost.`;
}

function uncountedInWords(records: number): string {
  const are = counted(
    records,
    "record is a sum of calls whose number its source does not tell: no figure of requests that it",
    "records are sums of calls whose number their source does not tell: no figure of requests that they",
  );
  return `${are} ${plural(records, "is", "are")} part of is given, and no replay uses ${plural(records, "it", "them")}.`;
}

/** @returns the common part of an answer whose headline is the measured cost. */
export function costAnswer(
  usage: UsageStore,
  tool: string,
  resolved: ResolvedScope,
  sums: UsageSums,
  question: unknown = null,
): Promise<Omit<UsageAnswer, "summary">> {
  const value = sums.priced_records > 0 ? sums.cost_usd : null;
  return answerWith(usage, tool, resolved, sums, { figure: "cost", value, unit: "USD" }, question);
}

/** @returns an identifier of a question: the same question has the same one everywhere. */
async function digest(question: readonly unknown[]): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(question));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash.slice(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A figure as it becomes a finding; the interval is that of an estimate. */
export type Figure = readonly [
  name: string,
  value: number | null,
  unit: string,
  interval?: Interval | null,
];

/** @returns a finding for each figure that is known. */
export function findings(
  nRecords: number,
  figures: readonly Figure[],
  basis: Basis = "measured",
): ToolFinding[] {
  return figures.flatMap(([name, value, unit, interval = null]) =>
    value === null ? [] : { name, value, unit, interval, n_records: nRecords, basis },
  );
}

/**
 * @param tell what there is to say where there is something, in Markdown.
 * @returns the summary: that nothing is there, why nothing can be said, or what is told.
 */
export function summaryOf(
  { n_records, not_assessable, window }: Omit<UsageAnswer, "summary">,
  tell: () => string,
): string {
  if (not_assessable !== null) return `**Not assessable**: ${not_assessable}`;
  if (n_records > 0) return tell();
  return emptySummary({ from: Date.parse(window.from), to: Date.parse(window.to) });
}

/** @returns the sentence for a window that holds nothing. */
export function emptySummary(scope: Pick<Scope, "from" | "to">): string {
  return `There are no records in this window (${period(scope)}) with these filters, so there is nothing to compute.`;
}

/** @returns the window of a scope in words, to the minute. */
export function period({ from, to }: Pick<Scope, "from" | "to">): string {
  const minute = (moment: number) => timestamp(moment).slice(0, 16).replace("T", " ");
  return `${minute(from)} to ${minute(to)} UTC`;
}
