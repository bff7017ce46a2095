/** One chunk of a streamed chat completion, as OpenAI and the endpoints compatible with it send it. */
import * as z from "zod";

const tokenCount = z.number().int().min(0);

/** Counts that do not fit are taken as missing: an odd usage report must not void a good answer. */
const Usage = z.object({
  prompt_tokens: tokenCount,
  completion_tokens: tokenCount,
  prompt_tokens_details: z.object({ cached_tokens: tokenCount.nullish() }).nullish(),
  completion_tokens_details: z.object({ reasoning_tokens: tokenCount.nullish() }).nullish(),
});

/** Reasoning is no part of OpenAI's format: read where it is text, ignored where it is not. */
const reasoningText = z.string().nullish().catch(null);

const ToolCallDelta = z.object({
  index: z.number().int().min(0).nullish(),
  id: z.string().nullish(),
  function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
});
export type ToolCallDelta = z.infer<typeof ToolCallDelta>;

const Delta = z.object({
  content: z.string().nullish(),
  refusal: z.string().nullish(),
  reasoning_content: reasoningText.describe("DeepSeek, Qwen, vLLM, SGLang"),
  reasoning: reasoningText.describe("OpenRouter, Groq, Ollama"),
  tool_calls: z.array(ToolCallDelta).nullish(),
});

export const CompletionChunk = z.object({
  model: z.string().optional().catch(undefined),
  choices: z
    .array(z.object({ delta: Delta.nullish(), finish_reason: z.string().nullish() }))
    .nullish(),
  usage: Usage.nullish().catch(null),
});
export type CompletionChunk = z.infer<typeof CompletionChunk>;
