/** Prices for a whole replay: asked once a model, tier and day, since a look-up walks a catalogue. */
import { DAY_MS, HOUR_MS } from "../calendar.ts";
import type { PriceLookup, PriceQuery, Rates } from "../prices.ts";

/** Some models cost less at night, and a price may begin at noon: a day has one where these agree. */
const PROBED = [6 * HOUR_MS, 12 * HOUR_MS, 18 * HOUR_MS, DAY_MS - 1];
/** No model's long-context price begins below this. */
const SHORT_CONTEXT = 100_000;

/** The price of a model and tier on one day; undefined where each call has to be looked up. */
interface DayPrice {
  readonly short: number | undefined;
  readonly long: number | undefined;
}

/** Where a call has no price. */
export const NO_RATE = -1;

/** Rates by number, so that a call holds a number in place of five prices. */
export class PriceBook {
  /** Every set of rates that was met, by its number. */
  readonly rates: Rates[] = [];
  /** The price list that each set is from, by the same number. */
  readonly versions: string[] = [];
  readonly #lookup: PriceLookup;
  readonly #numbers = new Map<string, number>();
  readonly #days = new Map<string, DayPrice>();

  constructor(lookup: PriceLookup) {
    this.#lookup = lookup;
  }

  /** @returns the number of the rates that stood for a call, or {@link NO_RATE}. */
  rateOf(query: PriceQuery): number {
    const day = Math.floor(query.at / DAY_MS);
    const key = `${day}\n${query.serviceTier}\n${query.provider}\n${query.model}`;
    let price = this.#days.get(key);
    if (!price) {
      price = this.#probe({ ...query, at: day * DAY_MS });
      this.#days.set(key, price);
    }
    const known = query.contextTokens <= SHORT_CONTEXT ? price.short : price.long;
    return known ?? this.#ask(query);
  }

  /** A price that neither hour nor length moves stands for the day. */
  #probe(midnight: PriceQuery): DayPrice {
    const empty = this.#ask({ ...midnight, contextTokens: 0 });
    const steady = PROBED.every(
      (time) => this.#ask({ ...midnight, contextTokens: 0, at: midnight.at + time }) === empty,
    );
    const upTo = (contextTokens: number) =>
      steady && this.#ask({ ...midnight, contextTokens }) === empty ? empty : undefined;
    return { short: upTo(SHORT_CONTEXT), long: upTo(Number.MAX_SAFE_INTEGER) };
  }

  #ask(query: PriceQuery): number {
    const price = this.#lookup(query);
    if (!price) return NO_RATE;
    const key = JSON.stringify(price);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.rates.length);
    this.versions.push(price.version);
    return this.rates.push(price.rates) - 1;
  }
}
