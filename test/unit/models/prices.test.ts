/** What tokens cost, and how they are sized where nobody counted them. */
import { describe, expect, test } from "vitest";
import { priceOf } from "../../../src/models/prices.ts";
import { estimateUsage } from "../../../src/models/tokens.ts";
import { CallId } from "../../../src/protocol/ids.ts";

const usage = {
  inputTokens: 1_000_000,
  cachedInputTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  estimated: false,
};

describe("the price", () => {
  test.each(["demo", "", "my-own-model", "__proto__"])("of %j is unknown, not 0", (model) => {
    expect(priceOf(model, usage)).toBeNull();
  });

  test("counts cached tokens once, at their own price", () => {
    const cached = { ...usage, cachedInputTokens: 1_000_000 };
    expect(priceOf("gpt-4o-mini", usage)).toBeCloseTo(0.15, 10);
    expect(priceOf("gpt-4o-mini", cached)).toBeCloseTo(0.075, 10);
  });

  test("counts reasoning tokens within the output", () => {
    const output = { ...usage, inputTokens: 0, outputTokens: 1_000_000 };
    expect(priceOf("gpt-4o-mini", output)).toBeCloseTo(0.6, 10);
    expect(priceOf("gpt-4o-mini", { ...output, reasoningTokens: 900_000 })).toBeCloseTo(0.6, 10);
  });
});

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
