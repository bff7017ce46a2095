/** A thread's events in memory: what the object's SQLite keeps, for tests of what stands on it. */
import type { EventStore } from "../../../src/core/event-log.ts";
import type { LoggedEvent } from "../../../src/protocol/events.ts";
import { Epoch } from "../../../src/protocol/ids.ts";

export class MemoryEvents implements EventStore<LoggedEvent, never> {
  readonly epoch = Epoch.parse("epoch-1");
  /** The seq of the live run's first event, as the test says. */
  live: number | null = null;
  #kept: readonly LoggedEvent[] = [];
  #last = 0;

  get kept(): readonly LoggedEvent[] {
    return this.#kept;
  }

  lastSeq(): number {
    return this.#last;
  }

  firstSeq(): number | null {
    return this.#kept[0]?.seq ?? null;
  }

  insert(events: readonly LoggedEvent[]): void {
    this.#kept = [...this.#kept, ...events];
    this.#last = events.at(-1)?.seq ?? this.#last;
  }

  after(seq: number): readonly LoggedEvent[] {
    return this.#kept.filter((event) => event.seq > seq);
  }

  /** Forgets the oldest events. */
  trim(count: number): void {
    this.#kept = this.#kept.slice(count);
  }
}
