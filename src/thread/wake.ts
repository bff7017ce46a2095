/** When a thread has to be woken, where nobody wakes it. */
import type { ThreadParts } from "./compose.ts";

/** While a run is under way an alarm stands this far ahead, in milliseconds, to find it if it dies. */
const HEARTBEAT_MS = 5_000;

export interface Wake {
  /** In milliseconds since the Unix epoch; null where nothing is to be done. */
  readonly at: number | null;
  /** Whether something is under way, which a death must not end. */
  readonly isBusy: boolean;
}

/** @returns the time of the nearest thing to do. */
export function nextWake(parts: ThreadParts): Wake {
  const { announcer, clock, deletion, fork, presence, relay, runner, runs, sockets, summaryCalls } =
    parts;
  const now = clock.now();
  const { parkedUntil } = runner;
  const later = [sockets.dueAt, parkedUntil].filter((at) => at !== null);
  const isRunning = parkedUntil === null && runs.next() !== null;
  // Nothing that is due is waited for less long, so what else is need not be asked, which takes its time.
  if (isRunning || deletion.decidedAt !== null) {
    return { at: Math.min(now + HEARTBEAT_MS, ...later), isBusy: true };
  }
  const open = [announcer.dueAt, relay.dueAt, fork.dueAt, presence.dueAt, summaryCalls.dueAt];
  const due = open.filter((at) => at !== null);
  const times = [...due.map((at) => Math.max(at, now + HEARTBEAT_MS)), ...later];
  return { at: times.length > 0 ? Math.min(...times) : null, isBusy: due.length > 0 };
}
