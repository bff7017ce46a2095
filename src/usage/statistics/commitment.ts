/** What a reserved capacity is worth: hours it idles, hours it is too small, and the size that costs least. */

/** A capacity that is paid for whether it is used or not. */
export interface Commitment {
  readonly tokensPerHour: number;
  readonly hourlyPriceUsd: number;
}

export interface Utilisation {
  readonly hours: number;
  readonly tokens: number;
  /** Tokens of the hours that had more than fit. */
  readonly overflowTokens: number;
  readonly utilisationPct: number;
  readonly committedUsd: number;
  readonly idleUsd: number;
}

/** A size of capacity, at the same price a token of capacity, and what all tokens cost with it. */
export interface Resize {
  readonly tokensPerHour: number;
  readonly totalUsd: number;
}

/**
 * @param tokens what each hour used, of every hour there was.
 * @returns how far the capacity was used; null where there was no hour.
 */
export function utilisation(
  tokens: readonly number[],
  { tokensPerHour, hourlyPriceUsd }: Commitment,
): Utilisation | null {
  if (tokens.length === 0) return null;
  const all = tokens.reduce((sum, used) => sum + used, 0);
  const served = tokens.reduce((sum, used) => sum + Math.min(used, tokensPerHour), 0);
  const share = served / (tokensPerHour * tokens.length);
  const committedUsd = hourlyPriceUsd * tokens.length;
  return {
    hours: tokens.length,
    tokens: all,
    overflowTokens: all - served,
    utilisationPct: 100 * share,
    committedUsd,
    idleUsd: committedUsd * (1 - share),
  };
}

/** @returns the utilisation in percent above which the capacity is cheaper than paying by the token. */
export function breakEvenPct(
  { tokensPerHour, hourlyPriceUsd }: Commitment,
  usdPerToken: number,
): number | null {
  return usdPerToken > 0 ? (100 * hourlyPriceUsd) / (tokensPerHour * usdPerToken) : null;
}

/** @returns USD for the hours' tokens: the capacity, and by the token what does not fit in it. */
export function totalUsd(
  tokens: readonly number[],
  { tokensPerHour, hourlyPriceUsd }: Commitment,
  usdPerToken: number,
): number {
  const overflow = tokens.reduce((sum, used) => sum + Math.max(0, used - tokensPerHour), 0);
  return hourlyPriceUsd * tokens.length + overflow * usdPerToken;
}

/**
 * The size that would have cost least over these hours. A token of capacity more is worth its price
 * as long as enough hours use it (the newsvendor's critical ratio), so the best size is the use of
 * one of the hours, or none at all.
 */
export function cheapestSize(
  tokens: readonly number[],
  { tokensPerHour, hourlyPriceUsd }: Commitment,
  usdPerToken: number,
): Resize {
  const price = hourlyPriceUsd / tokensPerHour;
  const sorted = tokens.toSorted((left, right) => left - right);
  let above = sorted.reduce((sum, used) => sum + used, 0);
  let best: Resize = { tokensPerHour: 0, totalUsd: above * usdPerToken };
  sorted.forEach((size, index) => {
    above -= size;
    const overflow = above - size * (sorted.length - index - 1);
    const cost = price * size * sorted.length + overflow * usdPerToken;
    if (cost < best.totalUsd) best = { tokensPerHour: size, totalUsd: cost };
  });
  return best;
}
