/** Prices looked up once a day and model: the catalogue is slow to search, and the sample is large. */
import type { Price, PriceLookup } from "../prices.ts";
import { DAY_MS } from "./requests.ts";

/**
 * @returns the same prices, each asked for at the first moment of its day. Right for the sample:
 *   its models have prices by the day, and its calls stay below the prices for long contexts.
 */
export function dailyPrices(prices: PriceLookup): PriceLookup {
  const known = new Map<string, Price | null>();
  return (query) => {
    const day = Math.floor(query.at / DAY_MS);
    const key = `${day}/${query.provider}/${query.model}/${query.serviceTier}`;
    const price = known.get(key);
    if (price !== undefined) return price;
    const asked = prices({ ...query, at: day * DAY_MS });
    known.set(key, asked);
    return asked;
  };
}
