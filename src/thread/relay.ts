/** Brings the outbox to D1, and says within a bounded time whether all of it has arrived. */
import type { CircuitBreaker } from "../core/breaker.ts";
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { Outbox, RowsRefused } from "../core/outbox.ts";
import type { Telemetry } from "../core/telemetry.ts";
import { isD1Failure } from "../store/database.ts";
import type { History, HistoryRow } from "../store/history.ts";
import type { HistoryOutbox } from "./history-outbox.ts";

/** How long an answer waits for the history; past it the history catches up on its own. */
const PATIENCE_MS = 1_000;

interface RelayPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Pick<Telemetry, "metrics">;
  /**
   * Watches how saving goes, for all threads of the isolate; it holds nobody back. Each outbox waits longer
   * after every failure as it is, and a thread that was let through alone would be the only one to catch up.
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
          // What refuses a row is alive.
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

  /** Sends what waits. @returns whether everything has arrived. Never throws. */
  flush(): Promise<boolean> {
    return this.#outbox.flush();
  }

  /** As {@link flush}, but answers in time: "no" where D1 takes longer. */
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
