/** Writes the thread's outbox to the history in D1, and can tell within a bounded time whether all of it is there. */
import type { CircuitBreaker } from "../core/breaker.ts";
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { Outbox, RowsRefused } from "../core/outbox.ts";
import type { Telemetry } from "../core/telemetry.ts";
import { isD1Failure } from "../store/database.ts";
import type { History, HistoryRow } from "../store/history.ts";
import type { HistoryOutbox } from "./history-outbox.ts";

/** How long the end of a run waits for D1, in milliseconds; after that the history catches up later. */
const PATIENCE_MS = 1_000;

interface RelayPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Pick<Telemetry, "metrics">;
  /**
   * Reports to operators whether the threads of this isolate can write their history. Unlike other breakers it
   * never blocks a write: each outbox backs off by itself, and letting one thread through at a time would keep
   * the others from catching up.
   */
  readonly historyWatch: CircuitBreaker;
}

export class Relay {
  readonly #outbox: Outbox<HistoryRow>;
  readonly #clock: Clock;

  constructor(rows: HistoryOutbox, history: Pick<History, "save">, ports: RelayPorts) {
    const { clock, log, telemetry, historyWatch } = ports;
    const { metrics } = telemetry;
    this.#clock = clock;
    this.#outbox = new Outbox(
      rows,
      async (batch) => {
        const tell = historyWatch.enter();
        try {
          await history.save(batch.map(({ row }) => row));
          tell?.("success");
        } catch (error) {
          // A database that refuses a row is up.
          tell?.(error instanceof RowsRefused ? "success" : "failure");
          if (isD1Failure(error)) metrics.add("apex_d1_failures_total", { during: "history" });
          throw error;
        }
      },
      clock,
      log,
      metrics,
    );
  }

  /** @returns when to flush again (milliseconds since the Unix epoch), or null where nothing waits. */
  get dueAt(): number | null {
    return this.#outbox.dueAt;
  }

  /** Writes all that waits. @returns whether everything has arrived. Never throws. */
  flush(): Promise<boolean> {
    return this.#outbox.flush();
  }

  /** As {@link flush}, but false after {@link PATIENCE_MS} even if D1 has not answered yet. */
  async flushInTime(): Promise<boolean> {
    const giveUp = new AbortController();
    const timeUp = this.#clock.sleep(PATIENCE_MS, giveUp.signal).then(
      () => false,
      () => false,
    );
    try {
      return await Promise.race([this.#outbox.flush(), timeUp]);
    } finally {
      giveUp.abort();
    }
  }
}
