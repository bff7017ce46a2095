/** Triage by rule: the category from the words, the sufficiency from what the records hold. */
import * as z from "zod";
import { counted } from "../protocol/plural.ts";
import type { Category, DataSufficiency, TriageFindings } from "../protocol/team-findings.ts";
import type { Question } from "./demo-question.ts";
import type { DemoResult, PartScene } from "./demo-results.ts";

/** Records that carry a whole analysis: fewer give intervals too wide to plan by. */
const ENOUGH_RECORDS = 1_000;

/** The first whose words the request holds. */
const CATEGORIES: readonly (readonly [category: Category, words: RegExp])[] = [
  ["configuration", /\b(?:configur|set ?up|settings?|webhook|api key|import)/i],
  [
    "price_catalogue",
    /\b(?:price list|pric(?:e|ing) of|how much (?:is|are|does) \S+ cost|catalog)/i,
  ],
  ["cost_optimization", /\b(?:cut|reduc|sav|lower|cheap|cost|spend|bill|budget|waste)/i],
  ["performance_optimization", /\b(?:latenc|slow|fast|speed|perform|p9\d|throughput)/i],
  ["quality_optimization", /\b(?:quality|accura|evaluation|hallucinat|correct)/i],
  ["model_selection", /\b(?:which model|switch|migrat|compar|better model)/i],
  ["monitoring_and_reporting", /\b(?:monitor|report|alert|anomal|forecast|trend)/i],
  ["workload_analysis", /\b(?:analy[sz]|workload|usage|audit|overview|optimi[sz])/i],
];

const Counted = z.object({ n_records: z.number() });

/** What triage hands on. */
export function triageFindings({
  brief,
  question,
  results,
}: PartScene): z.input<typeof TriageFindings> {
  const { request } = brief;
  const category = CATEGORIES.find(([, words]) => words.test(request))?.[0] ?? "general";
  const limits = [question.targetPct !== undefined, question.noLatencyCost === true].filter(
    Boolean,
  );
  const summary = results.find(({ tool }) => tool === "usage_summary");
  const sufficiency = sufficiencyOf(summary);
  return {
    category,
    priority: /\b(?:urgent|asap|immediately|now)\b/i.test(request)
      ? "urgent"
      : question.targetPct
        ? "high"
        : "normal",
    complexity: limits.length === 2 ? "complex" : limits.length === 1 ? "moderate" : "simple",
    confidence: category === "general" ? 0.4 : 0.9,
    intent: intentOf(category, question),
    entities: {
      models: [...(question.models ?? [])],
      features: named(question, "feature"),
      teams: named(question, "team"),
      last_days: question.lastDays ?? null,
      target_pct: question.targetPct ?? null,
      no_latency_cost: question.noLatencyCost ?? false,
    },
    data_sufficiency: sufficiency,
    data_reason: reasonFor(sufficiency, summary),
    facts: [...(summary?.facts.values() ?? [])],
  };
}

function sufficiencyOf(summary: DemoResult | undefined): DataSufficiency {
  const parsed = Counted.safeParse(summary?.content);
  if (!parsed.success) return "some";
  const { n_records } = parsed.data;
  return n_records === 0 ? "none" : n_records < ENOUGH_RECORDS ? "some" : "enough";
}

function reasonFor(sufficiency: DataSufficiency, summary: DemoResult | undefined): string {
  const parsed = Counted.safeParse(summary?.content);
  if (!parsed.success) {
    return `how many there are could not be read. ${summary?.failure ?? "No tool was at hand to count them."}`;
  }
  const { n_records } = parsed.data;
  const found = `usage_summary counted ${counted(n_records, "record")}.`;
  return sufficiency === "some" ? `${found} That is too few to plan by.` : found;
}

function intentOf(category: Category, { targetPct, noLatencyCost }: Question): string {
  const target = targetPct === undefined ? "" : ` by ${targetPct} %`;
  const limit = noLatencyCost ? ", with no loss of latency" : "";
  return `${INTENTS[category]}${target}${limit}.`;
}

const INTENTS = {
  workload_analysis: "To understand the workload",
  cost_optimization: "To lower the cost",
  performance_optimization: "To lower the latency",
  quality_optimization: "To raise the quality of the answers",
  model_selection: "To choose the right model",
  price_catalogue: "To know what models cost",
  monitoring_and_reporting: "To see how things go",
  configuration: "To set things up",
  general: "To know what can be done better",
} as const satisfies Record<Category, string>;

function named({ filters = {} }: Question, field: string): string[] {
  const value = filters[field];
  return value === undefined ? [] : [value];
}
