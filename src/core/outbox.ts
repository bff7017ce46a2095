/** Brings rows to a distant store at least once, in order, however long that store is away. */
import type { Clock } from "./clock.ts";
import type { Log } from "./log.ts";
import { backoff } from "./retry.ts";

/** The rows that wait, oldest first. Synchronous, because rows are added inside transactions. */
export interface OutboxStore<Row> {
  /** @returns up to `limit` rows with their ids, oldest first. */
  peek(limit: number): readonly { readonly id: number; readonly row: Row }[];
  /** Removes the rows up to an id. */
  removeThrough(id: number): void;
}

/** Takes a batch, all of it or nothing; taking the same rows twice changes nothing. */
export type OutboxSink<Row> = (
  batch: readonly { readonly id: number; readonly row: Row }[],
) => Promise<void>;

const BATCH = 50;

/** The pauses between tries, in milliseconds. */
const PAUSES = { initialMs: 500, maxMs: 60_000 };

export class Outbox<Row> {
  readonly #store: OutboxStore<Row>;
  readonly #sink: OutboxSink<Row>;
  readonly #clock: Clock;
  readonly #log: Log;
  #failures = 0;
  #retryAt: number | null = null;
  #flushing: Promise<boolean> | null = null;

  constructor(store: OutboxStore<Row>, sink: OutboxSink<Row>, clock: Clock, log: Log) {
    this.#store = store;
    this.#sink = sink;
    this.#clock = clock;
    this.#log = log;
  }

  /** @returns when to try again (milliseconds since the Unix epoch), or null where nothing waits. */
  get dueAt(): number | null {
    if (this.#store.peek(1).length === 0) return null;
    return this.#retryAt ?? this.#clock.now();
  }

  /**
   * Sends what waits, unless an outage tells to wait longer. One flush runs at a time: a call in
   * between joins it and then looks again, so rows added meanwhile are not forgotten.
   * @returns whether the outbox is empty now. Never throws.
   */
  async flush(): Promise<boolean> {
    if (this.#flushing !== null) await this.#flushing;
    this.#flushing ??= this.#drain().finally(() => {
      this.#flushing = null;
    });
    return await this.#flushing;
  }

  async #drain(): Promise<boolean> {
    try {
      for (;;) {
        const batch = this.#store.peek(BATCH);
        const last = batch.at(-1);
        if (last === undefined) return true;
        if (this.#retryAt !== null && this.#clock.now() < this.#retryAt) return false;
        await this.#sink(batch);
        this.#store.removeThrough(last.id);
        this.#failures = 0;
        this.#retryAt = null;
      }
    } catch (error) {
      this.#postpone(error);
      return false;
    }
  }

  #postpone(error: unknown): void {
    this.#failures += 1;
    const pause = backoff(this.#failures, PAUSES);
    this.#retryAt = this.#clock.now() + pause;
    this.#log.error("outbox.postponed", error, { pause_ms: Math.round(pause) });
  }
}
