/** The price list as people browse it: which models a provider has, and what their tokens cost today. */
import { findProvider } from "@pydantic/genai-prices";
import * as z from "zod";
import { CATALOGUE_VERSION, cataloguePrices } from "./prices.ts";

/** The providers whose models are listed. */
export const LISTED_PROVIDERS = [
  "openai",
  "anthropic",
  "google",
  "mistral",
  "deepseek",
  "x-ai",
  "groq",
  "cohere",
  "aws",
  "azure",
  "together",
  "perplexity",
] as const;
export const ListedProvider = z.enum(LISTED_PROVIDERS);
export type ListedProvider = z.infer<typeof ListedProvider>;

const rate = z.number().describe("US$ per million tokens, for a call with a short context");

export const ListedModel = z.object({
  provider: ListedProvider,
  model: z.string(),
  name: z.string().nullable(),
  context_window: z.number().nullable().describe("Tokens; null where the list does not say"),
  deprecated: z.boolean(),
  rates: z.object({ input: rate, cache_read: rate, cache_write: rate, output: rate }),
});
export type ListedModel = z.infer<typeof ListedModel>;

export const PRICE_LIST_VERSION = CATALOGUE_VERSION;

/**
 * @param at the moment whose prices count, in milliseconds since the Unix epoch.
 * @returns a provider's models that have a known price, by name.
 */
export function listedModels(provider: ListedProvider, at: number): ListedModel[] {
  const models = findProvider({ providerId: provider })?.models ?? [];
  return models
    .flatMap(({ id: model, name = null, context_window = null, deprecated = false }) => {
      const query = { provider, model, serviceTier: null, at, contextTokens: 0 };
      const price = cataloguePrices(query);
      if (price === null) return [];
      const { input, cache_read, cache_write, output } = price.rates;
      const rates = { input, cache_read, cache_write, output };
      return [{ provider, model, name, context_window, deprecated, rates }];
    })
    .toSorted((a, b) => (a.model < b.model ? -1 : 1));
}
