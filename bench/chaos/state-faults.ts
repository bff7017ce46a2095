/** What may become of a query to D1, a pair of KV, or an object's memory: decided by chance, one by one. */
import * as z from "zod";
import { type Random, seeded } from "./random.ts";

/** How often state is hurt; from 0, never, to 1. */
export const StateFaults = z.object({
  /** Of the queries to D1, and of what is asked of KV. */
  queries: z.number().min(0).max(1),
  /** Of the frames to a thread, of the object that takes it: it loses its memory within seconds. */
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

/** Within the ten seconds that the product waits, and beyond them, in milliseconds. */
const LATE_MS: readonly [number, ...number[]] = [500, 2_000, 12_000];
const LATEST_DEATH_MS = 4_000;

/** What is still to come, in one life of the product. */
export interface StateFates {
  /** @returns what becomes of the next query; null where nothing does. */
  query(): QueryFault | null;
  /** @returns how late a late query is, in milliseconds. */
  delay(): number;
  /** @returns how long an object that took a frame lives on, in milliseconds; null where for good. */
  death(): number | null;
}

export function drawStateFates({ queries, lives, seed }: StateFaults): StateFates {
  const random = seeded(seed);
  const queryIsHurt = strikes(random.branch("queries"), queries);
  const lifeEnds = strikes(random.branch("lives"), lives);
  return {
    query: () =>
      queryIsHurt() ? random.pick<QueryFault>(["lost", "overloaded", "committed", "late"]) : null,
    delay: () => random.pick(LATE_MS),
    death: () => (lifeEnds() ? random.between(0, LATEST_DEATH_MS) : null),
  };
}

/** @returns what strikes at this share of its calls: by chance, and surely within twice the mean distance. */
export function strikes(random: Random, share: number): () => boolean {
  const distance = () =>
    share > 0 ? random.between(1, Math.round(2 / share) - 1) : Number.POSITIVE_INFINITY;
  let left = distance();
  return () => {
    left -= 1;
    if (left > 0) return false;
    left = distance();
    return true;
  };
}
