/** An event log: gives each event its place, and answers who wants to resume. */
import type { Epoch } from "../protocol/ids.ts";
import type { Position } from "../protocol/position.ts";

/** Where a log is kept. Everything is synchronous, so that an append is part of a transaction. */
export interface EventStore<Event, Note> {
  readonly epoch: Epoch;
  /** The seq of the last event ever appended; 0 before the first. */
  lastSeq(): number;
  /** The seq of the oldest event still kept; null where none is. */
  firstSeq(): number | null;
  /** Keeps the events of one commit, with what is noted beside them; there may be none but the note. */
  insert(events: readonly Event[], note: Note | null): void;
  /** @returns the events after a seq, in order. */
  after(seq: number): readonly Event[];
}

export interface Resumption<Event> {
  /** Whether everything after the asked position follows. */
  readonly recovered: boolean;
  /** Every event after this seq follows. */
  readonly after: number;
  readonly events: readonly Event[];
}

interface EventLogParts<New, Event, Note> {
  readonly store: EventStore<Event, Note>;
  /** Makes an event of what happened, at its place. */
  readonly place: (happened: New, seq: number) => Event;
  /** The seq from which on a client that can't resume must be told all the same; null for none. */
  readonly liveSeq: () => number | null;
  /** The most events one resume gives. */
  readonly maxReplay: number;
}

/** @typeParam Note what a commit stores beside its events, in the same row. */
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
   * Appends events in order, each with the next seq, as one commit. Call it inside the transaction
   * that stores what the events tell of, and send what it returns only after the commit.
   */
  append(happened: readonly New[], note: Note | null = null): readonly Event[] {
    const { store, place } = this.#parts;
    const last = store.lastSeq();
    const events = happened.map((each, index) => place(each, last + 1 + index));
    if (events.length > 0 || note !== null) store.insert(events, note);
    return events;
  }

  /**
   * Answers a client that saw everything up to a position. One that names none wants the log from
   * its beginning. Where the gap cannot be bridged (another epoch, a position never given, events
   * trimmed, too many of them) it is told so, and gets what is still under way.
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
