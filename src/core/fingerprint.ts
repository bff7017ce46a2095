/** A short fingerprint of text, to see whether two are the same; it proves nothing against who wants them to be. */

/**
 * It never changes: whose history is in which database goes by it (src/durable/history-database.ts).
 * @returns 53 bits of a text (cyrb53): for half a million texts, two alike by chance once in 70,000 times.
 */
export function fingerprint(text: string, seed = 0): number {
  let high = 0xdeadbeef ^ seed;
  let low = 0x41c6ce57 ^ seed;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return 4294967296 * (2097151 & low) + (high >>> 0);
}
