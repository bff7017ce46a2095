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
  const run = parkedUntil === null ? runs.next() && now : null;
  const open =
    deletion.decidedAt === null
      ? [relay.dueAt, fork.dueAt, presence.dueAt, summaryCalls.dueAt, run]
      : [now];
  const due = [announcer.dueAt, ...open].filter((at) => at !== null);
  const later = [sockets.dueAt, parkedUntil].filter((at) => at !== null);
  const times = [...due.map((at) => Math.max(at, now + HEARTBEAT_MS)), ...later];
  return { at: times.length > 0 ? Math.min(...times) : null, isBusy: due.length > 0 };
}
