/** The model port over any endpoint that speaks OpenAI's chat completions. */
import OpenAI from "openai";
import type { ChatCompletionMessageParam } from "openai/resources/chat/completions";
import { type Clock, systemClock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { Model, ModelChunk, ModelMessage, ModelRequest } from "../core/model.ts";
import { traceHeaders } from "../core/trace-context.ts";
import { CompletionChunk } from "./completion-chunk.ts";
import { type DeadlineLimits, startDeadlines } from "./deadlines.ts";
import { endpointFetch } from "./endpoint-fetch.ts";
import { failureOf } from "./failure.ts";
import { priceOf, windowOf } from "./prices.ts";
import { Turn } from "./turn.ts";

const OPENAI_URL = "https://api.openai.com/v1";
const DEADLINES: DeadlineLimits = { totalMs: 180_000, idleMs: 45_000 };
/** Of a call whose answer has not begun; afterwards only {@link guardedModel} may start anew. */
const MAX_RETRIES = 2;

export interface OpenaiOptions {
  readonly apiKey: string;
  /** Where `/chat/completions` is found; OpenAI itself where none is given. */
  readonly baseUrl?: string | undefined;
  readonly models: Model["models"];
  readonly log: Log;
  readonly clock?: Clock;
  readonly deadlines?: DeadlineLimits;
}

/** @returns the model behind an OpenAI-compatible endpoint. */
export function openaiModel(options: OpenaiOptions): Model {
  const { models, log, clock = systemClock, deadlines: limits = DEADLINES } = options;
  const client = new OpenAI({
    apiKey: options.apiKey,
    baseURL: options.baseUrl ?? OPENAI_URL,
    // Null keeps the SDK from reading further settings out of the environment.
    organization: null,
    project: null,
    logLevel: "off",
    maxRetries: MAX_RETRIES,
    timeout: limits.idleMs,
    fetch: endpointFetch(() => clock.now()),
  });

  async function* stream(request: ModelRequest): AsyncGenerator<ModelChunk> {
    request.signal.throwIfAborted();
    const deadlines = startDeadlines(limits, request.signal);
    try {
      const { signal } = deadlines;
      const headers = traceHeaders(request.trace);
      const chunks = await client.chat.completions.create(toBody(request), { signal, headers });
      const turn = new Turn();
      for await (const chunk of deadlines.watch(chunks)) {
        yield* turn.take(CompletionChunk.parse(chunk));
        if (turn.full) break;
      }
      yield* turn.end(request.messages);
    } catch (error) {
      request.signal.throwIfAborted();
      const { aborted, reason } = deadlines.signal;
      const failure = failureOf(aborted ? reason : error, clock.now());
      log.warn("model_call_failed", {
        model: request.model,
        code: failure.code,
        trace_id: request.trace?.traceId,
      });
      throw failure;
    } finally {
      deadlines.end();
    }
  }

  return { provider: "openai", models, stream, cost: priceOf, window: windowOf };
}

function toBody(request: ModelRequest) {
  return {
    model: request.model,
    messages: request.messages.map(toMessage),
    stream: true,
    stream_options: { include_usage: true },
    ...(request.tools.length > 0 && {
      tools: request.tools.map(({ name, description, parameters }) => ({
        type: "function" as const,
        function: { name, description, parameters },
      })),
      ...(request.mustCall && { tool_choice: "required" as const }),
    }),
  } as const;
}

function toMessage(message: ModelMessage): ChatCompletionMessageParam {
  if (message.role === "tool") {
    return { role: "tool", tool_call_id: message.callId, content: message.content };
  }
  if (message.role !== "assistant" || message.toolCalls.length === 0) {
    return { role: message.role, content: message.content };
  }
  return {
    role: "assistant",
    content: message.content || null,
    tool_calls: message.toolCalls.map((call) => ({
      id: call.id,
      type: "function",
      function: { name: call.name, arguments: readable(call.arguments) },
    })),
  };
}

/** Many endpoints parse the arguments of past calls and refuse a conversation with broken ones. */
function readable(json: string): string {
  try {
    JSON.parse(json);
    return json;
  } catch {
    return "{}";
  }
}
