/** Sizes a turn in tokens where the endpoint gave no counts, and adds up what several tries of it used. */
import { estimateTokenCount, sliceByTokens } from "tokenx";
import type { ModelMessage, ModelUsage } from "./model.ts";

/** English text runs at about four characters a token: https://platform.openai.com/tokenizer */
const CHARACTERS_PER_TOKEN = 4;

/** What a turn wrote, in characters. Reasoning ⊆ output. */
export interface WrittenText {
  readonly output: number;
  readonly reasoning: number;
}

/** @returns the usage of a turn, sized from its text and marked as estimated. */
export function estimateUsage(messages: readonly ModelMessage[], written: WrittenText): ModelUsage {
  const read = messages.reduce((sum, message) => sum + lengthOf(message), 0);
  return {
    inputTokens: tokens(read),
    cachedInputTokens: 0,
    outputTokens: tokens(written.output),
    reasoningTokens: tokens(written.reasoning),
    estimated: true,
  };
}

/** @returns about how many tokens a text is, whatever its language. */
export function countTokens(text: string): number {
  return estimateTokenCount(text);
}

/** @returns the beginning of a text, of so many tokens at most; a cut is shown. */
export function cutTokens(text: string, most: number): string {
  if (text.length <= most || countTokens(text) <= most) return text;
  return `${sliceByTokens(text, 0, most).toWellFormed()}…`;
}

/** @returns what both used together; estimated where one of them is. */
export function addUsage(one: ModelUsage, other: ModelUsage): ModelUsage {
  return {
    inputTokens: one.inputTokens + other.inputTokens,
    cachedInputTokens: one.cachedInputTokens + other.cachedInputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    reasoningTokens: one.reasoningTokens + other.reasoningTokens,
    estimated: one.estimated || other.estimated,
  };
}

function lengthOf(message: ModelMessage): number {
  if (message.role !== "assistant") return message.content.length;
  return message.toolCalls.reduce(
    (sum, call) => sum + call.name.length + call.arguments.length,
    message.content.length,
  );
}

function tokens(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}
