/** What may become of what is asked of D1, of KV and of another object, or of an object's memory: decided by chance, one by one. */
import * as z from "zod";
import { type Random, seeded } from "./random.ts";

const Share = z.number().min(0).max(1);

/** How often state is hurt; from 0, never, to 1. */
export const StateFaults = z.object({
  /** Of the queries to D1. */
  queries: Share,
  /** Of what is asked of KV. */
  cache: Share,
  /** Of the calls from the Worker, or from an object, to another object. */
  calls: Share,
  /** Of the frames to a thread, and of the places asked of an account, of the object that takes it: it loses its memory within seconds. */
  lives: Share,
  /** What chance begins with. */
  seed: z.number().int(),
});
export type StateFaults = z.infer<typeof StateFaults>;

export const NO_FAULTS: StateFaults = { queries: 0, cache: 0, calls: 0, lives: 0, seed: 0 };

/** What can be asked, and fail to answer. */
export const ASKED = ["queries", "cache", "calls"] as const;
export type Asked = (typeof ASKED)[number];

/**
 * - `lost`: never sent, and said to have failed;
 * - `overloaded`: refused by who has too much to do;
 * - `committed`: carried out, and said to have failed all the same;
 * - `late`: carried out after some seconds, when whoever asked may have given up.
 */
export type StateFault = "lost" | "overloaded" | "committed" | "late";

/** What a fault says, as the platform itself would. */
const SAID: Readonly<Record<Asked, Readonly<Record<Exclude<StateFault, "late">, string>>>> = {
  queries: {
    lost: "D1_ERROR: Network connection lost.",
    overloaded: "D1_ERROR: D1 DB is overloaded. Requests queued for too long.",
    committed: "D1_ERROR: internal error; reference = chaos",
  },
  cache: {
    lost: "KV request failed: 503 Service Unavailable",
    overloaded: "KV request failed: 429 Too Many Requests",
    committed: "KV request failed: 500 Internal Server Error",
  },
  calls: {
    lost: "Network connection lost.",
    overloaded: "Durable Object is overloaded. Too many requests queued.",
    committed: "internal error; reference = chaos",
  },
};

/** What an error of a call to an object has beside its words. */
const MARKS: Readonly<Record<Exclude<StateFault, "late">, object>> = {
  lost: { retryable: true },
  overloaded: { overloaded: true },
  committed: {},
};

/** @returns what is thrown where something that was asked is said to have failed. */
export function failureOf(asked: Asked, fault: Exclude<StateFault, "late">): Error {
  const failure = new Error(SAID[asked][fault]);
  return asked === "calls" ? Object.assign(failure, MARKS[fault]) : failure;
}

/** Within the ten seconds that the product waits, and beyond them, in milliseconds. */
const LATE_MS: readonly [number, ...number[]] = [500, 2_000, 12_000];
const LATEST_DEATH_MS = 4_000;

/** What is still to come, in one life of the product. */
export interface StateFates {
  /** @returns what becomes of the next that is asked; null where nothing does. */
  fault(asked: Asked): StateFault | null;
  /** @returns how late a late answer is, in milliseconds. */
  delay(): number;
  /** @returns how long an object that took a frame lives on, in milliseconds; null where for good. */
  death(): number | null;
}

export function drawStateFates(faults: StateFaults): StateFates {
  const random = seeded(faults.seed);
  const hurt = (name: Asked) => strikes(random.branch(name), faults[name]);
  const isHurt = { queries: hurt("queries"), cache: hurt("cache"), calls: hurt("calls") };
  const lifeEnds = strikes(random.branch("lives"), faults.lives);
  return {
    fault: (asked) =>
      isHurt[asked]() ? random.pick<StateFault>(["lost", "overloaded", "committed", "late"]) : null,
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
