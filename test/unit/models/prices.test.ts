/** What tokens cost, and how they are sized where nobody counted them. */
import { describe, expect, test } from "vitest";
import { priceOf } from "../../../src/models/prices.ts";

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
