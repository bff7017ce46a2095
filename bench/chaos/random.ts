/** Chance that can be repeated: one seed, one sequence. */

export interface Random {
  /** @returns a number from 0 up to, but not, 1. */
  next(): number;
  /** @returns a whole number, both ends included. */
  between(least: number, most: number): number;
}

/** Mulberry32, by Tommy Ettinger: small, and even enough to pick faults. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  return {
    next,
    between: (least, most) => least + Math.floor(next() * (most - least + 1)),
  };
}
