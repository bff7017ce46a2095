/** The RPC interface of the Thread object: all that other rooms know of it. */
import type { SocketHolderRpc } from "../account/rpc.ts";
import type { Outcome } from "../core/outcome.ts";
import type { Grant } from "../durable/grant.ts";
import type {
  AcceptedMessage,
  CancelReceipt,
  DeadLetters,
  PostMessageBody,
} from "../protocol/api.ts";
import type { ApprovalReceipt } from "../protocol/approvals.ts";
import type { CallerContext } from "../protocol/caller.ts";
import type { Message, Run } from "../protocol/entities.ts";
import type { ClientMessageId, MessageId, RunId } from "../protocol/ids.ts";
import type { Position } from "../protocol/position.ts";
import type { Report } from "../protocol/report.ts";
import type { GivenDecision } from "./approvals.ts";
import type { MessageRange } from "./conversation.ts";
import type { ForkPage, ForkPlan, ForkRange } from "./fork.ts";
import type { Unsaved } from "./history-outbox.ts";
import type { ThreadLabels } from "./labels.ts";
import type { LogPage } from "./log-export.ts";
import type { OpenTurn } from "./open-turn.ts";
import type { RunOrigin } from "./run-origin.ts";
import type { CopiedRun } from "./run-row.ts";

/** An accepted message, and the log position after which the events of its run follow. */
export type Accepted = AcceptedMessage & {
  readonly position: Position;
  /** Whether the message had been accepted before: then this is the run from that time. */
  readonly repeated?: boolean;
};

/** Which run is meant: by its id, or by the client_message_id of its message. */
export type RunReference = { readonly runId: RunId } | { readonly saidUnder: ClientMessageId };

/** A run as it stands, and what other protocols need to describe it, or to ask for it again. */
export interface FoundRun {
  readonly run: Run;
  /** The log position after which the run's events follow. */
  readonly position: Position;
  readonly question: string;
  /** What a client of another protocol sent along, a {@link CallerContext} as JSON; null for nothing. */
  readonly caller: string | null;
}

/** The calls of a Thread object. Each takes bounded time, and is safe to repeat. */
export interface ThreadRpc extends SocketHolderRpc {
  /**
   * Stores a message and queues its run, durably when this returns.
   * @param sender what the sender may do: the run may do no more.
   * @param caller what a client of another protocol sent along, for this run only.
   * @param origin the request that the message came by.
   */
  postMessage(
    message: PostMessageBody,
    sender: Grant,
    caller?: CallerContext,
    origin?: RunOrigin,
  ): Promise<Outcome<Accepted>>;
  /** @returns a run, with its question and position; null if this thread has no such run. */
  findRun(by: RunReference): Promise<FoundRun | null>;
  /** @returns the seq of a run's last event; null if it has not ended, or if there is no such run. */
  endOf(runId: RunId): Promise<number | null>;
  /**
   * @param runId null for the newest run.
   * @returns the calls that this run left to its client, if it ended with such; null otherwise.
   */
  openTurn(runId: RunId | null): Promise<OpenTurn | null>;
  /** @returns the run as it stands now, or null where this thread has no such run. */
  readRun(runId: RunId): Promise<Run | null>;
  /** @returns a run's report; null if it made none, or is not a run of this thread. */
  readReport(runId: RunId): Promise<Report | null>;
  /**
   * Cancels a run, and waits a moment for it to end. A queued run ends when its turn comes; for one that has ended
   * nothing changes. @returns null if this thread has no such run.
   */
  cancelRun(runId: RunId): Promise<CancelReceipt | null>;
  /**
   * Approves or rejects a waiting tool call. Repeating the same decision is no error.
   * @param by what the deciding user may do.
   * @returns the receipt, or an error: `not_found`, `forbidden`, `already_decided` or `approval_expired`.
   */
  approve(decision: GivenDecision, by: Grant): Promise<Outcome<ApprovalReceipt>>;
  /**
   * @returns what the history in D1 may still lack, including a live answer. Null if that is too much for one
   *   answer: then use {@link readMessages}.
   */
  unsaved(): Promise<Unsaved | null>;
  /** @returns the messages of a range, and one more if there is one, to show that there are more. */
  readMessages(range: MessageRange): Promise<Message[]>;
  /** @returns a page of the log after a seq, with its hashes; null for the first page. */
  readLog(after: number | null): Promise<Outcome<LogPage>>;
  /** @returns whether the thread ever had a message, and was not deleted. */
  isKnown(): Promise<boolean>;
  /** Stores the title and metadata that the thread was created with. */
  label(labels: ThreadLabels): Promise<void>;
  /** @returns what a fork at a message has to copy: its exchange, and those before it that were not replaced. */
  planFork(messageId: MessageId): Promise<Outcome<ForkPlan>>;
  /** @returns a page of what is to be copied; an empty one at the end. */
  readFork(range: ForkRange): Promise<CopiedRun[]>;
  /** Stores a page copied from another thread. A fork that is not opened within a minute erases itself. */
  takeFork(page: ForkPage): Promise<void>;
  /** Completes a fork, after all pages were stored and its thread was created in D1. */
  openFork(labels: ThreadLabels): Promise<void>;
  /** @returns the rows that D1 has refused for good. */
  deadLetters(): Promise<DeadLetters>;
  /** Tries the dead letters again. @returns how many there were. */
  replayDeadLetters(): Promise<number>;
  /** Writes the whole thread to the history again. @returns how many runs that are. */
  restoreHistory(): Promise<number>;
  /** Tells every open connection of the thread's new title and metadata. */
  announceUpdate(labels: ThreadLabels): Promise<void>;
  /**
   * Deletes the thread. That is final when this returns; its rows, here and in D1, are removed soon.
   * @param only "silent" deletes it only if it never had a message.
   * @returns whether the rows are removed already.
   */
  destroy(only?: "silent"): Promise<boolean>;
}
