/** What stands for keyed hashes in sample data: as steady and as scattered, but no secret is behind it. */

/** Hexadecimal digits of each byte: spelling out a hash is most of the work of making one. */
const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** @returns 16 hexadecimal digits, the same for the same text (cyrb53's mixing, public domain). */
export function madeUpHash(text: string): string {
  let low = 0xdeadbeef;
  let high = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    low = Math.imul(low ^ unit, 2_654_435_761);
    high = Math.imul(high ^ unit, 1_597_334_677);
  }
  return digits(mixed(high, low)) + digits(mixed(low, high));
}

/** @returns a seed for a stream of its own (FNV-1a, then the same mixing). */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return mixed(hash, hash) >>> 0;
}

/** @returns a number in [0, 1) made of four of a hash's digits. */
export function portionOf(hash: string, from: number): number {
  return Number.parseInt(hash.slice(from, from + 4), 16) / 2 ** 16;
}

function mixed(word: number, other: number): number {
  return (
    Math.imul(word ^ (word >>> 16), 2_246_822_507) ^
    Math.imul(other ^ (other >>> 13), 3_266_489_909)
  );
}

function digits(word: number): string {
  return `${BYTES[word >>> 24]}${BYTES[(word >>> 16) & 255]}${BYTES[(word >>> 8) & 255]}${BYTES[word & 255]}`;
}
