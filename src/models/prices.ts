/** What a model's tokens cost, by the price list that ships with the program: nothing is looked up. */
import { calcPrice } from "@pydantic/genai-prices";
import type { ModelUsage } from "../core/model.ts";

/** @returns the list price of the tokens in US$, or null where the model has no known price. */
export function priceOf(model: string, usage: ModelUsage): number | null {
  const price = calcPrice(
    {
      input_tokens: usage.inputTokens,
      cache_read_tokens: usage.cachedInputTokens,
      output_tokens: usage.outputTokens,
    },
    model,
  );
  return price === null ? null : price.total_price;
}

/** @returns the tokens that a model reads at once, or null where the list does not say. */
export function windowOf(model: string): number | null {
  return calcPrice({ input_tokens: 1 }, model)?.model.context_window ?? null;
}
