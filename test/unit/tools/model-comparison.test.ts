/** What the comparison of models holds against each other: the workspace's own prices, where it has some. */
import { expect, it } from "vitest";
import * as z from "zod";
import { modelComparison } from "../../../src/tools/model-comparison.ts";
import { ModelFacts } from "../../../src/usage/comparison.ts";
import type { PriceLookup } from "../../../src/usage/prices.ts";
import { askTool, callsOf } from "./ask-tool.ts";

/** A dollar for a million input tokens of the one, by a contract that no list knows, two for the other. */
const contract: PriceLookup = ({ model }) => {
  const input = model === "house-model" ? 1 : 2;
  return {
    rates: { input, cache_read: input, cache_write: input, output: input },
    version: "contract@1",
  };
};

it("takes the prices of a contract for what the same tokens would cost elsewhere", async () => {
  const calls = callsOf(3, (index) => ({
    request_model: index === 0 ? "house-model" : "gpt-5.4",
  }));
  const { answer } = await askTool(modelComparison, calls, { prices: contract });
  expect(z.array(ModelFacts).parse(answer.models)).toMatchObject([
    {
      model: "gpt-5.4",
      cost_usd: 4,
      same_tokens: {
        own_cost_usd: 4,
        alternatives: [{ model: "house-model", cost_usd: 2, gap_usd: -2 }],
      },
    },
    {
      model: "house-model",
      cost_usd: 1,
      same_tokens: { own_cost_usd: 1, alternatives: [{ cost_usd: 2, gap_usd: 1 }] },
    },
  ]);
});
