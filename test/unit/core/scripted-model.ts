/** A model that plays a script: which turn it is at, it reads from the conversation it is given. */
import type { Model, ModelChunk, ModelRequest, ModelUsage } from "../../../src/core/model.ts";
import { CallId } from "../../../src/protocol/ids.ts";

/** What happens next in a turn: a chunk, a failure, something done, or silence until the abort. */
export type Act = ModelChunk | Error | (() => void) | "hang";
export type TurnScript = readonly Act[];

export const text = (words: string): ModelChunk => ({ type: "text", text: words });
export const reasoning = (words: string): ModelChunk => ({ type: "reasoning", text: words });
export const restart: ModelChunk = { type: "restart", reason: "The stream broke." };
export const finish = (
  reason: Extract<ModelChunk, { type: "finish" }>["reason"] = "stop",
): ModelChunk => ({ type: "finish", reason });

export function call(id: string, name: string, args = "{}"): ModelChunk {
  return { type: "tool_call", call: { id: CallId.parse(id), name, arguments: args } };
}

export const USAGE: ModelUsage = {
  inputTokens: 1_000,
  cachedInputTokens: 0,
  outputTokens: 100,
  reasoningTokens: 0,
  estimated: false,
};
export const usage: ModelChunk = { type: "usage", usage: USAGE };

/**
 * @returns a model that plays the turns; it hears its signal only while it hangs, as one does whose
 *   chunks are there already.
 */
export function scriptedModel(...turns: readonly TurnScript[]) {
  const requests: ModelRequest[] = [];
  const model: Model = {
    provider: "scripted",
    models: ["model-1"],
    async *stream(request) {
      requests.push(request);
      const asked = request.messages.findLastIndex(({ role }) => role === "user");
      for (const act of turns[request.messages.slice(asked).filter(isTurn).length] ?? []) {
        if (act === "hang") await aborted(request.signal);
        else if (act instanceof Error) throw act;
        else if (typeof act === "function") act();
        else yield act;
      }
    },
    cost: (_, { inputTokens }) => inputTokens / 1_000_000,
  };
  return { model, requests };
}

function isTurn({ role }: ModelRequest["messages"][number]): boolean {
  return role === "assistant";
}

/** Never returns. @throws the signal's reason, once it aborts. */
async function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve(), { once: true });
  if (!signal.aborted) await promise;
  signal.throwIfAborted();
}
