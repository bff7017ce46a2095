/** Chance that can be repeated: one seed, and of it a sequence of its own for every part that asks. */

export interface Random {
  /** @returns a number from 0 up to, but not, 1. */
  next(): number;
  /** @returns a whole number, both ends included. */
  between(least: number, most: number): number;
  /** @returns whether something of this probability happens. */
  chance(probability: number): boolean;
  pick<Choice>(choices: readonly [Choice, ...Choice[]]): Choice;
  /** @returns a sequence of its own: the same for one name, however far this one has come. */
  branch(name: string): Random;
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
  const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  return {
    next,
    between,
    chance: (probability) => next() < probability,
    pick: (choices) => choices[between(0, choices.length - 1)] ?? choices[0],
    branch: (name) => seeded(hash(name, seed)),
  };
}

/** FNV-1a over 32 bits, begun at the seed: names that differ a little give seeds that differ a lot. */
function hash(name: string, seed: number): number {
  let hashed = (0x811c9dc5 ^ seed) >>> 0;
  for (const byte of new TextEncoder().encode(name)) {
    hashed = Math.imul(hashed ^ byte, 0x01000193) >>> 0;
  }
  return hashed;
}
