/** Every frame a server sends: the journalled events of a thread, and the frames of a connection. */
import * as z from "zod";
import { ApprovalDecided, ApprovalRequested } from "./approvals.ts";
import { CallerCall } from "./caller.ts";
import { FinalStatus, Finding, RunResults, RunStatus, RunUsage } from "./entities.ts";
import { logged, ofConnection, ofRun } from "./envelope.ts";
import { Fallback } from "./fallbacks.ts";
import { CallId, ClientMessageId, Epoch, MessageId, RunId, Seq, Timestamp } from "./ids.ts";
import { Json } from "./json.ts";
import { Problem } from "./problem.ts";

export const MessageAccepted = ofRun(
  "message_accepted",
  z.object({
    client_message_id: ClientMessageId.nullable(),
    message_id: MessageId,
    run_id: RunId,
    content: z.string(),
    replaces: z
      .object({ message_id: MessageId, seq: Seq })
      .nullable()
      .describe("Whose place it takes: every exchange begun from that seq on is superseded"),
    queue_position: z.number().int().min(0).describe("Runs that go before this one"),
  }),
);

export const AgentStarted = ofRun(
  "agent_started",
  z.object({
    agent_type: z.string(),
    model: z.string(),
    message_id: MessageId.describe("The message this run will write"),
    plan: z.array(z.string()).describe("The work ahead, one sentence a step"),
  }),
);

export const AgentThinking = ofRun(
  "agent_thinking",
  z.object({
    reasoning: z.string().min(50).describe("What was decided and why"),
    source: z.enum(["model", "loop"]).describe("Whose reasoning: the model's own, or the loop's"),
  }),
);

export const Handoff = ofRun(
  "handoff",
  z.object({
    from: z.string(),
    to: z.string(),
    reason: z.string(),
    findings: z.array(Finding),
  }),
);

/** A tool is called. */
export const ToolExecuting = ofRun(
  "tool_executing",
  z.object({
    call_id: CallId,
    tool_name: z.string(),
    operation: z.string().min(20).describe("A sentence: what is done and why"),
    arguments: Json,
  }),
);
export type ToolExecuting = z.infer<typeof ToolExecuting>;

/** How a call ended. */
export const ToolStatus = z.enum(["succeeded", "failed", "timed_out", "cancelled", "unknown"]);
export type ToolStatus = z.infer<typeof ToolStatus>;

/** A call has ended. */
export const ToolCompleted = ofRun(
  "tool_completed",
  z.object({
    call_id: CallId,
    tool_name: z.string(),
    status: ToolStatus,
    duration_ms: z.number().min(0),
    results: Json.optional(),
    problem: Problem.optional(),
  }),
);
export type ToolCompleted = z.infer<typeof ToolCompleted>;

/** Something did not work as it should, and the run goes on. */
export const AgentFallback = ofRun("agent_fallback", Fallback);

export const AgentCompleted = ofRun(
  "agent_completed",
  z.object({
    status: FinalStatus,
    message_id: MessageId,
    final_response: z.string(),
    results: RunResults,
    usage: RunUsage,
    duration_ms: z.number().min(0),
    model: z.string(),
    persisted: z.boolean().describe("Whether the history had all of it when this left"),
    problem: Problem.optional(),
    caller_calls: z
      .array(CallerCall)
      .optional()
      .describe(
        "Functions of the caller's that the run ended for: their results come with a message",
      ),
  }),
);

export const ThreadUpdated = logged(
  "thread_updated",
  z.object({ title: z.string().nullable(), metadata: z.record(z.string(), z.string()) }),
);

/** The events of the log, in the order their `seq` says. */
export const LoggedEvent = z.discriminatedUnion("type", [
  MessageAccepted,
  AgentStarted,
  AgentThinking,
  Handoff,
  ApprovalRequested,
  ApprovalDecided,
  ToolExecuting,
  ToolCompleted,
  AgentFallback,
  AgentCompleted,
  ThreadUpdated,
]);
export type LoggedEvent = z.infer<typeof LoggedEvent>;
/** The types of the events that a thread keeps. */
export type LoggedType = LoggedEvent["type"];

/** A logged event before the log gave it a place: what happened, in which run, by which agent. */
export type NewEvent = {
  [Type in LoggedType]: Pick<Extract<LoggedEvent, { type: Type }>, "type" | "data"> & {
    readonly run_id: RunId | null;
    readonly agent: string | null;
  };
}[LoggedType];

/**
 * A piece of the answer being written. `offset` counts UTF-16 code units from the message's start:
 * a client keeps `text.slice(0, offset)` and appends, so a repeated piece changes nothing and a
 * smaller offset takes back what a broken model stream had written.
 */
export const MessageDelta = z.object({
  type: z.literal("message_delta"),
  message_id: MessageId,
  offset: z.number().int().min(0),
  text: z.string(),
});
export type MessageDelta = z.infer<typeof MessageDelta>;

export const Limits = z.object({
  max_frame_bytes: z.number().int(),
  max_message_length: z.number().int(),
  max_queued_runs: z.number().int(),
  max_replay: z.number().int(),
});

/** The first frame of a connection: the position of the thread, and the limits. */
export const ConnectionReady = ofConnection(
  "connection_ready",
  z.object({
    protocol: z.string(),
    epoch: Epoch,
    last_seq: z.number().int().min(0),
    recovered: z
      .boolean()
      .describe("true where everything after the given position follows; false: reload history"),
    replay_after: z
      .number()
      .int()
      .min(0)
      .describe("Every event after this seq follows; where recovered, the position given"),
    live_run_id: RunId.nullable(),
    limits: Limits,
  }),
);
export type ConnectionReady = z.infer<typeof ConnectionReady>;

/** The receipt of a `cancel`, for the connection that sent it, with the run's state at that time. */
export const CancelAccepted = ofConnection(
  "cancel_accepted",
  z.object({
    run_id: RunId,
    status: RunStatus,
    last_seq: Seq.nullable().describe(
      "Nothing of the run follows after this event; null where it has not ended yet",
    ),
  }),
);
export type CancelAccepted = z.infer<typeof CancelAccepted>;

/** The token of this connection expires soon. Send `reauthenticate`, or it closes with 4401. */
export const TokenExpiring = ofConnection(
  "token_expiring",
  z.object({ expires_at: Timestamp.describe("When the connection ends") }),
);
export type TokenExpiring = z.infer<typeof TokenExpiring>;

/**
 * A problem that ends nothing: the command it names changed no state. But for two that name no command and
 * are a connection's last word, just before its close: `session_ended`, and `not_found` of a thread that is gone.
 */
export const ErrorEvent = ofConnection(
  "error",
  z.object({
    problem: Problem,
    command: z.string().nullable().describe("The command's type, where it could be read"),
    client_message_id: z.string().nullable(),
  }),
);
export type ErrorEvent = z.infer<typeof ErrorEvent>;

/** The answer to `ping`: a constant, so that the platform gives it without waking the object. */
export const Pong = z.object({ type: z.literal("pong") });

/** Anything a server may send. */
export const ServerFrame = z.discriminatedUnion("type", [
  ...LoggedEvent.options,
  MessageDelta,
  ConnectionReady,
  CancelAccepted,
  TokenExpiring,
  ErrorEvent,
  Pong,
]);
export type ServerFrame = z.infer<typeof ServerFrame>;
