/** Decides whether a tool call may be executed yet, or has to wait until a person approves it or the time is over. */
import { ApexError } from "../protocol/errors.ts";
import type { NewEvent } from "../protocol/events.ts";
import type { CallId, RunId } from "../protocol/ids.ts";
import type { ApprovalStep } from "./approval-step.ts";
import type { Step } from "./checkpoint.ts";
import { timestamp } from "./clock.ts";
import type { ModelToolCall } from "./model.ts";
import type { Tool } from "./tool.ts";
import { type CallOutcome, closeCall, faultOf, openCall } from "./tool-call.ts";

/**
 * Thrown when a run can do nothing more before somebody decides, or the time for that is over. Everything is stored
 * by then, so no process has to keep running meanwhile.
 */
export class RunWaits extends Error {
  override readonly name = "RunWaits";
  /** When the time for a decision is over, in milliseconds since the Unix epoch. */
  readonly until: number;

  constructor(until: number) {
    super("The run waits for a decision.");
    this.until = until;
  }
}

/** What to do about a call next. */
export type ApprovalMove =
  /** Store the step and tell it to clients, then ask again what to do. */
  | { readonly kind: "tell"; readonly step: ApprovalStep }
  | { readonly kind: "execute" }
  | { readonly kind: "wait"; readonly until: number }
  /** End the call with this outcome, without executing it. */
  | { readonly kind: "close"; readonly outcome: CallOutcome };

const EXECUTE: ApprovalMove = { kind: "execute" };

/** @returns the newest approval step about a call; null if nobody was asked. */
export function approvalOf(steps: readonly Step[], callId: CallId): ApprovalStep | null {
  const questions = steps.filter((step) => step.kind === "approval");
  return questions.findLast(({ call_id }) => call_id === callId) ?? null;
}

/** @returns whether a person is asked first. An invalid call needs no approval, because it fails anyway. */
export function asksFirst(
  call: ModelToolCall,
  tools: readonly Tool[],
  steps: readonly Step[],
): boolean {
  const tool = toolOf(call, tools);
  return tool !== undefined && needsApproval(call, tool, steps) && faultOf(call, tool) === null;
}

/**
 * @param resumed whether an earlier process was cut off in the middle of the run.
 * @returns whether that process may have executed the call, completely or in part.
 */
export function mayHaveRun(
  call: ModelToolCall,
  tools: readonly Tool[],
  steps: readonly Step[],
  resumed: boolean,
): boolean {
  if (asksFirst(call, tools, steps)) return approvalOf(steps, call.id)?.state === "executing";
  return resumed && toolOf(call, tools)?.readOnly === false;
}

/**
 * @param moment.now milliseconds since the Unix epoch.
 * @param moment.stopped whether the run is being ended: then nobody is asked any more.
 * @returns what to do about a call next.
 */
export function approvalMove(
  call: ModelToolCall,
  tools: readonly Tool[],
  steps: readonly Step[],
  { now, stopped }: { readonly now: number; readonly stopped: boolean },
): ApprovalMove {
  const tool = toolOf(call, tools);
  if (tool?.approval == null || !needsApproval(call, tool, steps)) return EXECUTE;
  const fault = faultOf(call, tool);
  if (fault !== null) return { kind: "close", outcome: closeCall("failed", fault) };
  const asked = approvalOf(steps, call.id);
  const tell = (state: ApprovalStep["state"], expires_at: number): ApprovalMove => {
    return { kind: "tell", step: { kind: "approval", call_id: call.id, state, expires_at } };
  };
  if (asked === null) {
    return tell(stopped ? "executing" : "requested", now + tool.approval.expiresMs);
  }
  const { state, expires_at } = asked;
  switch (state) {
    case "requested":
      if (stopped) return { kind: "close", outcome: closeCall("cancelled", ended(call.name)) };
      return now < expires_at ? { kind: "wait", until: expires_at } : tell("expired", expires_at);
    case "approved":
      return tell("executing", expires_at);
    case "executing":
      return EXECUTE;
    case "rejected":
      return { kind: "close", outcome: closeCall("cancelled", rejected(call.name)) };
    case "expired":
      return { kind: "close", outcome: closeCall("failed", expired(call.name)) };
  }
}

/** @returns the event that tells clients of an approval step. */
export function approvalEvent(
  of: { readonly run_id: RunId; readonly agent: string },
  call: ModelToolCall,
  tools: readonly Tool[],
  { state, expires_at }: ApprovalStep,
): NewEvent {
  const call_id = call.id;
  const opened = { call_id, tool_name: call.name, ...openCall(call, tools) };
  switch (state) {
    case "requested": {
      const data = { ...opened, expires_at: timestamp(expires_at) };
      return { ...of, type: "approval_requested", data };
    }
    case "executing":
      return { ...of, type: "tool_executing", data: opened };
    default: {
      const by = state === "expired" ? "clock" : "user";
      return { ...of, type: "approval_decided", data: { call_id, decision: state, by } };
    }
  }
}

/** @returns whether this very call needs an approval, not covered by an earlier one. */
function needsApproval({ id, name }: ModelToolCall, { approval }: Tool, steps: readonly Step[]) {
  if (approval?.once !== true) return approval !== null;
  const others = steps.flatMap((step) => (step.kind === "model" ? step.tool_calls : []));
  return !others.some(
    (other) =>
      other.name === name && other.id !== id && approvalOf(steps, other.id)?.state === "executing",
  );
}

function toolOf(call: ModelToolCall, tools: readonly Tool[]): Tool | undefined {
  return tools.find(({ name }) => name === call.name);
}

function ended(name: string): ApexError {
  return new ApexError("tool_cancelled", `${name} was not executed because the run ended.`);
}

function rejected(name: string): ApexError {
  const detail = `A person rejected this call of ${name}: it was not executed. Do not ask for it again unless the person does.`;
  return new ApexError("approval_rejected", detail);
}

function expired(name: string): ApexError {
  const detail = `Nobody approved this call of ${name} in time: it was not executed.`;
  return new ApexError("approval_expired", detail);
}
