/** Tokens where nobody counted them: sized from the text, and said to be estimated wherever some are. */
import { expect, test } from "vitest";
import { addUsage, estimateUsage } from "../../../src/core/tokens.ts";
import { CallId } from "../../../src/protocol/ids.ts";
import { USAGE } from "./scripted-model.ts";

test("an estimate takes four characters for a token, in the calls of the past too", () => {
  const id = CallId.parse("call_1");
  const messages = [
    { role: "user", content: "12345678" },
    {
      role: "assistant",
      content: "1234",
      toolCalls: [{ id, name: "1234", arguments: "12345678" }],
    },
    { role: "tool", callId: id, content: "1" },
  ] as const;
  expect(estimateUsage(messages, { output: 9, reasoning: 4 })).toEqual({
    inputTokens: 7,
    cachedInputTokens: 0,
    outputTokens: 3,
    reasoningTokens: 1,
    estimated: true,
  });
});

test("what two tries used adds up, and is estimated where one of them is", () => {
  const estimate = estimateUsage([], { output: 40, reasoning: 20 });
  expect(addUsage(USAGE, USAGE).estimated).toBe(false);
  expect(addUsage(USAGE, estimate)).toEqual({
    inputTokens: 1_000,
    cachedInputTokens: 0,
    outputTokens: 110,
    reasoningTokens: 5,
    estimated: true,
  });
});
