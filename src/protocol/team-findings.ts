/** What the parts of the team hand on to each other: typed, and every figure by the id of its fact. */
import * as z from "zod";
import { FactId } from "./ids.ts";
import { LatencyEffect, Lever } from "./optimization.ts";

const line = z.string().trim().min(1).max(500);
const facts = z.array(FactId).max(60).default([]).describe("The figures it rests on");
const names = z.array(z.string().min(1).max(200)).max(20).default([]);

/** What a request is about. */
export const Category = z.enum([
  "workload_analysis",
  "cost_optimization",
  "performance_optimization",
  "quality_optimization",
  "model_selection",
  "price_catalogue",
  "monitoring_and_reporting",
  "configuration",
  "general",
]);
export type Category = z.infer<typeof Category>;

/** How far the records of the workspace carry an analysis. */
export const DataSufficiency = z.enum(["enough", "some", "none"]);
export type DataSufficiency = z.infer<typeof DataSufficiency>;

/** What triage hands on: what is asked, and what there is to answer it from. */
export const TriageFindings = z.object({
  category: Category,
  priority: z.enum(["low", "normal", "high", "urgent"]),
  complexity: z.enum(["simple", "moderate", "complex"]),
  confidence: z.number().min(0).max(1),
  intent: line.describe("What the user wants to reach, in a sentence"),
  entities: z.object({
    models: names,
    features: names,
    teams: names,
    last_days: z.number().int().min(1).max(366).nullable().default(null),
    target_pct: z.number().min(0).max(100).nullable().default(null),
    no_latency_cost: z.boolean().default(false).describe("Whether latency must not get worse"),
  }),
  data_sufficiency: DataSufficiency.describe("Of the records, never of the words"),
  data_reason: line.describe("What the records show that says so"),
  facts,
});
export type TriageFindings = z.infer<typeof TriageFindings>;

/** What a part could not find out, and what it would take. */
const Gap = z.object({ what: line, why: line });

/** What a tool showed, in words. */
const Observation = z.object({
  title: line,
  statement: z.string().trim().min(1).max(4_000).describe("Markdown"),
  facts,
});

/** What the data agent hands on: the state of things, without advice. */
export const DataFindings = z.object({
  observations: z.array(Observation).max(20),
  gaps: z.array(Gap).max(20).default([]),
});
export type DataFindings = z.infer<typeof DataFindings>;

/** What the optimization agent hands on: each way to save, and all of them together. */
export const OptimizationFindings = z.object({
  opportunities: z
    .array(
      z.object({
        title: line,
        lever: Lever.nullable(),
        subject: z.string().max(200).nullable().default(null).describe("null for all"),
        latency_effect: LatencyEffect,
        why: line,
        left_out: line.nullable().default(null).describe("Why it is in no total; null where it is"),
        facts,
      }),
    )
    .max(40),
  together: z
    .object({
      statement: z.string().trim().min(1).max(4_000).describe("Markdown"),
      target_reached: z.boolean().nullable().describe("null where none was named"),
      needs: line.nullable().default(null).describe("What a missed target would take"),
      facts,
    })
    .nullable()
    .describe("null where no tool computed the levers together"),
  details: z.array(Observation).max(12).default([]).describe("What single levers showed alone"),
  gaps: z.array(Gap).max(20).default([]),
});
export type OptimizationFindings = z.infer<typeof OptimizationFindings>;

/** What the actions agent hands on: steps in the order in which they are taken. Nothing is applied. */
export const ActionFindings = z.object({
  statement: z.string().trim().min(1).max(8_000).describe("The plan as a whole, in Markdown"),
  steps: z
    .array(
      z.object({
        title: line,
        owner: line,
        change: line,
        check: line.describe("What shows that it worked"),
        rollback: line,
        stop_rule: line,
        approval: line.describe("Who must agree before it is done"),
        facts,
      }),
    )
    .max(20),
  gaps: z.array(Gap).max(20).default([]),
});
export type ActionFindings = z.infer<typeof ActionFindings>;

/** What the data helper hands on: which records are missing, and how they come in. */
export const DataNeeds = z.object({
  needs: z
    .array(z.object({ what: line, why: line, how: line }))
    .min(1)
    .max(12),
});
export type DataNeeds = z.infer<typeof DataNeeds>;
