/** Seeded randomness for sample data: the same seed gives the same company, on every runtime. */

/** A source of random figures. Not for secrets: it can be foretold. */
export class RandomSource {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** @returns a number in [0, 1): Mulberry32, by Tommy Ettinger (public domain). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** @returns an integer from 0 up to, not including, the limit. */
  integer(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** @returns a neighbouring integer, so that the mean over many is the value itself. */
  rounded(value: number): number {
    return Math.floor(value + this.next());
  }

  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.integer(items.length)] ?? items[0];
  }

  hex(digits: number): string {
    return Array.from({ length: digits }, () => this.integer(16).toString(16)).join("");
  }

  /** @returns a log-normal integer, at least 1 (Box and Muller's transform of two draws). */
  logNormal(median: number, sigma: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    const normal = radius * Math.cos(2 * Math.PI * this.next());
    return Math.max(1, Math.round(median * Math.exp(sigma * normal)));
  }
}
