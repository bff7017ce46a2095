/** When a thread has to be woken, where nobody wakes it. */
import type { Alarm } from "../durable/alarm.ts";
import type { ThreadParts } from "./compose.ts";

/** While a run is under way an alarm stands this far ahead, in milliseconds, to find it if it dies. */
const HEARTBEAT_MS = 5_000;

interface Wake {
  /** In milliseconds since the Unix epoch; null where nothing is to be done. */
  readonly at: number | null;
  /** Whether something is under way, which a death must not end. */
  readonly isBusy: boolean;
}

/**
 * Has the one alarm stand for the nearest thing to do, and none where the thread may sleep. Setting one, or
 * deleting it, is a write to the disk: one that stood for what is over now, and rings soon, is left to do so. Who
 * says more by then finds it standing, and else it is put off to where it belongs when it has rung.
 */
export function scheduleWake(parts: ThreadParts, alarm: Alarm): void {
  const { clock, deletion, outbox } = parts;
  if (deletion.isErased) return;
  const { at, isBusy } = nextWake(parts);
  if (isBusy || alarm.standsBy(clock.now() + HEARTBEAT_MS)) {
    if (at !== null) alarm.by(at);
    return;
  }
  outbox.keepSaved();
  alarm.at(at);
}

/** @returns the time of the nearest thing to do. */
function nextWake(parts: ThreadParts): Wake {
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
