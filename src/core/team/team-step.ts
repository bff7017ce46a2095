/** The checkpoints that only a run with a team has: what was delegated, planned, begun and handed back. */
import * as z from "zod";
import { CallId } from "../../protocol/ids.ts";
import { Json } from "../../protocol/json.ts";
import { Problem } from "../../protocol/problem.ts";
import { AgentPart } from "../../protocol/report.ts";
import { StepUsage } from "../step-usage.ts";

export const OfPart = z
  .string()
  .optional()
  .describe("The part of the team whose step it is; absent for the run's own agent");

/** What the run's own agent gives the team to do. */
export const Delegation = z.object({
  reason: z.string().trim().min(1).max(500).describe("Why this needs the team, in a sentence"),
  request: z
    .string()
    .trim()
    .min(1)
    .max(2_000)
    .describe("What is asked for, restated so that it can be understood without the conversation"),
  leave_out: z
    .array(z.string())
    .max(8)
    .default([])
    .describe("Parts that the request has no need of; what depends on them is left out too"),
  focus: z
    .array(z.object({ part: z.string(), on: z.string().trim().min(1).max(500) }))
    .max(8)
    .default([])
    .describe("What a part is to look at alone, where the request is narrower than its role"),
});
export type Delegation = z.infer<typeof Delegation>;

/** The team was given the work. */
export const DelegationStep = z.object({
  kind: z.literal("delegation"),
  delegation: Delegation,
});

/** Which parts follow on the entry's findings; the graph says in which order. */
export const PlanStep = z.object({
  kind: z.literal("plan"),
  parts: z.array(z.string()),
  left_out: z.array(z.string()),
});
export type PlanStep = z.infer<typeof PlanStep>;

/** A part was told to begin. */
export const BegunStep = z.object({ kind: z.literal("begun"), part: z.string() });

/** A part came to its end, with its typed output or the reason why there is none. */
export const PartStep = z.object({
  kind: z.literal("part"),
  part: z.string(),
  status: AgentPart.shape.status,
  output: Json.describe("null where there is none, and for the part that wrote the answer"),
  problem: Problem.nullable(),
  usage: StepUsage.nullable().describe("What a turn that broke off had used; null for nothing"),
});
export type PartStep = z.infer<typeof PartStep>;

/** A submission that does not fit, or is missing: what the model is told of it. */
export const RefusalStep = z.object({
  kind: z.literal("refusal"),
  part: OfPart,
  call_id: CallId.nullable().describe("null where the turn ended without a call"),
  content: z.string(),
});
export type RefusalStep = z.infer<typeof RefusalStep>;
