/** The Thread object's typed face: all that other rooms may know of it. */
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

/** An accepted message, and the position after which the events of its run follow. */
export type Accepted = AcceptedMessage & {
  readonly position: Position;
  /** Whether it was accepted before: then the run is the one that it had then. */
  readonly repeated?: boolean;
};

/** Which run is meant: by its own id, or by the one that its message was said under. */
export type RunReference = { readonly runId: RunId } | { readonly saidUnder: ClientMessageId };

/** A run as it stands, and what it takes to tell of it, or to have it asked for once more. */
export interface FoundRun {
  readonly run: Run;
  /** After it the run's events follow. */
  readonly position: Position;
  readonly question: string;
  /** What a program of another protocol brought along with it, a {@link CallerContext} as JSON; null for nothing. */
  readonly caller: string | null;
}

/** What the Worker asks of a Thread object. Every call is bounded, and safe to repeat. */
export interface ThreadRpc extends SocketHolderRpc {
  /**
   * Stores the message and queues its run: durable, and in the history if D1 allows, when this returns.
   * @param sender what is granted to who sends it: its run may do no more.
   * @param caller what a program of another protocol brought along, for this run alone.
   * @param origin the request it comes by.
   */
  postMessage(
    message: PostMessageBody,
    sender: Grant,
    caller?: CallerContext,
    origin?: RunOrigin,
  ): Promise<Outcome<Accepted>>;
  /** @returns a run with what it takes to tell of it, or null where this thread has no such run. */
  findRun(by: RunReference): Promise<FoundRun | null>;
  /** @returns the seq of a run's last event; null while it may tell more, or where there is no such run. */
  endOf(runId: RunId): Promise<number | null>;
  /**
   * @param runId null for the newest run.
   * @returns what that run asked its caller for; null where it did not, or was replaced.
   */
  openTurn(runId: RunId | null): Promise<OpenTurn | null>;
  /** @returns the run as it stands now, or null where this thread has no such run. */
  readRun(runId: RunId): Promise<Run | null>;
  /** @returns the report that a run made, or null where it made none, or is not this thread's. */
  readReport(runId: RunId): Promise<Report | null>;
  /**
   * Ends a live run, and waits a moment for its end; one that waits ends in its turn, and one that
   * has ended is returned as it is. @returns null where this thread has no such run.
   */
  cancelRun(runId: RunId): Promise<CancelReceipt | null>;
  /**
   * Decides about a tool call that waits for it; the same decision once more is taken for the first.
   * @param by what is granted to who decides.
   * @returns why it is not taken, if so: `not_found`, `forbidden`, `already_decided` or `approval_expired`.
   */
  approve(decision: GivenDecision, by: Grant): Promise<Outcome<ApprovalReceipt>>;
  /**
   * @returns what the history in D1 may not know yet, the live answer included; null where that is too
   *   much to be told at once, and the messages have to be read here.
   */
  unsaved(): Promise<Unsaved | null>;
  /** @returns the messages asked for, and one more where there are. */
  readMessages(range: MessageRange): Promise<Message[]>;
  /** @returns a page of the log after a seq, with its hashes; null for the first page. */
  readLog(after: number | null): Promise<Outcome<LogPage>>;
  /** @returns whether anything was ever said here, and the thread was not deleted since. */
  isKnown(): Promise<boolean>;
  /** Tells the object the title and labels its thread was made with. */
  label(labels: ThreadLabels): Promise<void>;
  /** @returns what a fork at a message copies: its exchange, and those before it that count. */
  planFork(messageId: MessageId): Promise<Outcome<ForkPlan>>;
  /** @returns a page of what is to be copied; an empty one where nothing is left. */
  readFork(range: ForkRange): Promise<CopiedRun[]>;
  /** Takes in a page of another thread; a thread that is not opened within a minute erases itself. */
  takeFork(page: ForkPage): Promise<void>;
  /** Opens the copy: its pages are all there, and its thread is in D1. */
  openFork(labels: ThreadLabels): Promise<void>;
  /** @returns the rows that the history refuses for good. */
  deadLetters(): Promise<DeadLetters>;
  /** Sends the dead letters on their way again. @returns how many they were. */
  replayDeadLetters(): Promise<number>;
  /** Tells the history all of the thread once more. @returns how many runs are on their way. */
  restoreHistory(): Promise<number>;
  /** Tells every open connection of the thread's new title and metadata. */
  announceUpdate(labels: ThreadLabels): Promise<void>;
  /**
   * Deletes the thread, for good when this returns: its rows, here and in D1, go as soon as can be.
   * @param only "silent": one in which anything was ever said stays.
   * @returns whether they are gone.
   */
  destroy(only?: "silent"): Promise<boolean>;
}
