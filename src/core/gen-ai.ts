/**
 * What is told of agents, model calls and tool calls, by OpenTelemetry's conventions for generative AI
 * (https://opentelemetry.io/docs/specs/semconv/gen-ai/): names, counts and ids, never content.
 */
import { ApexError } from "../protocol/errors.ts";
import type { Clock } from "./clock.ts";
import { DeadlineExceeded } from "./deadline.ts";
import type { Metrics } from "./metrics.ts";
import type { Model, ModelToolCall, ModelUsage } from "./model.ts";
import type { Tool } from "./tool.ts";
import type { CallOutcome } from "./tool-call.ts";
import type { Span, TraceContext } from "./trace.ts";

/** What an endpoint calls its model is its own word: so much of it is kept, in characters. */
const MAX_MODEL_LENGTH = 128;

/** @returns the word of few that a failure is told by (`error.type`); null for none. */
export function errorTypeOf(error: unknown): string | null {
  if (error === undefined || error === null) return null;
  if (error instanceof ApexError) return error.code;
  if (error instanceof DeadlineExceeded) return "timeout";
  return error instanceof Error ? error.name : "_OTHER";
}

/** @returns the span of an agent's work. */
export function agentSpan(parent: Span, name: string): Span {
  return parent.child(`invoke_agent ${name}`, {
    attributes: { "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": name },
  });
}

/** @returns the span of a tool call; a name that is no tool's is the model's own word, and not told. */
export function toolSpan(parent: Span, call: ModelToolCall, tools: readonly Tool[]): Span {
  const name = tools.find((tool) => tool.name === call.name)?.name ?? "unknown";
  return parent.child(`execute_tool ${name}`, {
    attributes: {
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": name,
      "gen_ai.tool.type": "function",
      "gen_ai.tool.call.id": call.id,
    },
  });
}

/** Counts a tool call that was executed. Tools of users' own servers are told of as one. */
export function countToolCall(
  metrics: Metrics,
  call: ModelToolCall,
  tools: readonly Tool[],
  { status, durationMs }: Pick<CallOutcome, "status" | "durationMs">,
): void {
  const found = tools.find(({ name }) => name === call.name);
  const tool = found === undefined ? "unknown" : found.connected ? "connected" : found.name;
  metrics.add("apex_tool_calls_total", { tool, outcome: status });
  metrics.observe("apex_tool_call_duration_seconds", { tool }, durationMs / 1_000);
}

/** What is known of a turn when it is over, or broken off. */
interface TurnEnd {
  readonly usage: ModelUsage | null;
  readonly finish: string | null;
  /** What the endpoint says that it was answered by; null where it does not say. */
  readonly responseModel: string | null;
}

/** One turn asked of a model: a span, and what is counted of it. */
export class ModelCall {
  readonly #span: Span;
  readonly #labels: { readonly provider: string; readonly model: string };
  readonly #ports: { readonly metrics: Metrics; readonly clock: Clock };
  readonly #startedAt: number;
  #firstAt: number | null = null;

  constructor(
    parent: Span,
    asked: {
      readonly provider: Model["provider"];
      readonly model: string;
      readonly agent?: string;
      /** The thread it is asked in. */
      readonly conversationId: string | undefined;
    },
    ports: { readonly metrics: Metrics; readonly clock: Clock },
  ) {
    const { provider, model } = asked;
    this.#ports = ports;
    this.#labels = { provider, model };
    this.#startedAt = ports.clock.now();
    this.#span = parent.child(`chat ${model}`, {
      kind: "client",
      attributes: {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": provider,
        "gen_ai.request.model": model,
        "gen_ai.request.stream": true,
        "gen_ai.conversation.id": asked.conversationId,
        "gen_ai.agent.name": asked.agent,
      },
    });
  }

  /** Where the model is asked from, for the endpoint to go on with. */
  get trace(): TraceContext | null {
    return this.#span.context;
  }

  /** Something of the answer came; only the first time counts. */
  answered(): void {
    this.#firstAt ??= this.#ports.clock.now();
  }

  /** The stream broke, and the turn begins anew. */
  restarted(): void {
    this.#span.event("restart");
  }

  /** @param error what it broke off with; none where the turn is whole. */
  end({ usage, finish, responseModel }: TurnEnd, error?: unknown): void {
    const { metrics, clock } = this.#ports;
    const first = this.#firstAt === null ? null : (this.#firstAt - this.#startedAt) / 1_000;
    const failure = errorTypeOf(error);
    this.#span.set({
      "gen_ai.response.model": responseModel?.slice(0, MAX_MODEL_LENGTH),
      "gen_ai.response.finish_reasons": finish === null ? null : [finish],
      "gen_ai.response.time_to_first_chunk": first,
      "gen_ai.usage.input_tokens": usage?.inputTokens,
      "gen_ai.usage.output_tokens": usage?.outputTokens,
      "gen_ai.usage.cache_read.input_tokens": usage?.cachedInputTokens,
      "gen_ai.usage.reasoning.output_tokens": usage?.reasoningTokens,
    });
    this.#span.end(failure);
    const seconds = (clock.now() - this.#startedAt) / 1_000;
    metrics.add("apex_model_calls_total", { ...this.#labels, outcome: failure ?? "ok" });
    metrics.observe("apex_model_call_duration_seconds", this.#labels, seconds);
    if (first !== null) metrics.observe("apex_model_first_chunk_seconds", this.#labels, first);
    if (usage !== null) this.#countTokens(usage);
  }

  #countTokens(usage: ModelUsage): void {
    const counts = {
      input: usage.inputTokens,
      cached_input: usage.cachedInputTokens,
      output: usage.outputTokens,
      reasoning: usage.reasoningTokens,
    };
    for (const [kind, tokens] of Object.entries(counts)) {
      if (tokens === 0) continue;
      this.#ports.metrics.add("apex_model_tokens_total", { ...this.#labels, kind }, tokens);
    }
  }
}
