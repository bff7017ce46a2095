/** The model port: one turn of conversation in, a stream of text, reasoning and tool calls out. */
import type { CallId } from "../protocol/ids.ts";
import type { Tool } from "./tool.ts";
import type { TraceContext } from "./trace.ts";

/** A tool call as the model asked for it. */
export interface ModelToolCall {
  readonly id: CallId;
  readonly name: string;
  /** JSON text exactly as the model wrote it: it may be broken, and the loop says so to the model. */
  readonly arguments: string;
}

/** One entry of the conversation a model reads. */
export type ModelMessage =
  | { readonly role: "system" | "user"; readonly content: string }
  | {
      readonly role: "assistant";
      readonly content: string;
      readonly toolCalls: readonly ModelToolCall[];
    }
  | { readonly role: "tool"; readonly callId: CallId; readonly content: string };

/** Tokens of one model call. Cached ⊆ input, reasoning ⊆ output. */
export interface ModelUsage {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  /** true where the endpoint gave no counts and they were sized from the text. */
  readonly estimated: boolean;
}

export interface ModelRequest {
  /** The model to use, out of the port's {@link Model.models}. */
  readonly model: string;
  readonly messages: readonly ModelMessage[];
  readonly tools: readonly Pick<Tool, "name" | "description" | "parameters">[];
  /** Whether the turn has to call one of the tools. */
  readonly mustCall?: boolean;
  /** Where the call stands in its trace, for the endpoint to go on with. */
  readonly trace?: TraceContext | null;
  readonly signal: AbortSignal;
}

export type ModelChunk =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "reasoning"; readonly text: string }
  | { readonly type: "tool_call"; readonly call: ModelToolCall }
  /** The stream broke and begins anew: everything this turn gave so far is void. */
  | { readonly type: "restart"; readonly reason: string }
  | { readonly type: "usage"; readonly usage: ModelUsage }
  /** Always the last chunk of a whole turn. */
  | {
      readonly type: "finish";
      readonly reason: "stop" | "tool_calls" | "length" | "filtered";
      /** What the endpoint says that it was answered by, where it says so. */
      readonly model?: string;
    };

export interface Model {
  /** The provider's name: "openai" or "demo". */
  readonly provider: string;
  /** The models that may be asked for, the default first. */
  readonly models: readonly [string, ...string[]];
  /**
   * Streams one turn.
   * @throws {ApexError} `model_unavailable`, `model_timeout`, `model_rejected` or `rate_limited`.
   * @throws the signal's reason, where it aborts.
   */
  stream(request: ModelRequest): AsyncIterable<ModelChunk>;
  /** @returns the tokens that a model reads at once, or null where that is not known. */
  window?(model: string): number | null;
  /** @returns the price of the tokens in US$, or null where the model has no known price. */
  cost(model: string, usage: ModelUsage): number | null;
}
