/** The life of a run: queued → running → completed | failed | cancelled, and nothing else. */
import { FinalStatus, type RunStatus } from "../protocol/entities.ts";

/** What can happen to a run. */
export type RunTransition = "start" | "resume" | "complete" | "fail" | "cancel";

/** The total table: what is not named here is refused. */
const TABLE: Readonly<Record<RunStatus, Partial<Record<RunTransition, RunStatus>>>> = {
  // A queued run that is cancelled still starts and ends in its turn, so its events are complete.
  queued: { start: "running" },
  running: { resume: "running", complete: "completed", fail: "failed", cancel: "cancelled" },
  completed: {},
  failed: {},
  cancelled: {},
};

/** @returns the state after a transition, or null where the state does not allow it. */
export function transition(status: RunStatus, event: RunTransition): RunStatus | null {
  return TABLE[status][event] ?? null;
}

/** @returns whether a run in this state has ended for good. */
export function isFinal(status: RunStatus): status is FinalStatus {
  return FinalStatus.safeParse(status).success;
}
