/** An append-only log of events: numbers them without gaps, and replays what a client has missed. */
import type { Epoch } from "../protocol/ids.ts";
import type { Position } from "../protocol/position.ts";

/** Where the events are stored. Synchronous, so that an append can be part of a transaction. */
export interface EventStore<Event, Note> {
  readonly epoch: Epoch;
  /** @returns the seq of the last event ever appended; 0 if there was none. */
  lastSeq(): number;
  /** @returns the seq of the oldest event that was not trimmed; null if the log is empty. */
  firstSeq(): number | null;
  /** Stores the events of one commit, and a note beside them. There may be no events, only a note. */
  insert(events: readonly Event[], note: Note | null): void;
  /** @returns all events with a higher seq, in order. */
  after(seq: number): readonly Event[];
}

/** The answer to a client that resumes. */
interface Resumption<Event> {
  /** Whether nothing is missing between the client's position and these events. */
  readonly recovered: boolean;
  /** The seq after which {@link events} begin. */
  readonly after: number;
  readonly events: readonly Event[];
}

interface EventLogParts<New, Event, Note> {
  readonly store: EventStore<Event, Note>;
  /** Makes the event that is appended under a seq. */
  readonly place: (happened: New, seq: number) => Event;
  /** The seq where the run under way begins: a client that cannot resume is still sent that; null for none. */
  readonly liveSeq: () => number | null;
  /** The most events that one resume may replay. */
  readonly maxReplay: number;
}

/**
 * @typeParam New what is appended: an event without its place in the log.
 * @typeParam Event what is stored and sent: with its place.
 * @typeParam Note what a commit stores beside its events, in the same row.
 */
export class EventLog<New, Event, Note = never> {
  readonly #parts: EventLogParts<New, Event, Note>;

  constructor(parts: EventLogParts<New, Event, Note>) {
    this.#parts = parts;
  }

  get epoch(): Epoch {
    return this.#parts.store.epoch;
  }

  get lastSeq(): number {
    return this.#parts.store.lastSeq();
  }

  /**
   * Appends events as one commit, each under the next seq. Call it inside the transaction that stores what they
   * tell of, and send the returned events only once that is committed.
   */
  append(happened: readonly New[], note: Note | null = null): readonly Event[] {
    const { store, place } = this.#parts;
    const last = store.lastSeq();
    const events = happened.map((each, index) => place(each, last + 1 + index));
    if (events.length > 0 || note !== null) store.insert(events, note);
    return events;
  }

  /**
   * Replays what a client has missed.
   * @param position the last event it has seen; null for a client that wants the log from its beginning.
   * @returns the events after that. If they cannot be given without a gap (another epoch, a seq that was never
   *   used, events trimmed, or too many), `recovered` is false and only the run under way is replayed.
   */
  resume(position: Position | null): Resumption<Event> {
    const { store, liveSeq, maxReplay } = this.#parts;
    const last = store.lastSeq();
    const after = position?.after ?? 0;
    const first = store.firstSeq() ?? last + 1;
    const known = position === null || position.epoch === store.epoch;
    if (known && after <= last && after >= first - 1 && last - after <= maxReplay) {
      return { recovered: true, after, events: store.after(after) };
    }
    const live = liveSeq();
    const from = live === null ? last : Math.max(live - 1, first - 1, last - maxReplay);
    return { recovered: false, after: from, events: store.after(from) };
  }
}
