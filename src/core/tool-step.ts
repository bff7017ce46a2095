/** An ended tool call as a checkpoint: what the model is told of it, and its figures under their names. */
import { factIdOf, type Step, type ToolStep, toolStepsOf } from "./checkpoint.ts";
import type { ModelToolCall } from "./model.ts";
import type { CallOutcome } from "./tool-call.ts";

/** @param before the steps of the run before this one: they say the so-manieth of its tool it is. */
export function toolStep(
  call: ModelToolCall,
  outcome: CallOutcome,
  before: readonly Step[],
): ToolStep {
  const source = { call_id: call.id, tool_name: call.name };
  const calls = toolStepsOf(before).filter(({ name }) => name === call.name).length + 1;
  return {
    kind: "tool",
    call_id: call.id,
    name: call.name,
    status: outcome.status,
    content: outcome.content,
    findings: outcome.findings.map((finding) => ({
      fact_id: factIdOf(call.name, calls, finding.name),
      ...source,
      ...finding,
    })),
  };
}
