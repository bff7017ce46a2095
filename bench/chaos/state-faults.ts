/** What may become of a query to D1, a pair of KV, or an object's memory: decided by chance, one by one. */
import * as z from "zod";
import type { Random } from "./random.ts";

/** How often state is hurt; from 0, never, to 1. */
export const StateFaults = z.object({
  /** Of the queries to D1, and of what is asked of KV. */
  queries: z.number().min(0).max(1),
  /** Of the lives of objects, each of which is ended within seconds. */
  lives: z.number().min(0).max(1),
  /** What chance begins with. */
  seed: z.number().int(),
});
export type StateFaults = z.infer<typeof StateFaults>;

export const NO_FAULTS: StateFaults = { queries: 0, lives: 0, seed: 0 };

/**
 * - `lost`: never sent, and said to have failed;
 * - `overloaded`: refused by a database that has too much to do;
 * - `committed`: carried out, and said to have failed all the same;
 * - `late`: carried out after some seconds, when whoever asked may have given up.
 */
export type QueryFault = "lost" | "overloaded" | "committed" | "late";

/** What a fault says, as D1 itself would. */
export const SAID: Readonly<Record<Exclude<QueryFault, "late">, string>> = {
  lost: "D1_ERROR: Network connection lost.",
  overloaded: "D1_ERROR: D1 DB is overloaded. Requests queued for too long.",
  committed: "D1_ERROR: internal error; reference = chaos",
};

/** Beyond the ten seconds that the product waits, and well within them, in milliseconds. */
const LATE_MS: readonly [number, ...number[]] = [500, 2_000, 12_000];
const LONGEST_LIFE_MS = 15_000;

/** @returns what becomes of a query; null where nothing does. */
export function drawQueryFault(random: Random, share: number): QueryFault | null {
  if (!random.chance(share)) return null;
  return random.pick<QueryFault>(["lost", "overloaded", "committed", "late"]);
}

/** @returns how late a late query is, in milliseconds. */
export function drawDelay(random: Random): number {
  return random.pick(LATE_MS);
}

/** @returns after how many milliseconds an object's life is ended; null where it is not. */
export function drawDeath(random: Random, share: number): number | null {
  return random.chance(share) ? random.between(500, LONGEST_LIFE_MS) : null;
}
