/** Whether a tool call may be executed yet: asked of a person, decided by them or by the clock. */
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
 * Nothing more can be done for the run before somebody decides, or the time for that is over. All of
 * it is stored, so that no process has to hold it until then.
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

/** What is to be done about a call next. */
export type ApprovalMove =
  /** Store the step and tell of it, then look again; a call that is told to execute is executed. */
  | { readonly kind: "tell"; readonly step: ApprovalStep }
  | { readonly kind: "execute" }
  | { readonly kind: "wait"; readonly until: number }
  /** The call is not executed. */
  | { readonly kind: "close"; readonly outcome: CallOutcome };

const EXECUTE: ApprovalMove = { kind: "execute" };

/** @returns the last step of the question about a call, or null where nobody was asked. */
export function approvalOf(steps: readonly Step[], callId: CallId): ApprovalStep | null {
  const questions = steps.filter((step) => step.kind === "approval");
  return questions.findLast(({ call_id }) => call_id === callId) ?? null;
}

/** @returns whether a person is asked first: not about a call that makes no sense, for it fails anyway. */
export function asksFirst(
  call: ModelToolCall,
  tools: readonly Tool[],
  steps: readonly Step[],
): boolean {
  const tool = toolOf(call, tools);
  return tool !== undefined && needsApproval(call, tool, steps) && faultOf(call, tool) === null;
}

/**
 * @returns whether an earlier life may have executed the call, wholly or in part.
 * @param resumed whether an earlier life of the run was cut off.
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
 * @param now milliseconds since the Unix epoch.
 * @param stopped whether the run is being ended: then nobody is asked any more.
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

/** @returns what is told of a step in the question about a call. */
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

/** @returns whether it takes an approval of this very call. */
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
