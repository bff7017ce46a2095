/** A thread's event log: gives each event its place, and answers who wants to resume. */
import type { LoggedEvent, NewEvent } from "../protocol/events.ts";
import { LoggedEvent as LoggedEventSchema } from "../protocol/events.ts";
import type { Epoch, ThreadId, UserId } from "../protocol/ids.ts";
import type { Position } from "../protocol/sse.ts";
import { type Clock, timestamp } from "./clock.ts";

/** Where the log is kept. Everything is synchronous, so that an append is part of a transaction. */
export interface EventStore {
  readonly epoch: Epoch;
  /** The seq of the last event ever appended; 0 before the first. */
  lastSeq(): number;
  /** The seq of the oldest event still kept; null where none is. */
  firstSeq(): number | null;
  /** The seq of the first event of the oldest run that has not ended; null where all have. */
  liveSeq(): number | null;
  insert(event: LoggedEvent): void;
  /** @returns the events after a seq, in order. */
  after(seq: number): readonly LoggedEvent[];
}

export interface Resumption {
  /** Whether everything after the asked position follows. */
  readonly recovered: boolean;
  /** Every event after this seq follows. */
  readonly after: number;
  readonly events: readonly LoggedEvent[];
}

export class EventLog {
  readonly #store: EventStore;
  readonly #clock: Clock;
  readonly #owner: { readonly user_id: UserId; readonly thread_id: ThreadId };
  readonly #maxReplay: number;

  /** @param options.maxReplay the most events one resume gives. */
  constructor(options: {
    readonly store: EventStore;
    readonly clock: Clock;
    readonly userId: UserId;
    readonly threadId: ThreadId;
    readonly maxReplay: number;
  }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#owner = { user_id: options.userId, thread_id: options.threadId };
    this.#maxReplay = options.maxReplay;
  }

  get epoch(): Epoch {
    return this.#store.epoch;
  }

  get lastSeq(): number {
    return this.#store.lastSeq();
  }

  /**
   * Appends events in order, each with the next seq. Call it inside the transaction that stores
   * what the events tell of, and send what it returns only after the commit.
   */
  append(events: readonly NewEvent[]): readonly LoggedEvent[] {
    let seq = this.#store.lastSeq();
    return events.map(({ run_id, agent, ...event }) => {
      seq += 1;
      const context = { ...this.#owner, run_id, agent, timestamp: timestamp(this.#clock.now()) };
      const logged = LoggedEventSchema.parse({ ...event, seq, context });
      this.#store.insert(logged);
      return logged;
    });
  }

  /**
   * Answers a client that saw everything up to a position. One that names none wants the thread
   * from its beginning. Where the gap cannot be bridged (another epoch, a position never given,
   * events trimmed, too many of them) it is told so, and gets the runs that are still under way.
   */
  resume(position: Position | null): Resumption {
    const last = this.#store.lastSeq();
    const after = position?.after ?? 0;
    const first = this.#store.firstSeq() ?? last + 1;
    const known = position === null || position.epoch === this.#store.epoch;
    if (known && after <= last && after >= first - 1 && last - after <= this.#maxReplay) {
      return { recovered: true, after, events: this.#store.after(after) };
    }
    const live = this.#store.liveSeq();
    const from = live === null ? last : Math.max(live - 1, first - 1, last - this.#maxReplay);
    return { recovered: false, after: from, events: this.#store.after(from) };
  }
}
