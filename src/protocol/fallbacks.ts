/** What did not work as it should while a run went on, and what it did instead. */
import * as z from "zod";
import { Timestamp } from "./ids.ts";
import { Problem } from "./problem.ts";

/** What is degraded. */
export const DegradedPart = z.enum(["model", "tool", "history", "run", "agent"]);
export type DegradedPart = z.infer<typeof DegradedPart>;

/** Why a tool gives an earlier result in place of a fresh one. */
export const SubstituteCode = z.enum(["records_unreachable", "records_slow"]);
export type SubstituteCode = z.infer<typeof SubstituteCode>;

/** What happened, for programs: a client says it in its own words and language. */
export const FallbackCode = z.enum([
  "run_resumed",
  "answer_restarted",
  "answer_cut_short",
  "part_failed",
  ...SubstituteCode.options,
]);
export type FallbackCode = z.infer<typeof FallbackCode>;

/** The data of an `agent_fallback`. */
export const Fallback = z.object({
  part: DegradedPart.describe("What is degraded"),
  code: FallbackCode.optional().describe("What happened, for programs; earlier logs have none"),
  subject: z.string().optional().describe("Which agent or tool is degraded, by its name"),
  problem: Problem.optional().describe("With `part_failed`: why the agent came to no result"),
  as_of: Timestamp.optional().describe("With an earlier result: the moment it is of"),
  reason: z.string().describe("What happened, in English"),
  action: z.string().describe("What is done instead, in English"),
  until: Timestamp.nullable().describe("When it should be back, where that is known"),
});
export type Fallback = z.infer<typeof Fallback>;
