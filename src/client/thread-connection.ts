/** One thread, live: a socket that comes back by itself, loses nothing and says nothing twice. */
import type { AcceptedMessage } from "../protocol/api.ts";
import type { ApprovalDecision } from "../protocol/approvals.ts";
import { ApexError } from "../protocol/errors.ts";
import { PING_FRAME, SUBPROTOCOL } from "../protocol/frames.ts";
import type { CallId, MessageId, RunId, ThreadId } from "../protocol/ids.ts";
import { EMPTY_THREAD, type ThreadView } from "../protocol/thread-view.ts";
import type { ConnectionEffect, ConnectionStatus } from "./connection-machine.ts";
import type { Admission, ConnectionPorts, SocketLike, ThreadHandlers } from "./connection-ports.ts";
import { farewellOf } from "./farewell.ts";
import { readFrame } from "./incoming.ts";
import { Lifecycle } from "./lifecycle.ts";
import { frameOf, Outgoing, type SendOptions } from "./outgoing.ts";
import { socketAddress } from "./socket-address.ts";
import { type Feed, type Received, receive, receiveHistory, runningRun } from "./thread-feed.ts";
import { isServerFrame } from "./thread-frames.ts";

const NORMAL_CLOSE = 1000;
const ABNORMAL_CLOSE = 1006;

/** What may arrive before the server is told that it was read, in UTF-16 code units. */
const ACKNOWLEDGE_AFTER = 64 * 1024;

/** One thread, live: it comes back after every cut, and says and hears nothing twice. */
export class ThreadConnection {
  readonly #ports: ConnectionPorts;
  readonly #handlers: ThreadHandlers;
  readonly #life: Lifecycle;
  readonly #outgoing = new Outgoing();
  #feed: Feed;
  #socket: SocketLike | null = null;
  #token = "";
  /** What arrived since the server was last told that it was read. */
  #unacknowledged = 0;

