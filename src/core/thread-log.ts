/** The event log of a thread: an {@link EventLog} whose events carry their user, thread and time. */
import { LoggedEvent, type NewEvent } from "../protocol/events.ts";
import type { ThreadId, UserId } from "../protocol/ids.ts";
import { type Clock, timestamp } from "./clock.ts";
import { EventLog, type EventStore } from "./event-log.ts";

export type ThreadLog<Note> = EventLog<NewEvent, LoggedEvent, Note>;

/** @returns the log. Its `append` throws if an event does not match its schema: nothing unreadable is stored. */
export function threadLog<Note>(parts: {
  readonly store: EventStore<LoggedEvent, Note>;
  readonly clock: Clock;
  readonly userId: UserId;
  readonly threadId: ThreadId;
  readonly liveSeq: () => number | null;
  readonly maxReplay: number;
}): ThreadLog<Note> {
  const { store, clock, userId, threadId, liveSeq, maxReplay } = parts;
  const owner = { user_id: userId, thread_id: threadId };
  return new EventLog({
    store,
    liveSeq,
    maxReplay,
    place({ run_id, agent, ...event }, seq) {
      const context = { ...owner, run_id, agent, timestamp: timestamp(clock.now()) };
      return LoggedEvent.parse({ ...event, seq, context });
    },
  });
}
