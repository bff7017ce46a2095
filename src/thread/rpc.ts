/** The Thread object's typed face: all that other rooms may know of it. */
import type { Outcome } from "../core/outcome.ts";
import type { AcceptedMessage, PostMessageBody } from "../protocol/api.ts";
import type { Message, Run } from "../protocol/entities.ts";
import type { RunId, ThreadId, UserId } from "../protocol/ids.ts";

/** What the Worker asks of a Thread object. Every call is bounded, and safe to repeat. */
export interface ThreadRpc {
  /** Stores the message and queues its run: durable, and in the history, when this returns. */
  postMessage(message: PostMessageBody): Promise<Outcome<AcceptedMessage>>;
  /** @returns the run as it stands now, or null where this thread has no such run. */
  readRun(runId: RunId): Promise<Run | null>;
  /** Ends a live run or takes it out of the queue; an ended one is returned as it is. */
  cancelRun(runId: RunId): Promise<Run | null>;
  /** @returns the messages the history in D1 may not have yet, oldest first. */
  unsavedMessages(): Promise<Message[]>;
  /** Tells every open connection of the thread's new title and metadata. */
  announceUpdate(title: string | null, metadata: Record<string, string>): Promise<void>;
  /** Ends the live run, closes every socket and erases the journal. */
  destroy(): Promise<void>;
}

/** Headers the Worker sets on an upgrade it has authenticated; a client's own never reach the object. */
export const UPGRADE_HEADERS = {
  /** Unix time in seconds at which the token that opened the socket runs out. */
  expiresAt: "x-apex-token-expires-at",
  /** The one-time ticket's id, where a ticket opened the socket. */
  ticketId: "x-apex-ticket-id",
  /** The subprotocol to answer with, where the client offered one. */
  subprotocol: "x-apex-subprotocol",
} as const;

/**
 * Names the object that holds a thread. The user id is the verified one of the request, so no name
 * that a request can make ever reaches another user's object.
 */
export function threadObjectName(userId: UserId, threadId: ThreadId): string {
  return `${userId}/${threadId}`;
}
