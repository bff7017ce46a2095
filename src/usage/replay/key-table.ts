/** Dense ids for many keys, in typed arrays: maps of half a million entries would fill an isolate. */

const FIRST_CAPACITY = 1_024;

/** Numbers keys in the order they first come. Keys are whole numbers from 0 up to 2^53. */
export class KeyTable {
  #keys = new Float64Array(FIRST_CAPACITY);
  /** One more than the id of the key beside it; 0 where the place is free. */
  #places = new Int32Array(FIRST_CAPACITY);
  #size = 0;

  /** How many keys there are; ids go from 0 up to, not including, it. */
  get size(): number {
    return this.#size;
  }

  /** @returns the key's id: the one it has, or the next one. */
  idOf(key: number): number {
    if (2 * this.#size >= this.#keys.length) this.#grow();
    const place = this.#placeOf(key);
    const known = this.#places[place] ?? 0;
    if (known > 0) return known - 1;
    this.#keys[place] = key;
    this.#size += 1;
    this.#places[place] = this.#size;
    return this.#size - 1;
  }

  /** The place of a key, or the free one where it belongs (linear probing). */
  #placeOf(key: number): number {
    const mask = this.#keys.length - 1;
    const mixed = Math.imul(key % 2 ** 32, 0x9e3779b1) ^ Math.imul(key / 2 ** 32, 0x85ebca6b);
    let place = (mixed ^ (mixed >>> 15)) & mask;
    while (this.#places[place] !== 0 && this.#keys[place] !== key) place = (place + 1) & mask;
    return place;
  }

  #grow(): void {
    const [keys, places] = [this.#keys, this.#places];
    this.#keys = new Float64Array(2 * keys.length);
    this.#places = new Int32Array(2 * keys.length);
    for (let old = 0; old < keys.length; old++) {
      if (places[old] === 0) continue;
      const place = this.#placeOf(keys[old] ?? 0);
      this.#keys[place] = keys[old] ?? 0;
      this.#places[place] = places[old] ?? 0;
    }
  }
}

/**
 * @returns 53 bits of a keyed hash, whatever its spelling, so that the text need not be kept: two
 *   of 600,000 meet with a chance of one in fifty thousand. (FNV-1a over two multipliers.)
 */
export function fingerprint(text: string): number {
  let low = 0x811c9dc5;
  let high = 0x9747b28c;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x5bd1e995);
    high ^= high >>> 15;
  }
  low ^= low >>> 16;
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}
