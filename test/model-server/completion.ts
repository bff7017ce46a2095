/** Turns a step into a chat completion: the events of a stream, or one JSON body. */
import type { CompletionRequest, Step } from "./step.ts";

const HEAD = { id: "chatcmpl-test", created: 1_767_225_600 };
/** Tool arguments come in pieces of so many characters, as endpoints send them. */
const ARGUMENTS_PIECE = 6;

/** @returns the data lines of the stream, `[DONE]` last where the step lets it end. */
export function* streamData(step: Step, request: CompletionRequest): Generator<string> {
  yield* contentData(step, request.model);
  yield* step.raw;
  if (step.unfinished || step.hang) return;
  yield chunk(request.model, [{ index: 0, delta: {}, finish_reason: finishReason(step) }]);
  const usage = usageOf(step, request);
  if (usage && request.stream_options?.include_usage) yield chunk(request.model, [], { usage });
  yield "[DONE]";
}

function* contentData(step: Step, model: string): Generator<string> {
  const delta = (fields: object) =>
    chunk(model, [{ index: 0, delta: fields, finish_reason: null }]);
  yield delta({ role: "assistant", content: "" });
  for (const piece of pieces(step.reasoning, step.piece)) {
    yield delta({ [step.reasoning_field]: piece });
  }
  for (const piece of pieces(step.text, step.piece)) yield delta({ content: piece });
  for (const [index, call] of toolCalls(step).entries()) {
    const { arguments: args, name } = call.function;
    const begin = { ...call, index, function: { name, arguments: "" } };
    yield delta({ tool_calls: [begin] });
    for (const piece of pieces(args, ARGUMENTS_PIECE)) {
      yield delta({ tool_calls: [{ index, function: { arguments: piece } }] });
    }
  }
}

/** @returns the whole completion, for a request that asks for no stream. */
export function wholeBody(step: Step, request: CompletionRequest): string {
  const calls = toolCalls(step);
  const message = {
    role: "assistant",
    content: step.text || null,
    ...(step.reasoning && { [step.reasoning_field]: step.reasoning }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
  return JSON.stringify({
    ...HEAD,
    object: "chat.completion",
    model: request.model,
    choices: [{ index: 0, message, finish_reason: finishReason(step) }],
    usage: usageOf(step, request),
  });
}

function chunk(model: string, choices: readonly object[], more: object = {}): string {
  return JSON.stringify({ ...HEAD, object: "chat.completion.chunk", model, choices, ...more });
}

function toolCalls(step: Step) {
  return step.tool_calls.map((call, index) => ({
    ...(call.id !== null && { id: call.id ?? `call_${crypto.randomUUID()}_${index}` }),
    type: "function",
    function: {
      name: call.name,
      arguments:
        typeof call.arguments === "string" ? call.arguments : JSON.stringify(call.arguments),
    },
  }));
}

function finishReason(step: Step): string | null {
  if (step.finish_reason !== undefined) return step.finish_reason;
  return step.tool_calls.length > 0 ? "tool_calls" : "stop";
}

function usageOf(step: Step, request: CompletionRequest) {
  if (step.usage !== undefined) return step.usage;
  const prompt = Math.ceil(JSON.stringify(request.messages).length / 4);
  const completion = Math.ceil((step.text.length + step.reasoning.length) / 4);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
  };
}

/** Splits by code points, so that no piece of JSON holds half a character. */
function pieces(text: string, size: number): string[] {
  const points = Array.from(text);
  return Array.from({ length: Math.ceil(points.length / size) }, (_, index) =>
    points.slice(index * size, (index + 1) * size).join(""),
  );
}
