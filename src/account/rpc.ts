/** The Account object's typed face: all that other rooms may know of it. */

import type { DeletionReceipt } from "../protocol/account.ts";
import type { FeedEvent } from "../protocol/account-feed.ts";
import type { Epoch, RunId, ThreadId } from "../protocol/ids.ts";

/** Whose notices they are: a thread, in one life of its journal. */
export interface NoticeSource {
  readonly threadId: ThreadId;
  readonly epoch: Epoch;
}

/** What a thread has to tell its user: an event of the feed that has no place in it yet. */
export type ThreadNotice = {
  [Type in FeedEvent["type"]]: Pick<Extract<FeedEvent, { type: Type }>, "type" | "data"> & {
    /** The seq of the event of the thread that it stems from. */
    readonly seq: number;
    readonly run_id: RunId | null;
    readonly agent: string | null;
    readonly timestamp: string;
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
  /**
   * Ends what credentials opened: from here on no request of theirs is admitted, and every socket
   * that stands on one of them closes with `session_ended`, in whichever thread it is.
   * @param ids of sessions and API keys, as a principal's voucher names them.
   */
  endVouchers(ids: readonly string[]): Promise<void>;
  /** @returns whether the account was deleted: whoever comes with a token that is still about is refused. */
  isClosed(): Promise<boolean>;
  /**
   * Deletes the account, for good when this returns: every thread, row and socket goes as soon as can be.
   * @returns how far that has come.
   */
  close(): Promise<DeletionReceipt>;
}
