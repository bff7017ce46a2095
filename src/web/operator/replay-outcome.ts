/** What became of dead letters that were sent again: a letter stays listed until D1 has taken its row. */
import type { DeadLetters } from "../../protocol/api.ts";

export interface ReplayOutcome {
  /** Rows that D1 has taken. */
  readonly arrived: number;
  /** Rows that D1 refused once more. */
  readonly refused: number;
  /** Rows of which neither is known yet. */
  readonly waiting: number;
}

/** @param sent the letters as they stood when they were sent. @param now as they stand now. */
export function replayOutcome(sent: DeadLetters, now: DeadLetters): ReplayOutcome {
  const refusedAt = new Map(sent.data.map(({ id, refused_at }) => [id, refused_at]));
  const again = now.data.filter(({ id, refused_at }) => refusedAt.get(id) !== refused_at);
  const refused = again.length;
  return {
    arrived: Math.max(0, sent.total - now.total),
    refused,
    waiting: Math.max(0, now.total - refused),
  };
}
