/** The steps of a run, stored as its checkpoints: all that another process needs to carry it on. */
import * as z from "zod";
import { FinalStatus, Finding, Grounding, type RunUsage } from "../protocol/entities.ts";
import { ToolStatus } from "../protocol/events.ts";
import { CallId } from "../protocol/ids.ts";
import { Problem } from "../protocol/problem.ts";
import { ApprovalStep } from "./approval-step.ts";
import type { Model, ModelMessage, ModelToolCall } from "./model.ts";
import { StepUsage } from "./step-usage.ts";
import {
  BegunStep,
  DelegationStep,
  OfPart,
  PartStep,
  PlanStep,
  RefusalStep,
} from "./team/team-step.ts";

/** A completed model turn: the text, and the tool calls it asks for. */
export const ModelStep = z.object({
  kind: z.literal("model"),
  part: OfPart,
  silent: z.literal(true).optional().describe("Set where its text is no part of the answer"),
  text: z.string(),
  tool_calls: z.array(
    z.object({
      id: CallId,
      name: z.string(),
      arguments: z.string(),
      callers: z.literal(true).optional().describe("Set where the caller executes it, nobody here"),
    }),
  ),
  usage: StepUsage,
  grounding: Grounding.optional().describe("Where its text states figures"),
});
export type ModelStep = z.infer<typeof ModelStep>;

/** A completed tool call: what the model is told of it, and the figures it found. */
export const ToolStep = z.object({
  kind: z.literal("tool"),
  part: OfPart,
  call_id: CallId,
  name: z.string(),
  status: ToolStatus,
  content: z.string(),
  findings: z.array(Finding),
});
export type ToolStep = z.infer<typeof ToolStep>;

/** The run's outcome. `agent_completed` follows after an attempt to write the history, whose success it tells. */
export const EndStep = z.object({
  kind: z.literal("end"),
  status: FinalStatus,
  text: z.string().describe("What a turn that broke off had written"),
  usage: StepUsage.nullable().describe("What the turns under way had used; null for nothing"),
  grounding: Grounding.optional().describe("Where that text states figures"),
  problem: Problem.nullable(),
  at: z.number().describe("Milliseconds since the Unix epoch"),
});
export type EndStep = z.infer<typeof EndStep>;

/** Whatever completes a step of a run. */
export const Step = z.discriminatedUnion("kind", [
  ModelStep,
  ToolStep,
  RefusalStep,
  ApprovalStep,
  DelegationStep,
  PlanStep,
  BegunStep,
  PartStep,
  EndStep,
]);
export type Step = z.infer<typeof Step>;

/** What an agent has to do next. */
type NextStep =
  | { readonly kind: "model"; readonly turn: number }
  | { readonly kind: "tool"; readonly call: ModelToolCall }
  | { readonly kind: "answer" }
  | { readonly kind: "complete"; readonly end: EndStep };

/** @returns the steps of one part of the team; for null, those of the run's own agent. */
export function stepsOf(steps: readonly Step[], part: string | null): readonly Step[] {
  return steps.filter((step) => ("part" in step ? (step.part ?? null) : null) === part);
}

/** @returns what an agent has to do next. @param steps all of that agent's steps, and of no other. */
export function nextStep(steps: readonly Step[]): NextStep {
  const last = steps.at(-1);
  if (last?.kind === "end") return { kind: "complete", end: last };
  const call = pendingCall(steps);
  if (call !== null) return { kind: "tool", call };
  if (last?.kind === "model" || isHandedOver(steps)) return { kind: "answer" };
  return { kind: "model", turn: modelSteps(steps).length + 1 };
}

/**
 * @returns the first tool call of the last model turn that has no result yet, or null if all have. Calls of the
 *   client's own functions are skipped: the client executes those.
 */
export function pendingCall(steps: readonly Step[]): ModelToolCall | null {
  const turn = modelSteps(steps).at(-1);
  if (turn === undefined) return null;
  const ended = steps
    .slice(steps.lastIndexOf(turn) + 1)
    .filter(({ kind }) => kind === "tool" || kind === "refusal");
  return turn.tool_calls.filter(({ callers }) => callers !== true)[ended.length] ?? null;
}

