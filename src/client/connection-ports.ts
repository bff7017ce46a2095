/** What a connection needs of the world around it, and what it tells that world. */
import type { FeedFrame } from "../protocol/account-feed.ts";
import type { Message } from "../protocol/entities.ts";
import type { ApexError } from "../protocol/errors.ts";
import type { ServerFrame } from "../protocol/events.ts";
import type { ThreadId } from "../protocol/ids.ts";
import type { ThreadView } from "../protocol/thread-view.ts";
import type { ConnectionStatus } from "./connection-machine.ts";

/** The part of the standard WebSocket that a connection needs. */
export interface SocketLike {
  /** Sends one frame of text. */
  send(data: string): void;
  /** Begins to close. */
  close(code?: number, reason?: string): void;
  /** Hears each frame. */
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  /** Hears the end, with its code. */
  addEventListener(type: "close", listener: (event: { readonly code: number }) => void): void;
  /** Hears that it failed; a close follows. */
  addEventListener(type: "error", listener: () => void): void;
}
/** What makes a socket, as `WebSocket` of browsers does. */
export type SocketConstructor = new (url: string, protocols: string[]) => SocketLike;

/** What a connection tells; every call comes after the connection's own state has changed. */
export interface ThreadHandlers {
  /** The thread as it stands now. */
  onChange?(view: ThreadView): void;
  /** Each frame once, in the log's order, when the view already holds it. */
  onFrame?(frame: ServerFrame): void;
  /**
   * How the connection is now.
   * @param error why it ended for good; null while it is running or after `close()`.
   */
  onStatus?(status: ConnectionStatus, error: ApexError | null): void;
}

/** What the feed of all threads tells. */
export interface FeedHandlers {
  /**
   * Each frame once, in the feed's order. A `feed_ready` that is not `recovered` says that some were
   * missed: load the list of threads again.
   */
  onFrame?(frame: FeedFrame): void;
  /**
   * How the feed is now.
   * @param error why it ended for good; null while it is running or after `close()`.
   */
  onStatus?(status: ConnectionStatus, error: ApexError | null): void;
}

/** What opens one socket to a thread, once. */
export interface Admission {
  readonly threadId: ThreadId;
  readonly ticket: string;
}

/** What a connection needs of the client around it. */
export interface ConnectionPorts {
  readonly WebSocket: SocketConstructor;
  /** `wss://host`, without a path. */
  readonly socketUrl: string;
  accessToken(): Promise<string>;
  /**
   * @returns a ticket to open a socket with, for a thread made for it where none is given; null
   * where sockets are opened with the access token.
   */
  admission(threadId: ThreadId | null): Promise<Admission | null>;
  /** @returns another token in place of one the server refused. */
  renew(stale: string): Promise<string>;
  /** Asks over HTTP whether the thread can be had; throws the reason where not. */
  probe(threadId: ThreadId | null): Promise<unknown>;
  /** @returns the thread's newest messages, oldest first. */
  history(threadId: ThreadId): Promise<readonly Message[]>;
  random(): number;
}

/** What the feed of all threads needs of the client around it. */
export interface FeedPorts {
  /** @returns the stream after an event id, or from where the feed stands; its token is renewed. */
  open(lastEventId: string | null, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  /** Asks over HTTP whether the user is signed in; throws the reason where not. */
  probe(): Promise<unknown>;
  random(): number;
}
