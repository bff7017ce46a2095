/** One tool call: announced, executed within its time limit, and always brought to an end, whatever happens. */

import * as z from "zod";
import { Finding } from "../protocol/entities.ts";
import { ApexError } from "../protocol/errors.ts";
import type { ToolStatus } from "../protocol/events.ts";
import type { RunId, UserId, WorkspaceId } from "../protocol/ids.ts";
import { Json } from "../protocol/json.ts";
import type { Problem } from "../protocol/problem.ts";
import { problemOf } from "../protocol/problem-of.ts";
import type { Clock } from "./clock.ts";
import { DeadlineExceeded, withDeadline } from "./deadline.ts";
import type { Log } from "./log.ts";
import type { ModelToolCall } from "./model.ts";
import type { Degradation, Tool, ToolFinding } from "./tool.ts";
import type { TraceContext } from "./trace.ts";

/** The shortest description of a call, in characters. The protocol refuses shorter ones, which would say too little. */
const MIN_OPERATION = 20;
/** The longest result, in characters: a model has to read all of it. Past this the call fails, and says so. */
const MAX_RESULT_LENGTH = 32 * 1024;

/** Results are validated before use: for example, NaN could not be sent, stored or read back as JSON. */
export const Result = z.object({
  output: Json,
  findings: z.array(Finding.omit({ fact_id: true, call_id: true, tool_name: true })),
});

/** The outcome of a call. `content` is what the model reads. */
export interface CallOutcome {
  readonly status: ToolStatus;
  readonly durationMs: number;
  readonly results: Json | null;
  readonly problem: Problem | null;
  readonly content: string;
  readonly findings: readonly ToolFinding[];
  /** Why the results are only a substitute; null if they are not. */
  readonly degraded: Degradation | null;
}

/** A call as `tool_executing` announces it. */
interface OpenedCall {
  readonly arguments: Json;
  readonly operation: string;
}

/** @returns how to announce a call, even if its tool does not exist or its arguments are invalid. */
export function openCall(call: ModelToolCall, tools: readonly Tool[]): OpenedCall {
  const args = parseArguments(call.arguments);
  const tool = tools.find(({ name }) => name === call.name);
  if (tool === undefined) {
    const operation = `The model asked for the tool "${call.name.slice(0, 64)}", which this agent does not have.`;
    return { arguments: args.ok ? args.value : call.arguments, operation };
  }
  const plain = `Calls ${tool.name} with the arguments that the model gave it.`;
  const unreadable = `Checks the arguments the model gave to ${tool.name}, which do not fit the tool.`;
  if (!args.ok) return { arguments: call.arguments, operation: unreadable };
  try {
    const operation = tool.describeCall(args.value);
    return {
      arguments: args.value,
      operation: operation.length < MIN_OPERATION ? plain : operation,
    };
  } catch {
    return { arguments: args.value, operation: unreadable };
  }
}

/** @returns why a call is invalid, or null if it is valid. */
export function faultOf(call: ModelToolCall, tool: Tool): ApexError | null {
  const args = parseArguments(call.arguments);
  if (!args.ok) return args.error;
  try {
    tool.describeCall(args.value);
    return null;
  } catch (error) {
    return error instanceof ApexError ? error : failed(tool.name);
  }
}

/**
 * Executes a call. Never throws: failures, time-outs and aborts are outcomes, because the model, the user and the
 * next step all need to know of them.
 */
export async function executeCall(
  call: ModelToolCall,
  tools: readonly Tool[],
  context: {
    readonly runId: RunId;
    readonly userId: UserId;
    readonly workspaceId: WorkspaceId;
    readonly trace?: TraceContext | null;
    readonly signal: AbortSignal;
    readonly clock: Clock;
    readonly log: Log;
  },
): Promise<CallOutcome> {
  const startedAt = context.clock.now();
  const elapsed = () => Math.max(0, context.clock.now() - startedAt);
  const tool = tools.find(({ name }) => name === call.name);
  try {
    if (tool === undefined) throw unknownTool(call.name, tools);
    const args = parseArguments(call.arguments);
    if (!args.ok) throw args.error;
    const given = await withDeadline(
      tool.timeoutMs,
      (signal) =>
        tool.execute(args.value, {
          userId: context.userId,
          workspaceId: context.workspaceId,
          runId: context.runId,
          callId: call.id,
          trace: context.trace ?? null,
          signal,
        }),
      context.signal,
    );
    const content = JSON.stringify(given.output);
    if (content.length > MAX_RESULT_LENGTH) {
      throw new ApexError("tool_failed", `${tool.name} gave more than a model can read at once.`);
    }
    const result = Result.parse(given);
    return {
      status: "succeeded",
      durationMs: elapsed(),
      results: result.output,
      problem: null,
      content,
      findings: result.findings,
      degraded: given.degraded ?? null,
    };
  } catch (error) {
    if (context.signal.aborted) return closeCall("cancelled", cancelled(call.name), elapsed());
    if (error instanceof DeadlineExceeded) {
      return closeCall("timed_out", timedOut(call.name, tool?.timeoutMs ?? 0), elapsed());
    }
    if (error instanceof ApexError) return closeCall("failed", error, elapsed());
    context.log.error("tool.failed", error, { tool: tool?.name, call_id: call.id });
    return closeCall("failed", failed(call.name), elapsed());
  }
}

/** @returns the outcome of a call with effects which an earlier process may have executed: that it is unknown. */
export function unknownOutcome(call: ModelToolCall): CallOutcome {
  const detail = `The run was interrupted while ${call.name} worked. It has effects, so it was not run again; check what it did.`;
  return closeCall("unknown", new ApexError("outcome_unknown", detail));
}

/** @returns the outcome of a call without results. */
export function closeCall(status: ToolStatus, error: ApexError, durationMs = 0): CallOutcome {
  const problem = problemOf(error);
  const told = {
    error: {
      code: problem.code,
      detail: problem.detail,
      ...(problem.errors && { errors: problem.errors }),
    },
  };
  return {
    status,
    durationMs,
    results: null,
    problem,
    content: JSON.stringify(told),
    findings: [],
    degraded: null,
  };
}

export type Arguments =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly error: ApexError };

/** Models send an empty string for "no arguments" and, now and then, text that is not JSON. */
export function parseArguments(text: string): Arguments {
  if (text.trim() === "") return { ok: true, value: {} };
  try {
    return { ok: true, value: Json.parse(JSON.parse(text)) };
  } catch (cause) {
    const error = new ApexError("invalid_fields", "The arguments are not JSON as tools take it.", {
      errors: [{ field: "arguments", message: "must be a JSON object" }],
      cause,
    });
    return { ok: false, error };
  }
}

function unknownTool(name: string, tools: readonly Tool[]): ApexError {
  const known = tools.map((tool) => tool.name).join(", ") || "none";
  const detail = `There is no tool "${name.slice(0, 64)}" here. Tools of this agent: ${known}.`;
  return new ApexError("tool_failed", detail, {
    errors: [{ field: "tool_name", message: `must be one of: ${known}` }],
  });
}

function cancelled(name: string): ApexError {
  return new ApexError("tool_cancelled", `${name} was stopped because the run ended.`);
}

function timedOut(name: string, timeoutMs: number): ApexError {
  return new ApexError("tool_timeout", `${name} did not finish within ${timeoutMs / 1000} s.`);
}

function failed(name: string): ApexError {
  return new ApexError("tool_failed", `${name} failed unexpectedly; its figures are missing.`);
}
