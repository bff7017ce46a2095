/** What a profile of load came to, as plain data: from here tables, plots and verdicts are made. */
import { NOTHING_WRONG, type Verdict } from "../chaos/verdict.ts";
import type { Turn } from "../crowd/turn.ts";
import type { Use } from "../product-meter.ts";

/** A socket that was dialled, or a request that was made; moments by the process's own clock. */
export interface Attempted {
  readonly at: number;
  /** Until it was ready, or answered, in milliseconds. */
  readonly tookMs: number;
  /** Null where it succeeded. */
  readonly failure: string | null;
}

/** What was done and found; a profile leaves empty what it does not do. */
export interface Done {
  readonly connects: readonly Attempted[];
  readonly turns: readonly Turn[];
  readonly requests: readonly Attempted[];
  /** How many conversations were verified, and what was wrong in them. */
  readonly verified: number;
  readonly violations: Verdict;
  /** Growth of the product's memory by each socket, in bytes; null where none were held. */
  readonly bytesAConnection: number | null;
}

export const NOTHING_DONE: Done = {
  connects: [],
  turns: [],
  requests: [],
  verified: 0,
  violations: NOTHING_WRONG,
  bytesAConnection: null,
};

export interface Outcome extends Done {
  readonly name: string;
  /** What was asked of the product, in words. */
  readonly described: string;
  /** When the load began and ended, by the process's own clock; verifying comes after it. */
  readonly begunAt: number;
  readonly endedAt: number;
  /** From begin to end. */
  readonly uses: readonly Use[];
}
