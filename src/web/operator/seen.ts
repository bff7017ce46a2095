/** Metrics as they are watched: what was counted at the first look, and what is counted now. */
import type { MetricsSnapshot } from "../../protocol/metrics.ts";

export interface Seen {
  readonly first: MetricsSnapshot;
  /** When that was, in milliseconds since the Unix epoch. */
  readonly at: number;
  readonly now: MetricsSnapshot;
}

/** @param previous undefined at the first look. @param at milliseconds since the Unix epoch. */
export function seenAgain(previous: Seen | undefined, now: MetricsSnapshot, at: number): Seen {
  return previous === undefined ? { first: now, at, now } : { ...previous, now };
}
