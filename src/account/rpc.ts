/** The RPC interface of the Account object: all that other rooms know of it. */
import type { Outcome } from "../core/outcome.ts";
import type { Spend } from "../core/quota.ts";
import type { TraceContext } from "../core/trace.ts";
import type { Grant } from "../durable/grant.ts";
import type { AccountLimits, DeletionReceipt } from "../protocol/account.ts";
import type { FeedEvent } from "../protocol/account-feed.ts";
import type { Budget, Ledger, LedgerEntry, LedgerPage, LedgerQuery } from "../protocol/budget.ts";
import type { Epoch, RunId, ThreadId, UserId, WebhookId } from "../protocol/ids.ts";
import type { LimitState } from "../protocol/tiers.ts";
import type { WebhookDelivery, WebhookEvent } from "../protocol/webhooks.ts";
import type { NewDelivery } from "../store/webhooks.ts";

/** Where notices come from: a thread, and the epoch of its journal, in which their seqs count. */
export interface NoticeSource {
  readonly threadId: ThreadId;
  readonly epoch: Epoch;
  /** How many of its runs wait behind a live one, now. */
  readonly queued?: number;
}

/** A message that is about to be accepted. */
export interface Reservation {
  readonly threadId: ThreadId;
  /** The runs of its thread that go before its own. */
  readonly waiting: number;
  readonly sender: Grant;
  /** Whether the answer may be a {@link Reserved}: threads of an earlier version know the allowance alone. */
  readonly full?: true;
}

/** The answer to a message that is admitted. */
export interface Reserved {
  /** What the user's budget leaves for the run, in US$; null for no bound. */
  readonly allowance: number | null;
  /** Whether anybody follows the user's feed right now, and so should be told of the run's start at once. */
  readonly followed: boolean;
  /** Changes whenever the tools of the user's MCP servers may have changed. */
  readonly serversVersion: string;
}

/** What a thread tells its user's feed: an event that the feed has not numbered yet. */
export type ThreadNotice = {
  [Type in FeedEvent["type"]]: Pick<Extract<FeedEvent, { type: Type }>, "type" | "data"> & {
    /** The seq of the thread's event that it is made from. */
    readonly seq: number;
    readonly run_id: RunId | null;
    readonly agent: string | null;
    readonly timestamp: string;
    /** What the run used, if it has ended: for budgets and the ledger, not for the feed. */
    readonly ended?: Omit<LedgerEntry, "thread_id">;
    /** The trace of its run, if known: webhooks pass it on. */
    readonly trace?: TraceContext | null;
  };
}[FeedEvent["type"]];

/** The calls of an Account object. Each takes bounded time, and is safe to repeat. */
export interface AccountRpc {
  /**
   * Adds a thread's notices to the feed, in order; those it has already are skipped. The thread sends all it has
   * after the seq of the last answer, so that none is left out.
   * @param notices in the order of their seq; none at all to ask how far the feed has come.
   * @returns the seq up to which the feed has everything of this source; 0 where it has nothing.
   */
  announce(source: NoticeSource, notices: readonly ThreadNotice[]): Promise<number>;
  /** Adds usage outside of runs to the ledger. Adding the same entry again changes nothing. */
  enter(entry: LedgerEntry): Promise<void>;
  /**
   * Ends sessions and API keys: requests with them are refused from now on, and every socket that was opened with
   * them closes with `session_ended`, in whichever thread it is.
   * @param ids as in {@link Grant} `voucherId`.
   */
  endVouchers(ids: readonly string[]): Promise<void>;
  /**
   * Counts a request.
   * @returns how many are left, or why it is refused: `session_ended` or `quota_exceeded`.
   */
  admit(caller: Grant): Promise<Outcome<LimitState>>;
  /**
   * Counts a message, and reserves a place and a share of the budget for its run until that is announced. Do not
   * call it for a message that was accepted before.
   * @returns a {@link Reserved} if the reservation asks for it, else its `allowance` alone; or why the message is
   *   refused: `session_ended`, `quota_exceeded`, `budget_exceeded`, or `token_expired` if its sender has left the
   *   team that pays.
   */
  reserve(reservation: Reservation): Promise<Outcome<number | null | Reserved>>;
  /** To be called when the tools of the user's MCP servers, or the approvals for them, have changed. */
  serversChanged(): Promise<void>;
  /**
   * Asks whether a thread may open one more socket.
   * @param sockets how many it has then, including this one.
   * @returns the reason if it may not: `session_ended` or `quota_exceeded`.
   */
  openSocket(threadId: ThreadId, sockets: number, caller: Grant): Promise<Outcome<null>>;
  /** Reports how many sockets a thread has open now. */
  socketsOf(threadId: ThreadId, sockets: number): Promise<void>;
  /**
   * Delivers something to a webhook, and retries as long as it makes sense. The same id is delivered once.
   * @param trace the trace it belongs to, which the receiver may continue.
   * @returns the state of the delivery after a moment; null if the webhook was deleted.
   */
  deliver(
    delivery: NewDelivery,
    trace?: TraceContext | null,
  ): Promise<Outcome<WebhookDelivery | null>>;
  /** Repeats a delivery that has ended; null if the user's webhook has no such delivery. */
  replay(webhookId: WebhookId, deliveryId: string): Promise<Outcome<WebhookDelivery | null>>;
  /** To be called with the events that a new webhook asks for, before it is stored. */
  wantEvents(events: readonly WebhookEvent[]): Promise<void>;
  /** @returns this month's budget, and how much of it is used. */
  budget(): Promise<Budget>;
  /** Sets the monthly budget, in US$; null for none. */
  setBudget(monthlyUsd: number | null): Promise<Budget>;
  /** @returns what the user's runs used, with sums; or an error: `session_ended` or `invalid_fields`. */
  ledger(query: LedgerQuery): Promise<Outcome<Ledger>>;
  /** @returns a page of the ledger, without sums; or an error as in {@link ledger}. */
  ledgerPage(query: LedgerQuery): Promise<Outcome<LedgerPage>>;
  /** @returns every limit, and how much of it is used; or an error: `session_ended` or `token_expired`. */
  limits(caller: Pick<Grant, "tier" | "organizationId">): Promise<Outcome<AccountLimits>>;
  /**
   * Deletes the account. That is final when this returns; its threads, rows and sockets are removed soon.
   * @returns how far that has got.
   */
  close(): Promise<DeletionReceipt>;
}

/** What Account objects ask of other objects that have sockets of the same user. */
export interface SocketHolderRpc {
  /**
   * Closes all sockets that were opened with these sessions or API keys, and opens no more with them.
   * @returns how many sockets are still open.
   */
  endVouchers(ids: readonly string[]): Promise<number>;
}

/** What an Account object asks of the object of its user's team. */
export interface OrganizationRpc {
  /**
   * Reports what a member has spent on a day so far. It is the total, so repeating it changes nothing.
   * @param at a moment of the day, in milliseconds since the Unix epoch.
   * @returns what all members spent on that day.
   */
  tally(userId: UserId, at: number, spent: Spend): Promise<Spend>;
  /** Removes what a deleted account has spent from the team's totals. */
  forget(userId: UserId): Promise<void>;
  /** Removes everything: the team was deleted. */
  erase(): Promise<void>;
}