/** What stands between the texts of two model turns in one answer. */
export const TURN_SEPARATOR = "\n\n";

/** @returns the answer so far: the texts of all turns that are part of it, in order. */
export function answerText(steps: readonly Step[]): string {
  return steps
    .map((step) => (speaks(step) ? step.text : ""))
    .filter((text) => text !== "")
    .join(TURN_SEPARATOR);
}

/** @returns where the answer states figures, as offsets into {@link answerText}. */
export function groundingOf(steps: readonly Step[]): Grounding {
  const grounding: Grounding = { citations: [], unverified: [] };
  for (const [index, step] of steps.entries()) {
    if (!speaks(step) || step.text === "" || step.grounding === undefined) continue;
    const start = turnOffset(steps.slice(0, index));
    const moved = <Span extends { readonly offset: number }>(span: Span) => ({
      ...span,
      offset: start + span.offset,
    });
    grounding.citations.push(...step.grounding.citations.map(moved));
    grounding.unverified.push(...step.grounding.unverified.map(moved));
  }
  return grounding;
}

/** @returns the offset in the answer at which the next turn's text begins. */
export function turnOffset(steps: readonly Step[]): number {
  const before = answerText(steps);
  return before === "" ? 0 : before.length + TURN_SEPARATOR.length;
}

/** @returns the steps of one agent as the messages of a conversation, for its model to continue. */
export function conversationOf(steps: readonly Step[]): readonly ModelMessage[] {
  const told: ModelMessage[] = [];
  for (const step of steps) {
    if (step.kind === "model") {
      told.push({ role: "assistant", content: step.text, toolCalls: step.tool_calls });
    } else if (step.kind === "tool") {
      told.push({ role: "tool", callId: step.call_id, content: step.content });
    } else if (step.kind === "refusal") {
      const { call_id: callId, content } = step;
      told.push(callId === null ? { role: "user", content } : { role: "tool", callId, content });
    }
  }
  return told;
}

/** @returns every figure the run's tools found, in order. */
export function findingsOf(steps: readonly Step[]): Finding[] {
  return steps.flatMap((step) => (step.kind === "tool" ? step.findings : []));
}

/** @returns the completed tool calls, in order. */
export function toolStepsOf(steps: readonly Step[]): readonly ToolStep[] {
  return steps.filter((step) => step.kind === "tool");
}

/**
 * @returns the tokens and cost (US$) of all model turns, including those that broke off. The cost is null if one
 *   of them has no known price.
 */
export function usageOf(steps: readonly Step[], model: string, cost: Model["cost"]): RunUsage {
  const calls = steps.flatMap((step) => ("usage" in step ? (step.usage ?? []) : []));
  const sum = (of: (usage: ModelStep["usage"]) => number) =>
    calls.reduce((total, usage) => total + of(usage), 0);
  const costs = calls.map((usage) => cost(model, usage));
  return {
    input_tokens: sum((usage) => usage.inputTokens),
    cached_input_tokens: sum((usage) => usage.cachedInputTokens),
    output_tokens: sum((usage) => usage.outputTokens),
    reasoning_tokens: sum((usage) => usage.reasoningTokens),
    model_calls: calls.length,
    cost_usd: costs.reduce<number | null>(
      (total, each) => (total === null || each === null ? null : total + each),
      0,
    ),
    estimated: calls.some((usage) => usage.estimated),
  };
}

/** @returns whether a step's text is part of the answer. */
function speaks(step: Step): step is ModelStep | EndStep {
  return step.kind === "end" || (step.kind === "model" && step.silent !== true);
}

/** @returns whether the last turn calls functions of the client: the run then ends without another turn. */
function isHandedOver(steps: readonly Step[]): boolean {
  const calls = modelSteps(steps).at(-1)?.tool_calls ?? [];
  return calls.some(({ callers }) => callers === true);
}

function modelSteps(steps: readonly Step[]): readonly ModelStep[] {
  return steps.filter((step) => step.kind === "model");
}
