/**
 * Delivers rows to a remote store, at least once, however long that store is unreachable. Rows that it refuses for
 * what they contain are set aside, so that they hold up no others.
 */
import type { Clock } from "./clock.ts";
import type { Log, LogFields } from "./log.ts";
import { type Metrics, NO_METRICS } from "./metrics.ts";
import { backoff } from "./retry.ts";

export interface OutboxEntry<Row> {
  /** Identifies the row while it waits. */
  readonly id: string;
  readonly row: Row;
}

/** The rows that wait, oldest first. Synchronous, because rows are added inside transactions. */
export interface OutboxStore<Row> {
  /** @returns up to `limit` rows with their ids, oldest first. */
  peek(limit: number): readonly OutboxEntry<Row>[];
  remove(ids: readonly string[]): void;
  /**
   * Sets a row aside, with the reason and the time it was refused (milliseconds since the Unix
   * epoch): nothing waits behind it any more.
   * @returns what may be logged of it: ids alone.
   */
  bury(id: string, reason: string, at: number): LogFields;
}

/**
 * Takes a batch, all of it or nothing; taking the same rows twice, or late, changes nothing.
 * @throws {RowsRefused} where trying again will not help; anything else is an outage.
 */
export type OutboxSink<Row> = (batch: readonly OutboxEntry<Row>[]) => Promise<void>;

/** Thrown by a sink that is up but refuses the rows themselves. The message says why, and quotes no content. */
export class RowsRefused extends Error {
  override readonly name = "RowsRefused";
}

/** How many rows are delivered together. */
const BATCH = 50;

/** After this many refusals of a batch its rows are tried one by one. */
const BATCH_TRIES = 3;
/** After this many refusals rows are set aside even if the sink accepts no other row either. */
const LAST_TRY = 2 * BATCH_TRIES;

/** The pauses between tries, in milliseconds. */
const PAUSES = { initialMs: 500, maxMs: 60_000 };

export class Outbox<Row> {
  readonly #store: OutboxStore<Row>;
  readonly #sink: OutboxSink<Row>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #metrics: Metrics;
  /** Since when rows have been waiting, as far as this process knows (Unix time, ms); null if none wait. */
  #waitingSince: number | null = null;
  /** How many tries in a row have failed, and how many of them were refusals. */
  #failures = 0;
  #refusals = 0;
  #retryAt: number | null = null;
  #flushing: Promise<boolean> | null = null;

  constructor(
    store: OutboxStore<Row>,
    sink: OutboxSink<Row>,
    clock: Clock,
    log: Log,
    metrics: Metrics = NO_METRICS,
  ) {
    this.#store = store;
    this.#sink = sink;
    this.#clock = clock;
    this.#log = log;
    this.#metrics = metrics;
  }

  /** When to flush next (milliseconds since the Unix epoch), or null if nothing waits. */
  get dueAt(): number | null {
    if (this.#store.peek(1).length === 0) return null;
    return this.#retryAt ?? this.#clock.now();
  }

  /**
   * Delivers all that waits, unless it is still backing off after a failure. Only one flush runs at a time: a
   * second call waits for the first, then looks for rows that were added meanwhile.
   * @returns whether all rows have arrived. Never throws.
   */
  async flush(): Promise<boolean> {
    if (this.#flushing !== null) await this.#flushing;
    this.#flushing ??= this.#drain().finally(() => {
      this.#flushing = null;
    });
    return await this.#flushing;
  }

  async #drain(): Promise<boolean> {
    let complete = true;
    try {
      for (;;) {
        const batch = this.#store.peek(BATCH);
        if (batch.length === 0) {
          this.#arrived();
          return complete;
        }
        this.#waitingSince ??= this.#clock.now();
        if (this.#retryAt !== null && this.#clock.now() < this.#retryAt) return false;
        this.#metrics.observe("apex_outbox_depth_rows", {}, batch.length);
        complete = (await this.#deliver(batch)) && complete;
        this.#failures = 0;
        this.#refusals = 0;
        this.#retryAt = null;
      }
    } catch (error) {
      this.#postpone(error);
      return false;
    }
  }

  #arrived(): void {
    if (this.#waitingSince === null) return;
    const seconds = (this.#clock.now() - this.#waitingSince) / 1_000;
    this.#waitingSince = null;
    this.#metrics.observe("apex_outbox_lag_seconds", {}, seconds);
  }

  /**
   * Delivers a batch, or sets its refused rows aside.
   * @returns whether all rows were accepted.
   * @throws if the batch has to be tried again: after an outage, or a refusal that may be temporary.
   */
  async #deliver(batch: readonly OutboxEntry<Row>[]): Promise<boolean> {
    try {
      await this.#sink(batch);
      this.#store.remove(batch.map(({ id }) => id));
      this.#metrics.add("apex_outbox_rows_total", { outcome: "saved" }, batch.length);
      return true;
    } catch (error) {
      if (!(error instanceof RowsRefused)) throw error;
      this.#refusals += 1;
      if (this.#refusals < BATCH_TRIES) throw error;
      return await this.#separate(batch, error);
    }
  }

  /** Tries each row alone, so that those that are refused hold up no other. */
  async #separate(batch: readonly OutboxEntry<Row>[], refusal: RowsRefused): Promise<false> {
    const refused: { readonly id: string; readonly error: RowsRefused }[] = [];
    for (const entry of batch) {
      try {
        await this.#sink([entry]);
        this.#store.remove([entry.id]);
        this.#metrics.add("apex_outbox_rows_total", { outcome: "saved" });
      } catch (error) {
        if (!(error instanceof RowsRefused)) throw error;
        refused.push({ id: entry.id, error });
      }
    }
    const othersTaken = refused.length < batch.length;
    const certain = othersTaken || batch.length === 1 || this.#refusals >= LAST_TRY;
    if (!certain) throw refusal;
    for (const { id, error } of refused) {
      const reason = error.message;
      const ids = this.#store.bury(id, reason, this.#clock.now());
      this.#log.error("outbox.row_refused", error, { ...ids, reason });
      this.#metrics.add("apex_outbox_rows_total", { outcome: "refused" });
    }
    return false;
  }

  #postpone(error: unknown): void {
    this.#failures += 1;
    const pause = backoff(this.#failures, PAUSES);
    this.#retryAt = this.#clock.now() + pause;
    this.#metrics.add("apex_outbox_postponed_total", {});
    this.#log.error("outbox.postponed", error, { pause_ms: Math.round(pause) });
  }
}
