/** The tool port: what an agent may call, how long it may take, and what it gives back. */
import type { Finding } from "../protocol/entities.ts";
import type { SubstituteCode } from "../protocol/fallbacks.ts";
import type { CallId, RunId, UserId, WorkspaceId } from "../protocol/ids.ts";
import type { Json } from "../protocol/json.ts";
import type { ToolScope } from "../protocol/scopes.ts";
import type { TraceContext } from "./trace.ts";

/** Whom a tool works for, and the signal that ends it. */
export interface ToolContext {
  readonly userId: UserId;
  /** Whose usage records it may read: the user's own, or those of the user's team. */
  readonly workspaceId: WorkspaceId;
  /** The run and the call it works in: the same whenever the call is made. */
  readonly runId: RunId;
  readonly callId: CallId;
  /** Where the call stands in its trace, for whoever is asked because of it. */
  readonly trace?: TraceContext | null;
  readonly signal: AbortSignal;
}

/** A figure of a tool's result; the loop adds the call it came from. */
export type ToolFinding = Omit<Finding, "fact_id" | "call_id" | "tool_name">;

/** A result that is not what it should be: why, and what is given instead. */
export interface Degradation {
  readonly code: SubstituteCode;
  readonly reason: string;
  readonly action: string;
  /** When it should be as it should again (RFC 3339); null where nobody knows. */
  readonly until: string | null;
  /** The moment the result is of (RFC 3339). */
  readonly as_of: string;
}

export interface ToolResult {
  /** What the model reads and the person can unfold. */
  readonly output: Json;
  /** The figures an answer may lean on. */
  readonly findings: readonly ToolFinding[];
  /** Set where the result is a substitute; the user is told before anything else. */
  readonly degraded?: Degradation;
}

export interface ToolApproval {
  readonly expiresMs: number;
  /** Whether a call that was approved stands for all calls of the tool after it in the run. */
  readonly once?: boolean;
}

/** A tool as the loop sees it: it parses its arguments itself, whatever they are. */
export interface Tool {
  readonly name: string;
  /** What the sender of a message must hold for the agents that answer it to have this tool. */
  readonly permission: ToolScope;
  /** What it computes and when to call it: read by the model and by people. */
  readonly description: string;
  /** JSON Schema (draft 2020-12) of the arguments. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** A read-only tool may run again after a crash; one with effects never does. */
  readonly readOnly: boolean;
  readonly timeoutMs: number;
  /** Set for a tool of a server that a user has connected: it is no part of the product. */
  readonly connected?: true;
  /**
   * Set where a person has to approve each call before it is executed: they have so long, in
   * milliseconds.
   */
  readonly approval: ToolApproval | null;
  /**
   * @returns a sentence of at least 20 characters: what this call does and why.
   * @throws {ApexError} `invalid_fields` where the arguments do not fit.
   */
  describeCall(args: Json): string;
  /** @throws {ApexError} `invalid_fields` where the arguments do not fit; anything else is a failure. */
  execute(args: Json, context: ToolContext): Promise<ToolResult>;
}
