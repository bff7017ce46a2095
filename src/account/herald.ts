/** Tells a user's webhooks what happens: each event is kept in its own transaction, then handed to the courier. */
import * as z from "zod";
import { type Clock, timestamp } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { TraceContext } from "../core/trace.ts";
import type { LedgerEntry } from "../protocol/budget.ts";
import { type BudgetAlert, type Webhook, WebhookEvent } from "../protocol/webhooks.ts";
import type { TracedDelivery } from "./courier.ts";

const KEY = "webhook_events";
/** Events handed over in one go. */
const BATCH = 50;
/** More than so many do not wait: while D1 is away for long, the oldest are let go. */
const MAX_WAITING = 1_000;
/** Until what could not be handed over is tried again, in milliseconds. */
const AGAIN_MS = 5_000;

/** What waits to be handed over; the id is the same however often an event is told. */
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
  /** Puts deliveries into the outbox, each once, and has them sent. */
  readonly enqueue: (deliveries: readonly TracedDelivery[]) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  /** Has the object's alarm ring by a time, in milliseconds since the Unix epoch. */
  readonly wakeBy: (at: number) => void;
}

/** For users who never had such a webhook nothing is written: the object knows what any of theirs ever wanted. */
export class Herald {
  readonly #parts: HeraldParts;
  /** In which trace waiting events came to be: in memory alone, so after a death they go without. */
  readonly #traces = new Map<string, TraceContext>();
  #wanted: ReadonlySet<WebhookEvent>;

  constructor(parts: HeraldParts) {
    this.#parts = parts;
    this.#wanted = new Set(Wanted.parse(parts.storage.kv.get(KEY) ?? []));
  }

  /** Only ever more is wanted: webhooks may come and go at once, and none of them may be missed. */
  want(events: readonly WebhookEvent[]): void {
    this.#wanted = new Set([...this.#wanted, ...events]);
    this.#parts.storage.kv.put(KEY, [...this.#wanted]);
  }

  /** Notes a run that has ended; call it in the transaction that enters it. */
  runFinished(entry: LedgerEntry, trace?: TraceContext | null): void {
    if (trace && this.#wanted.has("run.finished") && this.#traces.size < MAX_WAITING) {
      this.#traces.set(entry.run_id, trace);
    }
    this.#note("run.finished", entry.run_id, entry);
  }

  /** Notes a share of the budget that was reached. */
  budgetAlert(alert: BudgetAlert): void {
    const { period, percent, monthly_usd } = alert;
    this.#note("budget.alert", `${period}.${percent}.${monthly_usd}`, alert);
  }

  /** Hands over what waits, and sees to it that somebody comes for the rest. Never throws. */
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

/** @returns an event as it is sent to each webhook that wants it and was there when it happened. */
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
