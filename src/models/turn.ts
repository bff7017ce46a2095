/** Puts a streamed turn together, within bounds: text as it comes, tool calls when they are whole. */
import { newId } from "../core/clock.ts";
import type { ModelChunk, ModelMessage, ModelToolCall, ModelUsage } from "../core/model.ts";
import { estimateUsage } from "../core/tokens.ts";
import { ApexError } from "../protocol/errors.ts";
import { CallId } from "../protocol/ids.ts";
import type { CompletionChunk, ToolCallDelta } from "./completion-chunk.ts";
import { brokenOff } from "./failure.ts";

/** Text and reasoning of one turn, in characters; a longer turn ends there as "length". */
export const MAX_TURN_CHARACTERS = 200_000;
/** Tool calls one turn may ask for. */
const MAX_TOOL_CALLS = 16;
/** The arguments of one tool call, in characters. */
export const MAX_ARGUMENTS_LENGTH = 64 * 1024;

type FinishReason = Extract<ModelChunk, { type: "finish" }>["reason"];

const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  length: "length",
  content_filter: "filtered",
};

interface ToolCallDraft {
  id: string;
  name: string;
  arguments: string;
}

/** One turn under way. */
export class Turn {
  readonly #drafts = new Map<number, ToolCallDraft>();
  #written = { output: 0, reasoning: 0 };
  #usage: CompletionChunk["usage"];
  #finish: string | undefined;
  #model: string | undefined;

  /** true once the turn has reached its bound: what follows is not read. */
  get full(): boolean {
    return this.#written.output >= MAX_TURN_CHARACTERS;
  }

  /**
   * @returns the text and reasoning a chunk adds.
   * @throws {ApexError} `model_rejected` where the model asks for more than a turn may hold.
   */
  *take(chunk: CompletionChunk): Generator<ModelChunk> {
    if (chunk.usage) this.#usage = chunk.usage;
    this.#model ??= chunk.model;
    const choice = chunk.choices?.[0];
    if (!choice) return;
    const { delta } = choice;
    const reasoning = this.#admit(delta?.reasoning_content || delta?.reasoning || "");
    this.#written.reasoning += reasoning.length;
    if (reasoning) yield { type: "reasoning", text: reasoning };
    const text = this.#admit(delta?.content || delta?.refusal || "");
    if (text) yield { type: "text", text };
    for (const call of delta?.tool_calls ?? []) this.#extend(call);
    if (choice.finish_reason) this.#finish = choice.finish_reason;
  }

  /**
   * @returns the tool calls, the usage and the finish of the turn.
   * @throws {ApexError} `model_unavailable` where the stream ended before the turn did.
   */
  *end(messages: readonly ModelMessage[]): Generator<ModelChunk> {
    if (this.#finish === undefined && !this.full) throw brokenOff();
    const calls = this.full ? [] : this.#calls();
    for (const call of calls) yield { type: "tool_call", call };
    yield { type: "usage", usage: this.#usageOf(messages) };
    const reason = this.#finishReason(calls.length);
    yield { type: "finish", reason, ...(this.#model !== undefined && { model: this.#model }) };
  }

  /** @returns as much of the piece as the turn's bound leaves room for. */
  #admit(piece: string): string {
    const admitted = piece.slice(0, MAX_TURN_CHARACTERS - this.#written.output);
    this.#written.output += admitted.length;
    return admitted;
  }

  #extend(delta: ToolCallDelta): void {
    // Some endpoints leave the index out: a delta with an id then begins a call, others go on with it.
    const next = this.#drafts.size;
    const index = delta.index ?? (delta.id ? next : Math.max(0, next - 1));
    const draft = this.#drafts.get(index) ?? { id: "", name: "", arguments: "" };
    this.#drafts.set(index, draft);
    draft.id ||= delta.id ?? "";
    draft.name ||= delta.function?.name ?? "";
    draft.arguments += delta.function?.arguments ?? "";
    if (this.#drafts.size > MAX_TOOL_CALLS) {
      const detail = `The model asked for more than ${MAX_TOOL_CALLS} tool calls at once.`;
      throw new ApexError("model_rejected", detail);
    }
    if (draft.arguments.length > MAX_ARGUMENTS_LENGTH) {
      const detail = "The model wrote longer tool arguments than are accepted.";
      throw new ApexError("model_rejected", detail);
    }
  }

  #calls(): ModelToolCall[] {
    return [...this.#drafts]
      .sort(([one], [other]) => one - other)
      .map(([, draft]) => {
        const id = CallId.safeParse(draft.id);
        return { ...draft, id: id.success ? id.data : CallId.parse(`call_${newId()}`) };
      });
  }

  #usageOf(messages: readonly ModelMessage[]): ModelUsage {
    const usage = this.#usage;
    if (!usage) {
      const asked = [...this.#drafts.values()].reduce(
        (sum, call) => sum + call.arguments.length,
        0,
      );
      const { output, reasoning } = this.#written;
      return estimateUsage(messages, { output: output + asked, reasoning });
    }
    const cached = usage.prompt_tokens_details?.cached_tokens ?? 0;
    const reasoning = usage.completion_tokens_details?.reasoning_tokens ?? 0;
    return {
      inputTokens: usage.prompt_tokens,
      cachedInputTokens: Math.min(cached, usage.prompt_tokens),
      outputTokens: usage.completion_tokens,
      reasoningTokens: Math.min(reasoning, usage.completion_tokens),
      estimated: false,
    };
  }

  /** Endpoints differ over "stop" and "tool_calls"; whether there are calls is what counts. */
  #finishReason(calls: number): FinishReason {
    if (this.full) return "length";
    return FINISH_REASONS[this.#finish ?? ""] ?? (calls > 0 ? "tool_calls" : "stop");
  }
}
