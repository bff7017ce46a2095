/** Accounts for a user's runs: enters them in the ledger, counts them against the budgets, and notifies webhooks. */
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { LedgerEntry } from "../protocol/budget.ts";
import type { UserId } from "../protocol/ids.ts";
import { openDatabase } from "../store/database.ts";
import { WebhookRows } from "../store/webhooks.ts";
import { Courier } from "./courier.ts";
import { Herald } from "./herald.ts";
import type { LedgerRows } from "./ledger.ts";
import { MonthlyBudget } from "./monthly-budget.ts";
import type { NoticeSource, ThreadNotice } from "./rpc.ts";

interface TillParts {
  readonly storage: DurableObjectStorage;
  readonly env: Cloudflare.Env;
  readonly userId: UserId;
  readonly ledger: LedgerRows;
  readonly clock: Clock;
  readonly log: Log;
  /** Sets the object's alarm to ring no later than a time, in milliseconds since the Unix epoch. */
  readonly wakeBy: (at: number) => void;
}

export class Till {
  readonly ledger: LedgerRows;
  readonly budget: MonthlyBudget;
  readonly courier: Courier;
  readonly herald: Herald;

  constructor(parts: TillParts) {
    const { storage, env, userId, clock } = parts;
    const rows = new WebhookRows(openDatabase(env.DB), userId);
    const send = {
      fetch: (request: Request) => fetch(request),
      now: clock.now,
      isDevelopment: env.ENVIRONMENT === "development",
    };
    this.ledger = parts.ledger;
    this.budget = new MonthlyBudget(storage, this.ledger, clock);
    this.courier = new Courier({ ...parts, rows, send });
    this.herald = new Herald({
      ...parts,
      webhooks: () => rows.list(),
      enqueue: (deliveries) => this.courier.enqueue(deliveries),
    });
  }

  /** Tells budgets and webhooks of runs that were just entered. Call it in the transaction that enters them. */
  settle({ threadId: thread_id }: NoticeSource, notices: readonly ThreadNotice[]): void {
    for (const { ended, trace } of notices) {
      if (ended === undefined) continue;
      this.herald.runFinished({ ...ended, thread_id }, trace);
      this.#alert();
    }
  }

  /** Enters usage outside of runs. Call it in a transaction. */
  enter(entry: LedgerEntry): void {
    this.ledger.enter(entry);
    this.#alert();
  }

  /** Sends what waits for webhooks. Never throws. */
  async flush(): Promise<void> {
    await this.herald.flush();
    await this.courier.flush();
  }

  #alert(): void {
    for (const alert of this.budget.reached()) this.herald.budgetAlert(alert);
  }
}
