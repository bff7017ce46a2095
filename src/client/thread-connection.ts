/** A live connection to one thread, which reconnects by itself without losing or repeating anything. */
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

/** After how much received text an `ack` is sent, in UTF-16 code units. */
const ACKNOWLEDGE_AFTER = 64 * 1024;

/**
 * Keeps a view of a thread up to date, and sends commands to it. After every cut it reconnects and resumes. Messages
 * are accepted once, and frames are delivered once.
 */
export class ThreadConnection {
  readonly #ports: ConnectionPorts;
  readonly #handlers: ThreadHandlers;
  readonly #life: Lifecycle;
  readonly #outgoing = new Outgoing();
  #feed: Feed;
  #socket: SocketLike | null = null;
  #token = "";
  /** How much was received since the last `ack`. */
  #unacknowledged = 0;

  /** Connects at once. @param threadId null to have the server create a thread. */
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

  /** The thread as it stands: its messages and runs. */
  get view(): ThreadView {
    return this.#feed.view;
  }

  /** Whether it is connected. */
  get status(): ConnectionStatus {
    return this.#life.status;
  }

  /** Why the connection ended for good; null while it is running or after `close()`. */
  get error(): ApexError | null {
    return this.#life.error;
  }

  /**
   * Sends a message. It is repeated after every reconnect until the server has accepted it, under the same
   * client_message_id, so that it is accepted exactly once.
   * @throws {ApexError} `invalid_fields`, `too_large`, `queue_full`, `thread_busy`, or whatever else the server
   * answers; `unavailable` if it does not answer, or the connection is closed first.
   */
  async send(content: string, options: SendOptions = {}): Promise<AcceptedMessage> {
    if (this.#life.phase === "closed") throw this.#life.error ?? hungUp();
    const { frame, acknowledged } = this.#outgoing.message(content, options);
    this.#transmit(frame);
    return acknowledged;
  }

  /**
   * Asks for a new answer: sends the question again, replacing the earlier one.
   * @param messageId the id of the answer or of the question.
   * @throws {ApexError} as {@link send} does; `not_found` if the view has no such message.
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
   * Cancels a run, running or queued; without an id, the running one. Repeated once after a reconnect, in case the
   * first attempt was lost with its socket.
   */
  cancel(runId: RunId | null = runningRun(this.view)): void {
    this.#transmit(this.#outgoing.cancel(runId));
  }

  /** Approves or rejects a waiting tool call. Repeated once after a reconnect, like {@link cancel}. */
  approve(callId: CallId, decision: ApprovalDecision): void {
    this.#transmit(this.#outgoing.approve(callId, decision));
  }

  /** Reconnects now instead of waiting: the network is back, or a person asks for it. */
  hurry(): void {
    this.#life.hurry();
  }

  /** Disconnects for good. Runs on the server go on; messages that were not accepted yet are rejected. */
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
    // A thread that was created along with a ticket is kept, even if its first socket fails.
    if (admission) this.#feed = { ...this.#feed, view: { ...view, threadId: admission.threadId } };
    const protocols = admission ? [SUBPROTOCOL] : [SUBPROTOCOL, `bearer.${this.#token}`];
    const socket = new this.#ports.WebSocket(
      socketAddress(this.#ports.socketUrl, this.view, admission?.ticket),
      protocols,
    );
    this.#socket = socket;
    this.#unacknowledged = 0;
    // A socket that was dropped may still deliver frames: only the current one counts.
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

  /** @returns the close code, if the frame announces that the connection ends; else null. */
  #receive(data: unknown): number | null {
    const incoming = readFrame(isServerFrame, data);
    if (incoming === null) return null;
    const { frame } = incoming;
    const isOpening = this.#life.phase === "dialing";
    this.#life.advance({ type: frame?.type === "connection_ready" ? "ready" : "frame" });
    // Before duplicates are dropped: a repeated message is acknowledged by the event of the first time.
    if (frame) this.#outgoing.settle(frame);
    this.#apply(receive(this.#feed, incoming));
    if (frame?.type === "connection_ready") this.#resume(isOpening);
    // By this side's clock the token may look fresh, but the server's clock decides: renew it regardless.
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

  /** @param isOpening false if the socket was open already, and the server repeats `connection_ready`. */
  #resume(isOpening: boolean): void {
    if (isOpening) for (const frame of this.#outgoing.repeat()) this.#transmit(frame);
    const { threadId, stale } = this.view;
    if (stale && threadId !== null) void this.#reload(threadId);
  }

  /** Loads the history. If that fails, the connection is reopened, which tries again. */
  async #reload(threadId: ThreadId): Promise<void> {
    const socket = this.#socket;
    const history = await this.#ports.history(threadId).catch(() => null);
    if (socket === null || this.#socket !== socket) return;
    if (history === null) this.#life.advance({ type: "gap" });
    else this.#apply(receiveHistory(this.#feed, history));
  }

  /** Sends the server a token that was renewed meanwhile, so that the socket is not closed for an expired one. */
  async #reauthenticate(newest = () => this.#ports.accessToken()): Promise<void> {
    const token = await newest().catch(() => this.#token);
    if (token === this.#token) return;
    this.#token = token;
    this.#transmit(frameOf({ type: "reauthenticate", token }));
  }

  /** Acknowledges what was read: the server drops clients that are sent much and do not show that they read it. */
  #acknowledge(data: unknown): void {
    this.#unacknowledged += String(data).length;
    if (this.#unacknowledged < ACKNOWLEDGE_AFTER) return;
    this.#unacknowledged = 0;
    this.#transmit(frameOf({ type: "ack", seq: this.view.lastSeq }));
  }

  /** Sends if the socket is open. What must not be lost is also kept, and repeated by {@link #resume}. */
  #transmit(frame: string): void {
    if (this.#life.phase === "open") this.#socket?.send(frame);
  }
}

function hungUp(): ApexError {
  return new ApexError("unavailable", "The connection is closed.");
}
