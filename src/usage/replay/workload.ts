/** A window's calls as columns of numbers: what every replay reads, a quarter of the size of objects. */
import { NO_RATE, type PriceBook } from "./price-book.ts";

/** A model as calls name it. */
export interface CallModel {
  readonly provider: string;
  /** The model that was asked for, and the one that answered where that is known. */
  readonly asked: string;
  readonly answered: string | null;
}

/** Calls by the time they began, then by their id; each column has a value for each call. */
export interface Workload {
  readonly size: number;
  readonly recordIds: readonly string[];
  readonly ts: Float64Array;
  /** Into {@link models}, {@link features} and {@link tiers}. */
  readonly model: Int32Array;
  readonly feature: Int32Array;
  readonly tier: Int32Array;
  /** Grows where calls are moved to a model that none of them named. */
  readonly models: CallModel[];
  readonly features: readonly (string | null)[];
  readonly tiers: readonly (string | null)[];
  /** Model and parameters together: calls of one kind and one prompt ask the same. */
  readonly kind: Int32Array;
  /** NaN where the source did not say. */
  readonly temperature: Float64Array;
  /** The prompt as a number; -1 where it has no hash. */
  readonly prompt: Int32Array;
  readonly reasoning: Float64Array;
  /** Milliseconds; NaN where unknown. */
  readonly latency: Float64Array;
  readonly failed: Uint8Array;
  /** 1 where a person waited, 0 where none did, -1 where nobody knows. */
  readonly interactive: Int8Array;
  /** 1 where a user is named or the answer was streamed: somebody may have waited. */
  readonly attended: Uint8Array;
  /** Hours; NaN where none was stated. */
  readonly deadline: Float64Array;
  /** The blocks of call i are those from blockStart[i] up to blockStart[i + 1]. */
  readonly blockStart: Int32Array;
  readonly block: Int32Array;
  /** Input tokens up to and including the block. */
  readonly blockTokens: Float64Array;
  readonly blocks: number;
  readonly prices: PriceBook;
  /** The calls as they were made. */
  readonly asMade: Lane;
  /** USD of each call as it was made; 0 where it has no price. */
  readonly costs: Float64Array;
  readonly priced: PricedCalls;
}

/** Calls that have a price, and what they cost in USD. */
interface Spent {
  readonly calls: number;
  readonly usd: number;
}

/** The calls as they were made, at the prices they are replayed at and at those they were stored with. */
export interface PricedCalls {
  readonly now: Spent;
  readonly stored: Spent;
  /** Calls that cost something else now, or have a price only then or only now. */
  readonly repriced: number;
  /** The price lists that the calls are replayed at. */
  readonly versions: readonly string[];
}

/**
 * Calls as some model would serve them; each column has a value for each call of the workload.
 * Columns are shared between lanes, so they are never written to once a lane is made.
 */
export interface Lane {
  /** The share of the call that is made in this lane: 0 for none, 1 for all of it. */
  readonly weight: Float64Array;
  /** Into the workload's models. */
  readonly model: Int32Array;
  /** Into the rates of the workload's price book; {@link NO_RATE} where there is no price. */
  readonly rate: Int32Array;
  readonly input: Float64Array;
  readonly read: Float64Array;
  readonly write: Float64Array;
  /** Those of the written tokens that are kept for an hour. */
  readonly write1h: Float64Array;
  readonly output: Float64Array;
  /**
   * 1 where the call is left to the batch tier, 0 where it keeps to the cache; absent where the two
   * were not weighed against each other.
   */
  readonly batched?: Uint8Array;
}

/** @returns the number of a model's rates: by the one that answered, else by the one asked for. */
export function rateOfModel(
  prices: PriceBook,
  { provider, asked, answered }: CallModel,
  serviceTier: string | null,
  at: number,
  contextTokens: number,
): number {
  const query = { provider, serviceTier, at, contextTokens };
  const rate = answered === null ? NO_RATE : prices.rateOf({ ...query, model: answered });
  return rate === NO_RATE ? prices.rateOf({ ...query, model: asked }) : rate;
}

/** @returns how many calls have each block: what comes once need not be remembered by any cache. */
export function blockCounts({ block, blocks }: Workload): Int32Array {
  const counts = new Int32Array(blocks);
  for (const id of block) counts[id] = (counts[id] ?? 0) + 1;
  return counts;
}
