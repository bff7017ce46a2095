/** What a call cost: the price list at the call's own time, and the formula over it. */
import { calcPrice } from "@pydantic/genai-prices";
import type { PricedRecord, UsageRecord } from "./record.ts";

/** The release of @pydantic/genai-prices that is installed; a test holds it to package.json. */
export const CATALOGUE_VERSION = "genai-prices@0.1.8";
/** When the tier factors below were last read at their sources. */
export const TIERS_VERSION = "tiers@2026-11-21";
export const UNPRICED = "unpriced";

/** USD per million tokens. */
export interface Rates {
  readonly input: number;
  readonly cache_read: number;
  readonly cache_write: number;
  /** For tokens kept an hour; as those kept five minutes where it is absent. */
  readonly cache_write_1h?: number | undefined;
  readonly output: number;
}

export interface Price {
  readonly rates: Rates;
  /** The list, and its release, that the rates come from. */
  readonly version: string;
}

export interface PriceQuery {
  readonly provider: string;
  readonly model: string;
  readonly serviceTier: string | null;
  /** The moment whose prices count, milliseconds since the Unix epoch. */
  readonly at: number;
  /** Input tokens of the call: some models cost more past a context length. */
  readonly contextTokens: number;
}

/** @returns the price that stood for a call, or null where none is known. */
export type PriceLookup = (query: PriceQuery) => Price | null;

/** The tokens a cost is made of; cached tokens are part of the input. */
export type TokenMix = Pick<
  UsageRecord,
  "input_tokens" | "cache_read_tokens" | "cache_write_tokens" | "output_tokens"
> &
  Partial<Pick<UsageRecord, "cache_write_1h_tokens">>;

/** What sources call the tier that pays the list price. */
const STANDARD_TIERS = new Set(["standard", "default", "auto"]);

/** @returns whether a tier, as a source names it or leaves it out, pays the list price. */
export function isStandardTier(tier: string | null): boolean {
  return tier === null || STANDARD_TIERS.has(tier);
}

/** The discounted tiers, which the catalogue does not hold: a factor on every rate of the model. */
const TIER_FACTORS = [
  {
    provider: "openai",
    tier: "batch",
    factor: 0.5,
    source: "https://developers.openai.com/api/docs/guides/batch",
  },
  {
    provider: "openai",
    tier: "flex",
    factor: 0.5,
    source: "https://developers.openai.com/api/docs/guides/flex-processing",
  },
  {
    provider: "anthropic",
    tier: "batch",
    factor: 0.5,
    source: "https://platform.claude.com/docs/en/build-with-claude/batch-processing",
  },
  {
    provider: "google",
    tier: "batch",
    factor: 0.5,
    source: "https://developers.googleblog.com/scale-your-ai-workloads-batch-mode-gemini-api",
  },
] as const;

/** Prices from the catalogue, at the tier of the call; any other tier is unpriced, never guessed. */
export const cataloguePrices: PriceLookup = (query) => {
  // No usage: the library picks the model and its dated rates, the formula below is ours.
  const listed = calcPrice({}, query.model, {
    providerId: query.provider,
    timestamp: new Date(query.at),
  });
  if (!listed) return null;
  const rate = (key: string) => rateAt(listed.model_price[key], query.contextTokens);
  const input = rate("input_mtok");
  if (input === undefined) return null;
  const rates = {
    input,
    cache_read: rate("cache_read_mtok") ?? input,
    cache_write: rate("cache_write_mtok") ?? input,
    cache_write_1h: rate("cache_write_1h_mtok"),
    // A model without an output price, an embedding model, writes no output.
    output: rate("output_mtok") ?? 0,
  };
  if (isStandardTier(query.serviceTier)) {
    return { rates, version: CATALOGUE_VERSION };
  }
  const discount = TIER_FACTORS.find(
    ({ provider, tier }) => provider === listed.provider.id && tier === query.serviceTier,
  );
  if (!discount) return null;
  return {
    rates: {
      input: rates.input * discount.factor,
      cache_read: rates.cache_read * discount.factor,
      cache_write: rates.cache_write * discount.factor,
      cache_write_1h: rates.cache_write_1h && rates.cache_write_1h * discount.factor,
      output: rates.output * discount.factor,
    },
    version: `${CATALOGUE_VERSION}+${TIERS_VERSION}`,
  };
};

type ListedRate = NonNullable<ReturnType<typeof calcPrice>>["model_price"][string];

/** A rate at a context length: past a tier's start, its price counts for every token of the call. */
function rateAt(rate: ListedRate, contextTokens: number): number | undefined {
  if (typeof rate !== "object") return rate;
  return rate.tiers.reduce(
    (price, tier) => (contextTokens > tier.start ? tier.price : price),
    rate.base,
  );
}

/** @returns USD: uncached input, cache reads, cache writes and output, each at its own rate. */
export function costOf(mix: TokenMix, rates: Rates): number {
  const uncached = mix.input_tokens - mix.cache_read_tokens - mix.cache_write_tokens;
  const forAnHour = mix.cache_write_1h_tokens ?? 0;
  return (
    (uncached * rates.input +
      mix.cache_read_tokens * rates.cache_read +
      (mix.cache_write_tokens - forAnHour) * rates.cache_write +
      forAnHour * (rates.cache_write_1h ?? rates.cache_write) +
      mix.output_tokens * rates.output) /
    1e6
  );
}

/** @returns the record with its cost: by the model that answered, else by the one asked for. */
export function priceRecord(record: UsageRecord, lookup: PriceLookup): PricedRecord {
  const priceOf = (model: string | null) =>
    model === null
      ? null
      : lookup({
          provider: record.provider,
          model,
          serviceTier: record.service_tier,
          at: record.ts,
          contextTokens: record.context_tokens ?? record.input_tokens / record.n_requests,
        });
  const price = priceOf(record.response_model) ?? priceOf(record.request_model);
  return {
    ...record,
    cost_computed: price && costOf(record, price.rates),
    price_version: price?.version ?? UNPRICED,
  };
}
