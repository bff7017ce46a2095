/** The Account object's typed face: all that other rooms may know of it. */
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

/** Whose notices they are: a thread, in one life of its journal. */
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

/** What a message is told that may come in. */
export interface Reserved {
  /** What the user's budget leaves for the run, in US$; null for no bound. */
  readonly allowance: number | null;
  /** Whether anybody follows the user's feed just now, to hear at once that the run has begun. */
  readonly followed: boolean;
  /** Another one whenever what the user's MCP servers can do may have changed. */
  readonly serversVersion: string;
}

/** What a thread has to tell its user: an event of the feed that has no place in it yet. */
export type ThreadNotice = {
  [Type in FeedEvent["type"]]: Pick<Extract<FeedEvent, { type: Type }>, "type" | "data"> & {
    /** The seq of the event of the thread that it stems from. */
    readonly seq: number;
    readonly run_id: RunId | null;
    readonly agent: string | null;
    readonly timestamp: string;
    /** What the run used, where it ended: for budgets and the ledger, not for the feed. */
    readonly ended?: Omit<LedgerEntry, "thread_id">;
    /** In which trace its run is, where that is known: for webhooks that are told of it. */
    readonly trace?: TraceContext | null;
  };
}[FeedEvent["type"]];

/** What others ask of an Account object. Every call is bounded, and safe to repeat. */
export interface AccountRpc {
  /**
   * Takes a thread's notices into the feed, in their order, each once: what was taken before is passed
   * over. A thread sends all it has after the seq of the last answer, so that none is left out.
   * @param notices in the order of their seq; none at all to ask how far the feed has come.
   * @returns the seq up to which the feed has everything of this source; 0 where it has nothing.
   */
  announce(source: NoticeSource, notices: readonly ThreadNotice[]): Promise<number>;
  /** Enters in the ledger what was used beside runs; the same entry once more changes nothing. */
  enter(entry: LedgerEntry): Promise<void>;
  /**
   * Ends what credentials opened: from here on no request of theirs is admitted, and every socket
   * that stands on one of them closes with `session_ended`, in whichever thread it is.
   * @param ids of sessions and API keys, as a principal's voucher names them.
   */
  endVouchers(ids: readonly string[]): Promise<void>;
  /**
   * Counts a request.
   * @returns how many are left, or why it is refused: `session_ended` or `quota_exceeded`.
   */
  admit(caller: Grant): Promise<Outcome<LimitState>>;
  /**
   * Counts a message, and holds a place and a share of the budget for its run until that is told of.
   * Not to be asked for a message that was accepted before.
   * @returns what the user's budget leaves for the run, in US$, null for no bound, and more where that is
   *   asked for; or why it is refused:
   *   `session_ended`, `token_expired` where its sender is no more in the team that pays,
   *   `quota_exceeded` or `budget_exceeded`.
   */
  reserve(reservation: Reservation): Promise<Outcome<number | null | Reserved>>;
  /** Says that what the user's MCP servers can do, or may be called, has changed. */
  serversChanged(): Promise<void>;
  /**
   * Asks for one more socket at a thread.
   * @param sockets how many the thread holds then, this one included.
   * @returns why it is refused, if so: `session_ended` or `quota_exceeded`.
   */
  openSocket(threadId: ThreadId, sockets: number, caller: Grant): Promise<Outcome<null>>;
  /** Says how many sockets a thread holds now. */
  socketsOf(threadId: ThreadId, sockets: number): Promise<void>;
  /**
   * Sends something to a webhook, as often as it takes; the same id is taken once.
   * @param trace in which it came to be, for the receiver to go on with.
   * @returns how it stands after a moment; null where the webhook is not there any more.
   */
  deliver(
    delivery: NewDelivery,
    trace?: TraceContext | null,
  ): Promise<Outcome<WebhookDelivery | null>>;
  /** Sends once more what is over; null where the user's webhook has no such delivery. */
  replay(webhookId: WebhookId, deliveryId: string): Promise<Outcome<WebhookDelivery | null>>;
  /** Says what a webhook of the user's wants, before it is made. */
  wantEvents(events: readonly WebhookEvent[]): Promise<void>;
  /** @returns how the budget of the month stands. */
  budget(): Promise<Budget>;
  /** Sets the budget of a month, in US$; null for none. */
  setBudget(monthlyUsd: number | null): Promise<Budget>;
  /** @returns what the user's runs used; or why that is not told: `session_ended` or `invalid_fields`. */
  ledger(query: LedgerQuery): Promise<Outcome<Ledger>>;
  /** @returns a page of it, without the sums of the whole; or as above. */
  ledgerPage(query: LedgerQuery): Promise<Outcome<LedgerPage>>;
  /** @returns how every limit stands; or why that is not told: `session_ended` or `token_expired`. */
  limits(caller: Pick<Grant, "tier" | "organizationId">): Promise<Outcome<AccountLimits>>;
  /**
   * Deletes the account, for good when this returns: every thread, row and socket goes as soon as can be.
   * @returns how far that has come.
   */
  close(): Promise<DeletionReceipt>;
}

/** What Account objects ask of the objects that hold sockets of their user's. */
export interface SocketHolderRpc {
  /**
   * Closes the sockets that stand on these, with `session_ended`, and opens no more for them.
   * @returns how many sockets it holds then.
   */
  endVouchers(ids: readonly string[]): Promise<number>;
}

/** What Account objects ask of the object of their user's team. */
export interface OrganizationRpc {
  /**
   * Takes in what a member spent on a day: all of it, so that saying it again changes nothing.
   * @param at a moment of the day, in milliseconds since the Unix epoch.
   * @returns what all members spent on that day.
   */
  tally(userId: UserId, at: number, spent: Spend): Promise<Spend>;
  /** Forgets whose spending it was that a deleted account told of; the team's budget gets it back. */
  forget(userId: UserId): Promise<void>;
  /** Forgets everything: the team is no more. */
  erase(): Promise<void>;
}
