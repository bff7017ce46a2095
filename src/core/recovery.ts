/**
 * Decides whether a run is resumed after its process was cut off. Updates and evictions do not count against it, as
 * they are not its fault; sudden deaths do, so that a run that kills its object is not tried for ever.
 */
import { ApexError } from "../protocol/errors.ts";

/**
 * After this many deaths at the same step a run is given up. A step that needs too much memory kills its object
 * without an error, so such deaths cannot be told from others.
 */
const MAX_DEATHS = 3;
/**
 * If a process worked on one step for this long, in milliseconds, its end is put down to the platform, which moves
 * and evicts objects, not to the step. (It was not evicted for being idle: the alarm keeps it busy.)
 */
const EVICTION_AFTER_MS = 60_000;
/** A run that completes no step for this long, in milliseconds, is given up, whatever the cause. */
const MAX_STANDSTILL_MS = 15 * 60_000;

/** What is known of the process that was cut off; times are milliseconds since the Unix epoch. */
export interface CutOff {
  /** When it claimed the run. */
  readonly claimedAt: number;
  /** The version of the code it ran. */
  readonly codeVersion: string;
  /** When the run last completed a step. */
  readonly progressAt: number;
  /** How often the run had died at this step before. */
  readonly deaths: number;
}

export interface Recovery {
  /** How often the run has died at this step by now. */
  readonly deaths: number;
  /** Why the run is given up; null if it is resumed. */
  readonly givenUp: ApexError | null;
}

/** @returns whether the run is resumed. Called by the next process that claims it. */
export function recover(life: CutOff, now: number, codeVersion: string): Recovery {
  const lasted = now - Math.max(life.claimedAt, life.progressAt);
  const deferred = life.codeVersion !== codeVersion || lasted >= EVICTION_AFTER_MS;
  const deaths = deferred ? life.deaths : life.deaths + 1;
  if (deaths >= MAX_DEATHS) {
    return { deaths, givenUp: interrupted(`was interrupted ${deaths} times at the same step`) };
  }
  if (now - life.progressAt >= MAX_STANDSTILL_MS) {
    const minutes = MAX_STANDSTILL_MS / 60_000;
    return { deaths, givenUp: interrupted(`got no further for ${minutes} minutes`) };
  }
  return { deaths, givenUp: null };
}

function interrupted(what: string): ApexError {
  const detail = `The run ${what} and is given up. Please send the message again.`;
  return new ApexError("run_interrupted", detail);
}
