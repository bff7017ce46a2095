/** One use of a cached prefix: what a hit reads, what a miss writes, and what writing costs. */
import type { Rates } from "../prices.ts";
import type { Lane } from "./workload.ts";

/** How long a provider keeps a prefix after its last use. */
export type CacheTtl = "5m" | "1h";

const TTL_MS = { "5m": 5 * 60_000, "1h": 60 * 60_000 } as const satisfies Record<CacheTtl, number>;

/** @returns whether a prefix is still there; undefined stands for one that was never used. */
export function isHit(lastUsed: number | undefined, at: number, ttl: CacheTtl): boolean {
  return lastUsed !== undefined && at - lastUsed <= TTL_MS[ttl];
}

/** Tokens that a hit reads beyond those read already, and those it need not write any more. */
export function onHit({ read, write }: Lane, call: number, tokens: number) {
  const more = Math.max(0, tokens - (read[call] ?? 0));
  return { more, lessWritten: Math.min(write[call] ?? 0, more) };
}

/** Tokens that a miss writes beyond those read or written already. */
export function onMiss({ read, write }: Lane, call: number, tokens: number): number {
  return Math.max(0, tokens - (read[call] ?? 0) - (write[call] ?? 0));
}

/** @returns USD per million tokens written to be kept so long. */
export function writeRate(rates: Rates, ttl: CacheTtl): number {
  return ttl === "1h" ? (rates.cache_write_1h ?? rates.cache_write) : rates.cache_write;
}

/**
 * @returns the share of hits from which on caching saves: at 1.25 times the input for a write and
 *   0.1 times for a read 21.7 %, at twice for a write 52.6 %; 0 where writing costs nothing more.
 */
export function breakEvenHits(rates: Rates, ttl: CacheTtl): number {
  const fee = writeRate(rates, ttl) - rates.input;
  const gain = rates.input - rates.cache_read;
  return fee + gain > 0 ? Math.max(0, fee / (fee + gain)) : 1;
}
