/** Delivers to webhooks, at least once each. A receiver that does not answer is tried again, up to a limit. */
import { type Clock, timestamp } from "../core/clock.ts";
import { withDeadline } from "../core/deadline.ts";
import type { Log } from "../core/log.ts";
import { backoff } from "../core/retry.ts";
import type { TraceContext } from "../core/trace.ts";
import type { WebhookId } from "../protocol/ids.ts";
import type { WebhookDelivery } from "../protocol/webhooks.ts";
import type { DueDelivery, NewDelivery, WebhookRows } from "../store/webhooks.ts";
import { type SendPorts, send } from "../webhooks/send.ts";

/** The pauses between attempts, in milliseconds. */
const PAUSES = { initialMs: 5_000, maxMs: 60 * 60_000 };
/** The attempts after which a delivery is given up as dead, about three hours after the first. */
const MAX_ATTEMPTS = 12;
/** How many deliveries are sent at once. */
const BATCH = 10;
/** How many batches one flush sends. The alarm continues with the rest. */
const ROUNDS = 5;
/** How long a caller waits for the first attempt, in milliseconds. */
const PATIENCE_MS = 5_000;
/** While deliveries are under way, the alarm is this far ahead, in milliseconds. */
const HEARTBEAT_MS = 30_000;
/** How long finished deliveries stay listed, in milliseconds. */
const KEPT_MS = 30 * 24 * 60 * 60_000;
/** How many traces are kept in memory. Beyond that, the oldest delivery is sent without its trace. */
const MAX_TRACES = 1_000;

/** A delivery, and the trace in which it was created. */
export type TracedDelivery = NewDelivery & { readonly trace?: TraceContext | null | undefined };

interface CourierParts {
  readonly rows: Pick<WebhookRows, "add" | "due" | "nextAt" | "record" | "delivery" | "replay">;
  readonly send: SendPorts;
  readonly clock: Clock;
  readonly log: Log;
  /** Sets the object's alarm to ring no later than a time, in milliseconds since the Unix epoch. */
  readonly wakeBy: (at: number) => void;
}

/**
 * The outbox is in D1, where its owner can read it. The alarm of the owner's object drives it, and is set before
 * a row is written, so that no row is forgotten after a crash.
 */
export class Courier {
  readonly #parts: CourierParts;
  /**
   * The traces of waiting deliveries. They are in memory only, so after a restart deliveries are sent without
   * them.
   */
  readonly #traces = new Map<string, TraceContext>();
  #flushing: Promise<void> | null = null;

  constructor(parts: CourierParts) {
    this.#parts = parts;
  }

  /**
   * Accepts a delivery. It is stored when this returns; the same id is accepted once.
   * @returns its state after a short wait, or null if its webhook was deleted meanwhile.
   * @throws {ApexError} `unavailable`.
   */
  async take(delivery: TracedDelivery): Promise<WebhookDelivery | null> {
    await this.#add(delivery);
    return await this.#outcome(delivery.id);
  }

  /**
   * Stores deliveries, and sends them later.
   * @throws {ApexError} `unavailable`.
   */
  async enqueue(deliveries: readonly TracedDelivery[]): Promise<void> {
    for (const delivery of deliveries) await this.#add(delivery);
    if (deliveries.length > 0) await this.flush();
  }

  /**
   * Sends a delivered or dead delivery again, under the same id.
   * @returns its state after a short wait, or null if the webhook has no such delivery.
   * @throws {ApexError} `unavailable`.
   */
  async replay(webhookId: WebhookId, id: string): Promise<WebhookDelivery | null> {
    const { clock, rows, wakeBy } = this.#parts;
    const now = clock.now();
    wakeBy(now + HEARTBEAT_MS);
    return (await rows.replay(webhookId, id, now)) ? await this.#outcome(id) : null;
  }

  #remember(id: string, trace: TraceContext): void {
    this.#traces.set(id, trace);
    const [oldest] = this.#traces.keys();
    if (this.#traces.size > MAX_TRACES && oldest !== undefined) this.#traces.delete(oldest);
  }

  async #add({ trace, ...delivery }: TracedDelivery): Promise<void> {
    if (trace) this.#remember(delivery.id, trace);
    const { clock, rows, wakeBy } = this.#parts;
    const now = clock.now();
    wakeBy(now + HEARTBEAT_MS);
    await rows.add(delivery, now, timestamp(now - KEPT_MS));
  }

  async #outcome(id: string): Promise<WebhookDelivery | null> {
    await withDeadline(PATIENCE_MS, () => this.flush()).catch(() => undefined);
    return await this.#parts.rows.delivery(id);
  }

  /** Sends what is due, and sets the alarm for the rest. Never throws. */
  async flush(): Promise<void> {
    await this.#flushing;
    this.#flushing ??= this.#drain().finally(() => {
      this.#flushing = null;
    });
    await this.#flushing;
  }

  async #drain(): Promise<void> {
    const { clock, log, rows, wakeBy } = this.#parts;
    try {
      for (let round = 0; round < ROUNDS; round += 1) {
        const due = await rows.due(clock.now(), BATCH);
        if (due.length === 0) break;
        wakeBy(clock.now() + HEARTBEAT_MS);
        await Promise.all(due.map((delivery) => this.#try(delivery)));
      }
      const next = await rows.nextAt();
      if (next !== null) wakeBy(Math.max(next, clock.now()));
    } catch (error) {
      log.error("courier.postponed", error);
      wakeBy(clock.now() + HEARTBEAT_MS);
    }
  }

  async #try({ attempts: before, ...delivery }: DueDelivery): Promise<void> {
    const { clock, log, rows, send: ports } = this.#parts;
    const trace = this.#traces.get(delivery.id) ?? null;
    const sent = await send({ ...delivery, trace }, ports);
    const attempts = before + 1;
    const now = clock.now();
    const dead = !sent.delivered && (sent.final || attempts >= MAX_ATTEMPTS);
    await rows.record(delivery.id, {
      status: sent.delivered ? "delivered" : dead ? "dead" : "pending",
      attempts,
      next_at: sent.delivered || dead ? null : Math.round(now + backoff(attempts, PAUSES)),
      last_status: sent.status,
      last_error: sent.delivered ? null : sent.reason,
      updated_at: timestamp(now),
    });
    if (sent.delivered || dead) this.#traces.delete(delivery.id);
    if (dead) log.info("courier.dead_letter", { delivery_id: delivery.id, attempts });
  }
}
