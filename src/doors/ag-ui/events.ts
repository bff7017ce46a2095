/**
 * The events of AG-UI that are sent here, as their types. All of them are known to @ag-ui/client 0.0.59 as
 * well as to 1.0: every type of 1.0 is (it only took five away), and so nothing need be negotiated but the
 * outcome `cancelled`, which 0.0.59 refuses.
 */
import type { RunUsage } from "../../protocol/entities.ts";
import { CallId, RunId } from "../../protocol/ids.ts";

/** What a message, a call or a piece of reasoning says of the sub-agent whose it is. */
export interface OfSubagent {
  readonly subagentRunId?: string;
}

/** A message of the conversation as its snapshot tells it; those of the client are told as they came. */
export type AgUiMessage = OfSubagent & { readonly id: string; readonly role: string } & Readonly<
    Record<string, unknown>
  >;

type Streamed =
  | { readonly type: "TEXT_MESSAGE_START"; readonly messageId: string; readonly role: "assistant" }
  | { readonly type: "TEXT_MESSAGE_CONTENT"; readonly messageId: string; readonly delta: string }
  | { readonly type: "TEXT_MESSAGE_END"; readonly messageId: string };

type Reasoning = OfSubagent & { readonly messageId: string } & (
    | { readonly type: "REASONING_START" | "REASONING_MESSAGE_END" | "REASONING_END" }
    | { readonly type: "REASONING_MESSAGE_START"; readonly role: "reasoning" }
    | { readonly type: "REASONING_MESSAGE_CONTENT"; readonly delta: string }
  );

type ToolCall = OfSubagent & { readonly toolCallId: string } & (
    | { readonly type: "TOOL_CALL_START"; readonly toolCallName: string }
    | { readonly type: "TOOL_CALL_ARGS"; readonly delta: string }
    | { readonly type: "TOOL_CALL_END" }
    | {
        readonly type: "TOOL_CALL_RESULT";
        readonly messageId: string;
        readonly role: "tool";
        readonly content: string;
      }
  );

type Subagent = { readonly subagentRunId: string } & (
  | { readonly type: "SUBAGENT_STARTED"; readonly name: string; readonly description: string }
  | { readonly type: "SUBAGENT_FINISHED" }
  | { readonly type: "SUBAGENT_ERROR"; readonly message: string; readonly code: string }
);

/** @returns a call as clients know it: by its run as well, since a model may give calls of two runs the same id. */
export function toolCallIdOf(runId: RunId, callId: CallId): string {
  return `${runId}.${callId}`;
}

const TOOL_CALL_ID = /^(?<run>[^.]+\.\d+)\.(?<call>.+)$/;

/** @returns the run and the call that clients know by an id; null where it is none of ours. */
export function callOf(
  toolCallId: string,
): { readonly runId: RunId; readonly callId: CallId } | null {
  const { run, call } = TOOL_CALL_ID.exec(toolCallId)?.groups ?? {};
  const [runId, callId] = [RunId.safeParse(run), CallId.safeParse(call)];
  return runId.success && callId.success ? { runId: runId.data, callId: callId.data } : null;
}

/** Tokens in AG-UI's words. */
interface TokenUsage {
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly totalTokens: number;
  readonly reasoningTokens: number;
  readonly cachedInputTokens: number;
}

/** A run as the client knows it: by its own names for thread and run. */
export interface NamedRun {
  readonly threadId: string;
  readonly runId: string;
}

type Run =
  | (NamedRun & {
      readonly type: "RUN_STARTED";
      readonly input?: NamedRun & {
        readonly messages: readonly AgUiMessage[];
        readonly tools: readonly never[];
        readonly context: readonly never[];
        readonly state: Record<string, never>;
        readonly forwardedProps: Record<string, never>;
      };
    })
  | (NamedRun & {
      readonly type: "RUN_FINISHED";
      readonly result: unknown;
      readonly outcome?: { readonly type: "cancelled" };
      readonly usage: readonly TokenUsage[];
    })
  | {
      readonly type: "RUN_ERROR";
      readonly message: string;
      readonly code: string;
      readonly usage?: readonly TokenUsage[];
    };

/** One event, but for when it happened. */
export type AgUiEvent = { readonly timestamp?: number } & (
  | Streamed
  | Reasoning
  | ToolCall
  | Subagent
  | Run
  | { readonly type: "STEP_STARTED" | "STEP_FINISHED"; readonly stepName: string }
  | { readonly type: "CUSTOM"; readonly name: string; readonly value: unknown }
  | { readonly type: "MESSAGES_SNAPSHOT"; readonly messages: readonly AgUiMessage[] }
);

/** @returns the events as text of an event stream: `data:` alone, for the protocol knows no other field. */
export function asEventStream(events: readonly AgUiEvent[]): string {
  return events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
}

/** @returns what a run used, as AG-UI counts it. */
export function tokenUsageOf(model: string, usage: RunUsage): TokenUsage {
  return {
    model,
    inputTokens: usage.input_tokens,
    outputTokens: usage.output_tokens,
    totalTokens: usage.input_tokens + usage.output_tokens,
    reasoningTokens: usage.reasoning_tokens,
    cachedInputTokens: usage.cached_input_tokens,
  };
}
