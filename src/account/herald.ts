/**
 * Tells a user's webhooks of events: stores each in the transaction that it belongs to, then hands it to the
 * courier.
 */
import * as z from "zod";
import { type Clock, timestamp } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { TraceContext } from "../core/trace.ts";
import type { LedgerEntry } from "../protocol/budget.ts";
import { type BudgetAlert, type Webhook, WebhookEvent } from "../protocol/webhooks.ts";
import type { TracedDelivery } from "./courier.ts";

const KEY = "webhook_events";
/** How many events are handed over at once. */
const BATCH = 50;
/** The most events that wait. If D1 is away for long, the oldest are dropped. */
const MAX_WAITING = 1_000;
/** How long to wait after a failed hand-over, in milliseconds. */
const AGAIN_MS = 5_000;

/** The events that wait to be handed over. Telling an event twice gives the same id. */
export const OUTGOING_TABLE = `CREATE TABLE outgoing (
  id TEXT PRIMARY KEY, at INTEGER NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL
);`;

const json = z.string().transform((text): unknown => JSON.parse(text));
const Row = z.object({ id: z.string(), at: z.number(), type: WebhookEvent, data: json });
const Wanted = z.array(WebhookEvent);

interface HeraldParts {
  readonly storage: DurableObjectStorage;
  /** @returns the user's webhooks. */
  readonly webhooks: () => Promise<readonly Webhook[]>;
  /** Puts deliveries into the outbox, each once, and starts to send them. */
  readonly enqueue: (deliveries: readonly TracedDelivery[]) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  /** Sets the object's alarm to ring no later than a time, in milliseconds since the Unix epoch. */
  readonly wakeBy: (at: number) => void;
}

/**
 * Writes nothing for users who never had a webhook for an event: the object remembers every type that was ever
 * wanted.
 */
export class Herald {
  readonly #parts: HeraldParts;
  /** The traces of waiting events. They are in memory only, so after a restart events are sent without them. */
  readonly #traces = new Map<string, TraceContext>();
  #wanted: ReadonlySet<WebhookEvent>;

  constructor(parts: HeraldParts) {
    this.#parts = parts;
    this.#wanted = new Set(Wanted.parse(parts.storage.kv.get(KEY) ?? []));
  }

  /**
   * Adds event types that a webhook wants. None is ever removed, because webhooks may be changed at the same
   * time, and no event may be missed.
   */
  want(events: readonly WebhookEvent[]): void {
    this.#wanted = new Set([...this.#wanted, ...events]);
    this.#parts.storage.kv.put(KEY, [...this.#wanted]);
  }

  /** Stores a run that has ended. Call it in the transaction that enters the run in the ledger. */
  runFinished(entry: LedgerEntry, trace?: TraceContext | null): void {
    if (trace && this.#wanted.has("run.finished") && this.#traces.size < MAX_WAITING) {
      this.#traces.set(entry.run_id, trace);
    }
    this.#note("run.finished", entry.run_id, entry);
  }

  /** Stores that a share of the budget was reached. */
  budgetAlert(alert: BudgetAlert): void {
    const { period, percent, monthly_usd } = alert;
    this.#note("budget.alert", `${period}.${percent}.${monthly_usd}`, alert);
  }

  /** Hands over what waits, and sets the alarm for the rest. Never throws. */
  async flush(): Promise<void> {
    const { clock, enqueue, log, storage, wakeBy, webhooks } = this.#parts;
    try {
      for (;;) {
        const rows = storage.sql.exec("SELECT * FROM outgoing ORDER BY at LIMIT ?", BATCH);
        const waiting = rows.toArray().map((row) => Row.parse(row));
        if (waiting.length === 0) return;
        wakeBy(clock.now() + AGAIN_MS);
        const known = await webhooks();
        await enqueue(
          waiting.flatMap((row) => {
            const trace = this.#traces.get(row.id);
            return deliveriesOf(row, known).map((delivery) => ({ ...delivery, trace }));
          }),
        );
        for (const { id } of waiting) {
          storage.sql.exec("DELETE FROM outgoing WHERE id = ?", id);
          this.#traces.delete(id);
        }
      }
    } catch (error) {
      log.error("herald.postponed", error);
    }
  }

  #note(type: WebhookEvent, id: string, data: object): void {
    const { clock, storage, wakeBy } = this.#parts;
    if (!this.#wanted.has(type)) return;
    const now = clock.now();
    storage.sql.exec(
      "INSERT INTO outgoing VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
      id,
      now,
      type,
      JSON.stringify(data),
    );
    storage.sql.exec(
      "DELETE FROM outgoing WHERE id IN (SELECT id FROM outgoing ORDER BY at DESC LIMIT -1 OFFSET ?)",
      MAX_WAITING,
    );
    wakeBy(now + AGAIN_MS);
  }
}

/** @returns an event as one delivery for each webhook that wants it and existed when it happened. */
function deliveriesOf(
  { id, at, type, data }: z.infer<typeof Row>,
  webhooks: readonly Webhook[],
): TracedDelivery[] {
  const created_at = timestamp(at);
  const payload = JSON.stringify({ type, timestamp: created_at, data });
  return webhooks
    .filter((webhook) => webhook.events.includes(type) && Date.parse(webhook.created_at) <= at)
    .map((webhook) => ({
      id: `msg_${webhook.id}.${id}`,
      webhook_id: webhook.id,
      type,
      created_at,
      payload,
    }));
}
