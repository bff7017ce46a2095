/** Whether a run whose life was cut off is taken up again: deferrals are free, deaths are counted. */
import { ApexError } from "../protocol/errors.ts";

/**
 * Sudden deaths at one step after which a run is not tried again. A step that takes too much memory
 * kills its object without a word, so its deaths look like any other: this cap is theirs too.
 */
const MAX_DEATHS = 3;
/**
 * A life that lasted this long at one step, in milliseconds, was not ended by the step: whoever moves
 * or evicts objects did it. The object's own alarm keeps it from looking idle.
 */
const EVICTION_AFTER_MS = 60_000;
/** A run that gets no step further for this long, in milliseconds, is given up, whoever ended its lives. */
const MAX_STANDSTILL_MS = 15 * 60_000;

/** What is known of the life that was cut off; times are milliseconds since the Unix epoch. */
export interface CutOff {
  /** When it took the run up. */
  readonly claimedAt: number;
  /** The version of the code it ran. */
  readonly codeVersion: string;
  /** When the run last got a step further. */
  readonly progressAt: number;
  /** Deaths at this step before. */
  readonly deaths: number;
}

export interface Recovery {
  /** Deaths at this step, this one counted where it was one. */
  readonly deaths: number;
  /** Why the run is given up; null where it carries on. */
  readonly givenUp: ApexError | null;
}

/** Judges the end of a life, when the next one takes the run up. */
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
