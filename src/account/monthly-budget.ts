/** The budget that a user sets for a month: how much a run may cost, and when to warn. */
import * as z from "zod";
import { type Clock, timestamp } from "../core/clock.ts";
import { HELD_RETRY_SECONDS, withReserved } from "../core/quota.ts";
import type { Budget } from "../protocol/budget.ts";
import { ApexError } from "../protocol/errors.ts";
import type { BudgetAlert } from "../protocol/webhooks.ts";
import type { LedgerRows } from "./ledger.ts";

const KEY = "monthly_budget";

/** The shares of the budget, in percent, that trigger an alert. */
const ALERTS = [80, 100] as const;

const State = z.object({
  usd: z.number().nullable(),
  /** The month of the last alert, and its share. */
  alerted: z.object({ period: z.string(), percent: z.number() }),
});
type State = z.infer<typeof State>;

export class MonthlyBudget {
  readonly #storage: DurableObjectStorage;
  readonly #ledger: LedgerRows;
  readonly #clock: Clock;
  #state: State;

  constructor(storage: DurableObjectStorage, ledger: LedgerRows, clock: Clock) {
    this.#storage = storage;
    this.#ledger = ledger;
    this.#clock = clock;
    const none: State = { usd: null, alerted: { period: "", percent: 0 } };
    this.#state = State.parse(storage.kv.get(KEY) ?? none);
  }

  /** Sets the budget, in US$; null for none. If the amount changes, alerts are sent anew. */
  set(usd: number | null): Budget {
    const { period } = this.#month();
    this.#keep({ usd, alerted: { period, percent: 0 } });
    return this.read();
  }

  read(): Budget {
    const { period, start, end } = this.#month();
    const { usd } = this.#state;
    const spent = this.#ledger.spentSince(start).usd;
    return {
      monthly_usd: usd,
      spent_usd: spent,
      remaining_usd: usd === null ? null : Math.max(0, usd - spent),
      period,
      resets_at: timestamp(end),
    };
  }

  /**
   * @param underWay the number of runs that have not ended: each is assumed to cost as much as the month's
   *   average run.
   * @returns what one more run may cost, in US$; null for no limit.
   * @throws {ApexError} `budget_exceeded` if nothing is left.
   */
  allowance(underWay: number): number | null {
    const { usd } = this.#state;
    if (usd === null) return null;
    const { start, end } = this.#month();
    const spent = this.#ledger.spentSince(start);
    const left = usd - withReserved(spent, underWay).usd;
    if (left > 0) return left;
    const raise = "Raise it with PUT /api/account/budget.";
    if (spent.usd < usd) {
      const detail = `What is left of the month's budget of $${usd} is expected to go to the runs under way. Let one end first. ${raise}`;
      throw new ApexError("budget_exceeded", detail, { retryAfter: HELD_RETRY_SECONDS });
    }
    const detail = `The month's budget of $${usd} is used up until ${timestamp(end)}. ${raise}`;
    throw new ApexError("budget_exceeded", detail);
  }

  /** @returns the alerts that the last entries have triggered, each once a month. */
  reached(): readonly BudgetAlert[] {
    const { usd, alerted } = this.#state;
    if (usd === null) return [];
    const { period, spent_usd } = this.read();
    const told = alerted.period === period ? alerted.percent : 0;
    const reached = ALERTS.filter((each) => each > told && spent_usd * 100 >= each * usd);
    const percent = reached.at(-1);
    if (percent === undefined) return [];
    this.#keep({ usd, alerted: { period, percent } });
    return reached.map((each) => ({ period, percent: each, monthly_usd: usd, spent_usd }));
  }

  #month() {
    const now = new Date(this.#clock.now());
    const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
    return {
      period: now.toISOString().slice(0, 7),
      start: Date.UTC(year, month, 1),
      end: Date.UTC(year, month + 1, 1),
    };
  }

  #keep(state: State): void {
    this.#state = state;
    this.#storage.kv.put(KEY, state);
  }
}
