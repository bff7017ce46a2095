/** The two steps of an agent that reach out, a model turn and a tool call, as they are traced and counted. */
import { placeOfRun } from "../../protocol/ids.ts";
import { countToolCall, ModelCall, toolSpan } from "../gen-ai.ts";
import type { ModelToolCall } from "../model.ts";
import type { RunWork } from "../run-work.ts";
import type { Tool } from "../tool.ts";
import { type CallOutcome, executeCall } from "../tool-call.ts";
import type { Span } from "../trace.ts";

/** @returns a turn of a run's model that is about to be asked for, to be ended with it. */
export function beginModelCall({ metrics, order, ports }: RunWork, agent: string, span: Span) {
  const { provider } = ports.model;
  const conversationId = placeOfRun(order.runId)?.threadId;
  const asked = { provider, model: order.model, agent, conversationId };
  return new ModelCall(span, asked, { metrics, clock: ports.clock });
}

/** Runs a tool call to its end; see {@link executeCall}. */
export async function executeTraced(
  { metrics, order, ports }: RunWork,
  call: ModelToolCall,
  tools: readonly Tool[],
  { span: parent, signal }: { readonly span: Span; readonly signal: AbortSignal },
): Promise<CallOutcome> {
  const { runId, userId, workspaceId } = order;
  const { clock, log } = ports;
  const span = toolSpan(parent, call, tools);
  const context = { runId, userId, workspaceId, trace: span.context, signal, clock, log };
  const outcome = await executeCall(call, tools, context);
  span.end(outcome.problem?.code);
  countToolCall(metrics, call, tools, outcome);
  return outcome;
}