  /** Dials at once. @param threadId null for a thread that the server is to make. */
  constructor(threadId: ThreadId | null, handlers: ThreadHandlers, ports: ConnectionPorts) {
    this.#ports = ports;
    this.#handlers = handlers;
    this.#feed = { view: { ...EMPTY_THREAD, threadId }, held: null };
    this.#life = new Lifecycle({
      perform: (effect) => this.#perform(effect),
      onStatus: (status, error) => {
        if (status === "closed") this.#outgoing.abandon(error ?? hungUp());
        handlers.onStatus?.(status, error);
      },
      random: ports.random,
    });
    this.#dial();
  }

  get view(): ThreadView {
    return this.#feed.view;
  }

  get status(): ConnectionStatus {
    return this.#life.status;
  }

  /** Why the connection ended for good; null while it lives or after `close()`. */
  get error(): ApexError | null {
    return this.#life.error;
  }

  /**
   * Says something in the thread. Until it is acknowledged it is sent again after every reconnect,
   * under one client_message_id, so the server takes it exactly once.
   * @throws {ApexError} `invalid_fields`, `too_large`; `queue_full`, `thread_busy`, or whatever else the
   * server answers; `unavailable` where it does not, or the connection is closed first.
   */
  async send(content: string, options: SendOptions = {}): Promise<AcceptedMessage> {
    if (this.#life.phase === "closed") throw this.#life.error ?? hungUp();
    const { frame, acknowledged } = this.#outgoing.message(content, options);
    this.#transmit(frame);
    return acknowledged;
  }

  /**
   * Has an answer made anew: its question is said again, in its own place.
   * @param messageId the answer's, or the question's.
   * @throws {ApexError} as {@link send} does; `not_found` where the view holds no such message.
   */
  async regenerate(
    messageId: MessageId,
    options: Omit<SendOptions, "replaces"> = {},
  ): Promise<AcceptedMessage> {
    const { messages } = this.view;
    const runId = messages.find(({ id }) => id === messageId)?.runId;
    const question = messages.find((message) => message.runId === runId && message.role === "user");
    if (!question) throw new ApexError("not_found", "The message to be said again is not here.");
    return this.send(question.text, { ...options, replaces: question.id });
  }

  /**
   * Stops a run, or takes it out of the queue; without an id, the one that runs. Said again once
   * after a reconnect, in case the first went down with its socket.
   */
  cancel(runId: RunId | null = runningRun(this.view)): void {
    this.#transmit(this.#outgoing.cancel(runId));
  }

  /** Lets a tool call that waits for it go on, or not. Said again once after a reconnect, as a cancel. */
  approve(callId: CallId, decision: ApprovalDecision): void {
    this.#transmit(this.#outgoing.approve(callId, decision));
  }

  /** Dials at once where it would wait first: the network is back, or a person asks for it. */
  hurry(): void {
    this.#life.hurry();
  }

  /** Hangs up for good. What the server runs goes on; unacknowledged messages are rejected. */
  close(): void {
    this.#life.advance({ type: "close" });
  }

  #perform(effect: ConnectionEffect): void {
    switch (effect) {
      case "dial":
        this.#dial();
        return;
      case "hang_up":
        this.#socket?.close(NORMAL_CLOSE);
        this.#socket = null;
        return;
      case "ping":
        this.#socket?.send(PING_FRAME);
        void this.#reauthenticate();
        return;
      case "probe":
        void this.#life.attempt(() => this.#ports.probe(this.view.threadId));
        return;
      case "renew":
        void this.#life.attempt(() => this.#ports.renew(this.#token));
    }
  }

  #dial(): void {
    void this.#life.attempt(
      async () => {
        this.#token = await this.#ports.accessToken();
        return this.#ports.admission(this.view.threadId);
      },
      (admission) => this.#open(admission),
    );
  }

  #open(admission: Admission | null): void {
    const { view } = this.#feed;
    // A thread that was made for a ticket is this connection's, whatever becomes of its first socket.
    if (admission) this.#feed = { ...this.#feed, view: { ...view, threadId: admission.threadId } };
    const protocols = admission ? [SUBPROTOCOL] : [SUBPROTOCOL, `bearer.${this.#token}`];
    const socket = new this.#ports.WebSocket(
      socketAddress(this.#ports.socketUrl, this.view, admission?.ticket),
      protocols,
    );
    this.#socket = socket;
    this.#unacknowledged = 0;
    // A socket that was dropped may still speak: only the present one is listened to.
    const lost = (code: number) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#life.advance({ type: "lost", code });
    };
    socket.addEventListener("message", ({ data }) => {
      const code = this.#socket === socket ? this.#receive(data) : null;
      if (code === null) return;
      socket.close(NORMAL_CLOSE);
      lost(code);
    });
    socket.addEventListener("close", ({ code }) => lost(code));
    // Some runtimes report a refused upgrade by this event alone.
    socket.addEventListener("error", () => lost(ABNORMAL_CLOSE));
  }

  /** @returns the code of a close that is under way, where the frame says so. */
  #receive(data: unknown): number | null {
    const incoming = readFrame(isServerFrame, data);
    if (incoming === null) return null;
    const { frame } = incoming;
    const isOpening = this.#life.phase === "dialing";
    this.#life.advance({ type: frame?.type === "connection_ready" ? "ready" : "frame" });
    // Before repeated events are dropped: a message sent again is acknowledged by its old event.
    if (frame) this.#outgoing.settle(frame);
    this.#apply(receive(this.#feed, incoming));
    if (frame?.type === "connection_ready") this.#resume(isOpening);
    // It may be as fresh as this side's clock can tell: the server's counts.
    if (frame?.type === "token_expiring") {
      void this.#reauthenticate(() => this.#ports.renew(this.#token));
    }
    this.#acknowledge(data);
    return farewellOf(frame);
  }

  #apply({ feed, fresh, gap }: Received): void {
    const changed = feed.view !== this.#feed.view;
    this.#feed = feed;
    if (gap) this.#life.advance({ type: "gap" });
    for (const frame of fresh) this.#handlers.onFrame?.(frame);
    if (changed) this.#handlers.onChange?.(feed.view);
  }

  /** @param isOpening false where the server only tells anew how far its log reaches. */
  #resume(isOpening: boolean): void {
    if (isOpening) for (const frame of this.#outgoing.repeat()) this.#transmit(frame);
    const { threadId, stale } = this.view;
    if (stale && threadId !== null) void this.#reload(threadId);
  }

  /** A reload that fails is tried again with the next connection, which the gap asks for. */
  async #reload(threadId: ThreadId): Promise<void> {
    const socket = this.#socket;
    const history = await this.#ports.history(threadId).catch(() => null);
    if (socket === null || this.#socket !== socket) return;
    if (history === null) this.#life.advance({ type: "gap" });
    else this.#apply(receiveHistory(this.#feed, history));
  }

  /** Hands on a token that was renewed since, so that the socket never outlives its own. */
  async #reauthenticate(newest = () => this.#ports.accessToken()): Promise<void> {
    const token = await newest().catch(() => this.#token);
    if (token === this.#token) return;
    this.#token = token;
    this.#transmit(frameOf({ type: "reauthenticate", token }));
  }

  /** A server lets go of a client that is sent much and gives no sign of reading it. */
  #acknowledge(data: unknown): void {
    this.#unacknowledged += String(data).length;
    if (this.#unacknowledged < ACKNOWLEDGE_AFTER) return;
    this.#unacknowledged = 0;
    this.#transmit(frameOf({ type: "ack", seq: this.view.lastSeq }));
  }

  /** Sends where a socket is ready; what must not be lost is kept and sent by {@link #resume}. */
  #transmit(frame: string): void {
    if (this.#life.phase === "open") this.#socket?.send(frame);
  }
}

function hungUp(): ApexError {
  return new ApexError("unavailable", "The connection is closed.");
}
