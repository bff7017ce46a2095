/** The bodies about tools: what each computes, and a call of one without an agent. */
import * as z from "zod";
import { Finding } from "./entities.ts";
import { SubstituteCode } from "./fallbacks.ts";
import { CallId, Timestamp } from "./ids.ts";
import { Json } from "./json.ts";

/** A tool's name; any text, because a lookup decides. */
export const ToolName = z.string().min(1).max(64);

export const ToolDescription = z.object({
  name: z.string(),
  description: z.string().describe("What it computes, and when to call it"),
  permission: z.string().describe("The scope that permits it"),
  parameters: z.record(z.string(), z.unknown()).describe("JSON Schema of the arguments"),
  read_only: z.boolean(),
  needs_approval: z.boolean().describe("Whether a person has to approve each call"),
  timeout_ms: z.number().int().min(1),
});
export type ToolDescription = z.infer<typeof ToolDescription>;

export const Tools = z.object({ data: z.array(ToolDescription) });
export type Tools = z.infer<typeof Tools>;

export const ExecuteToolBody = z.strictObject({
  arguments: z.record(z.string(), Json).default({}),
});
export type ExecuteToolBody = z.infer<typeof ExecuteToolBody>;

export const ToolExecution = z.object({
  call_id: CallId,
  tool_name: z.string(),
  duration_ms: z.number().min(0),
  output: Json,
  findings: z
    .array(Finding.omit({ fact_id: true, call_id: true, tool_name: true }))
    .describe("The figures an answer may lean on"),
  degraded: z
    .object({
      code: SubstituteCode.describe("Why, for programs"),
      reason: z.string().describe("Why, in English"),
      action: z.string(),
      until: Timestamp.nullable(),
      as_of: Timestamp,
    })
    .nullable()
    .describe("Set where the result is a substitute, as of an earlier moment"),
});
export type ToolExecution = z.infer<typeof ToolExecution>;
