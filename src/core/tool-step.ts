/** An ended tool call as a checkpoint: what the model is told of it, and its figures under their names. */
import { type Step, type ToolStep, toolStepsOf } from "./checkpoint.ts";
import { nameFindings, tellFacts } from "./grounding/facts.ts";
import type { ModelToolCall } from "./model.ts";
import type { CallOutcome } from "./tool-call.ts";

/** @param before the steps of the run before this one: they say the so-manieth of its tool it is. */
export function toolStep(
  call: ModelToolCall,
  outcome: CallOutcome,
  before: readonly Step[],
): ToolStep {
  const nth = toolStepsOf(before).filter(({ name }) => name === call.name).length + 1;
  const findings = nameFindings(outcome.findings, { callId: call.id, tool: call.name, nth });
  const content = tellFacts(outcome.content, findings);
  return {
    kind: "tool",
    call_id: call.id,
    name: call.name,
    status: outcome.status,
    content,
    findings,
  };
}
