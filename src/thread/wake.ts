/** Decides when a thread's alarm must ring, so that whatever is unfinished gets done without a visitor. */
import type { Alarm } from "../durable/alarm.ts";
import type { ThreadParts } from "./compose.ts";

/** While a run is under way the alarm is always this far ahead, in milliseconds: it resumes a run that died. */
const HEARTBEAT_MS = 5_000;

interface Wake {
  /** In milliseconds since the Unix epoch; null if there is nothing to do. */
  readonly at: number | null;
  /** Whether something is under way that must go on if the object dies. */
  readonly isBusy: boolean;
}

/**
 * Sets the alarm for the next thing to do, or removes it if the thread may sleep. Setting and removing are writes
 * to disk, so an alarm that is no longer needed but rings soon anyway is left alone: a message that comes before
 * then can use it, and otherwise this runs again when it rings.
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
  // Nothing else is ever due sooner than the heartbeat, so the rest, which costs queries, is not asked.
  if (isRunning || deletion.decidedAt !== null) {
    return { at: Math.min(now + HEARTBEAT_MS, ...later), isBusy: true };
  }
  const open = [announcer.dueAt, relay.dueAt, fork.dueAt, presence.dueAt, summaryCalls.dueAt];
  const due = open.filter((at) => at !== null);
  const times = [...due.map((at) => Math.max(at, now + HEARTBEAT_MS)), ...later];
  return { at: times.length > 0 ? Math.min(...times) : null, isBusy: due.length > 0 };
}
