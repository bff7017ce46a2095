/** One run as chunks of a chat completion: text as content, and what only this platform has in a separate field. */
import type { RunFrame } from "../../http/follow-run.ts";
import { openAiError } from "../../http/openai-error.ts";
import type { RunUsage } from "../../protocol/entities.ts";
import { ApexError } from "../../protocol/errors.ts";
import type { LoggedEvent } from "../../protocol/events.ts";
import type { RunId } from "../../protocol/ids.ts";
import { AppendedText } from "../appended-text.ts";

type Completed = Extract<LoggedEvent, { type: "agent_completed" }>["data"];

/** What a completion is about. */
interface ChatAnswer {
  readonly runId: RunId;
  readonly model: string;
  /** Seconds since the Unix epoch. */
  readonly created: number;
  readonly includeUsage: boolean;
}

/** @returns the tokens in their words; the cost is ours. */
function chatUsage(usage: RunUsage) {
  return {
    prompt_tokens: usage.input_tokens,
    completion_tokens: usage.output_tokens,
    total_tokens: usage.input_tokens + usage.output_tokens,
    prompt_tokens_details: { cached_tokens: usage.cached_input_tokens },
    completion_tokens_details: { reasoning_tokens: usage.reasoning_tokens },
    cost_usd: usage.cost_usd,
  };
}

/** @returns the calls that the client is to execute. */
function toolCalls({ caller_calls: calls = [] }: Completed) {
  return calls.map(({ call_id, name, arguments: text }) => ({
    id: call_id,
    type: "function" as const,
    function: { name, arguments: text },
  }));
}

function finishReason({ caller_calls: calls = [] }: Completed): "tool_calls" | "stop" {
  return calls.length > 0 ? "tool_calls" : "stop";
}

/** What is ours of an end: `status` may be cancelled, and `final_response` is the whole truth. */
function apexEnd(data: Completed) {
  const { status, final_response, duration_ms, persisted } = data;
  return { event: "agent_completed", status, final_response, duration_ms, persisted };
}

/**
 * @returns the whole answer of a run that has ended.
 * @throws {ApexError} the error that the run failed with.
 */
export function wholeCompletion({ runId, model, created }: ChatAnswer, data: Completed) {
  if (data.problem !== undefined) throw ApexError.fromProblem(data.problem);
  const calls = toolCalls(data);
  const content = data.final_response === "" && calls.length > 0 ? null : data.final_response;
  return {
    id: `chatcmpl-${runId}`,
    object: "chat.completion",
    created,
    model,
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content,
          refusal: null,
          ...(calls.length > 0 && { tool_calls: calls }),
        },
        logprobs: null,
        finish_reason: finishReason(data),
      },
    ],
    usage: chatUsage(data.usage),
    apex: { run_id: runId, ...apexEnd(data) },
  };
}

/** Makes the chunks of a stream, frame by frame. */
export class ChatEncoder {
  readonly #answer: ChatAnswer;
  readonly #text = new AppendedText();

  constructor(answer: ChatAnswer) {
    this.#answer = answer;
  }

  /** @returns the first chunk: who speaks. */
  start(): object {
    return this.#chunk({ role: "assistant", content: "" });
  }

  /** @returns the chunks of a frame; those of the last one end the answer. */
  encode(frame: RunFrame): object[] {
    switch (frame.type) {
      case "message_delta": {
        const content = this.#text.hear(frame);
        return content === "" ? [] : [this.#chunk({ content })];
      }
      case "agent_completed":
        return this.#end(frame.data);
      case "message_accepted":
      case "thread_updated":
        return [];
      default: {
        const { type: event, data, context } = frame;
        return [this.#chunk({}, null, { event, agent: context.agent, ...data })];
      }
    }
  }

  #end(data: Completed): object[] {
    const { includeUsage } = this.#answer;
    const rest = this.#text.end(data.final_response);
    const chunks: object[] = rest === "" ? [] : [this.#chunk({ content: rest })];
    if (data.problem !== undefined) {
      return [...chunks, { error: openAiError(ApexError.fromProblem(data.problem)) }];
    }
    const calls = toolCalls(data).map((call, index) => ({ index, ...call }));
    if (calls.length > 0) chunks.push(this.#chunk({ tool_calls: calls }));
    chunks.push(this.#chunk({}, finishReason(data), apexEnd(data)));
    if (includeUsage) {
      chunks.push({ ...this.#chunk({}), choices: [], usage: chatUsage(data.usage) });
    }
    return chunks;
  }

  #chunk(delta: object, finish_reason: string | null = null, apex?: object) {
    const { runId, model, created, includeUsage } = this.#answer;
    return {
      id: `chatcmpl-${runId}`,
      object: "chat.completion.chunk",
      created,
      model,
      choices: [{ index: 0, delta, logprobs: null, finish_reason }],
      ...(includeUsage && { usage: null }),
      ...(apex !== undefined && { apex: { run_id: runId, ...apex } }),
    };
  }
}
