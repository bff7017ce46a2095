/** What a run that looked for savings comes to: the outcome in figures, and the report people export. */
import * as z from "zod";
import { FactId, Timestamp } from "./ids.ts";
import { ActionStep, Estimate, LatencyEffect } from "./optimization.ts";

const facts = z.array(FactId).describe("The figures it rests on");

/** One thing to do, with its evidence. */
export const Recommendation = z.object({
  title: z.string(),
  monthly_savings_usd: Estimate.nullable().describe("null where it has no price"),
  latency_effect: LatencyEffect,
  effort_hours: z.number().nullable(),
  why: z.string(),
  facts,
});
export type Recommendation = z.infer<typeof Recommendation>;

/** The figures of a run that computed savings. Its findings contain them too. */
export const Outcome = z.object({
  estimated_monthly_savings: Estimate.describe("US$"),
  roi_percentage: z.number().nullable().describe("Of twelve months; null where costs are unstated"),
  efficiency_improvement: z.number().nullable().describe("Percent, of the cost of a success"),
  time_to_value: z
    .object({ days: z.number().int().min(0), payback_months: z.number().nullable() })
    .nullable()
    .describe("Until the first step is in place; until it has paid for itself"),
  risk_reduction_score: z
    .number()
    .min(0)
    .max(100)
    .nullable()
    .describe("The share of the savings that stands on measured or replayed records and a guard"),
  recommendations: z.array(Recommendation),
});
export type Outcome = z.infer<typeof Outcome>;

/** A chart's data; how it is drawn is the reader's choice. */
export const Chart = z.object({
  id: z.string(),
  kind: z.enum(["line", "bar", "band"]),
  title: z.string(),
  unit: z.string(),
  series: z.array(
    z.object({
      name: z.string(),
      points: z.array(
        z.object({
          x: z.string(),
          y: z.number().nullable(),
          low: z.number().nullable(),
          high: z.number().nullable(),
        }),
      ),
    }),
  ),
  facts,
});
export type Chart = z.infer<typeof Chart>;

/** A figure of a report, with the fact that it is. */
export const ReportFigure = z.object({
  name: z.string(),
  value: z.number(),
  unit: z.string(),
  interval: z.object({ low: z.number(), high: z.number() }).nullable(),
  fact_id: FactId,
});
export type ReportFigure = z.infer<typeof ReportFigure>;

/** What each agent of the team did. */
export const AgentPart = z.object({
  agent: z.string(),
  status: z.enum(["completed", "failed", "skipped"]),
  summary: z.string(),
  tool_calls: z.number().int().min(0),
});
export type AgentPart = z.infer<typeof AgentPart>;

/** What a run found out: figures with their sources, advice, and a plan. */
export const Report = z.object({
  title: z.string(),
  created_at: Timestamp,
  window: z.object({ from: Timestamp, to: Timestamp }).nullable(),
  summary: z.string().describe("Markdown"),
  current: z.array(ReportFigure).describe("Cost and use as they are"),
  projected: z.array(ReportFigure).describe("Cost as it would be"),
  performance: z.array(ReportFigure).describe("Latency and errors"),
  recommendations: z.array(Recommendation),
  action_plan: z.array(ActionStep.omit({ facts: true }).extend({ facts })),
  risks: z.array(z.object({ title: z.string(), mitigation: z.string() })),
  kpis: z.array(z.object({ name: z.string(), now: z.string(), target: z.string(), facts })),
  agents: z.array(AgentPart),
  assumptions: z.array(z.string()),
  price_versions: z.array(z.string()),
  charts: z.array(Chart),
});
export type Report = z.infer<typeof Report>;
