/** One thread, live: a socket that comes back by itself, loses nothing and says nothing twice. */
import type { AcceptedMessage } from "../protocol/api.ts";
import { Reauthenticate } from "../protocol/commands.ts";
import { ApexError } from "../protocol/errors.ts";
import { PING_FRAME, SUBPROTOCOL } from "../protocol/frames.ts";
import type { RunId, ThreadId } from "../protocol/ids.ts";
import { EMPTY_THREAD, type ThreadView } from "../protocol/thread-view.ts";
import {
  type ConnectionEffect,
  type ConnectionInput,
  type ConnectionState,
  type ConnectionStatus,
  DIALING,
  phaseTime,
  statusOf,
  step,
} from "./connection-machine.ts";
import type { ConnectionPorts, SocketLike, ThreadHandlers } from "./connection-ports.ts";
import { Outgoing, type SendOptions } from "./outgoing.ts";
import { type Feed, type Received, readFrame, receive, receiveHistory } from "./thread-feed.ts";

const NORMAL_CLOSE = 1000;
const ABNORMAL_CLOSE = 1006;

export class ThreadConnection {
  readonly #ports: ConnectionPorts;
  readonly #handlers: ThreadHandlers;
  readonly #outgoing = new Outgoing();
  #state: ConnectionState = DIALING;
  #feed: Feed;
  #socket: SocketLike | null = null;
  #token = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Dials at once. @param threadId null for a thread that the server is to make. */
  constructor(threadId: ThreadId | null, handlers: ThreadHandlers, ports: ConnectionPorts) {
    this.#ports = ports;
    this.#handlers = handlers;
    this.#feed = { view: { ...EMPTY_THREAD, threadId }, held: null };
    this.#armTimer();
    void this.#dial();
  }

  get view(): ThreadView {
    return this.#feed.view;
  }

  get status(): ConnectionStatus {
    return statusOf(this.#state);
  }

  /** Why the connection ended for good; null while it lives or after `close()`. */
  get error(): ApexError | null {
    return this.#state.phase === "closed" ? this.#state.error : null;
  }

  /**
   * Says something in the thread. Until it is acknowledged it is sent again after every reconnect,
   * under one client_message_id, so the server takes it exactly once.
   * @throws {ApexError} `invalid_fields`, `too_large`; `queue_full`, `thread_busy`, or whatever else the
   * server answers; `unavailable` where it does not, or the connection is closed first.
   */
  async send(content: string, options: SendOptions = {}): Promise<AcceptedMessage> {
    if (this.#state.phase === "closed") throw this.#state.error ?? hungUp();
    const { frame, acknowledged } = this.#outgoing.message(content, options);
    this.#transmit(frame);
    return acknowledged;
  }

  /**
   * Stops a run, or takes it out of the queue; without an id, the one that runs. Said again once
   * after a reconnect, in case the first went down with its socket.
   */
  cancel(runId: RunId | null = runningRun(this.view)): void {
    this.#transmit(this.#outgoing.cancel(runId));
  }

  /** Hangs up for good. What the server runs goes on; unacknowledged messages are rejected. */
  close(): void {
    this.#advance({ type: "close" });
  }

  #advance(input: ConnectionInput): void {
    const before = this.#state;
    const { state, effects } = step(before, input);
    this.#state = state;
    if (state !== before) this.#armTimer();
    for (const effect of effects) this.#perform(effect);
    if (state.phase === "closed") this.#outgoing.abandon(state.error ?? hungUp());
    if (statusOf(state) !== statusOf(before)) {
      this.#handlers.onStatus?.(statusOf(state), this.error);
    }
  }

  #armTimer(): void {
    clearTimeout(this.#timer);
    const time = phaseTime(this.#state, this.#ports.random);
    if (time !== null) this.#timer = setTimeout(() => this.#advance({ type: "timeout" }), time);
  }

  #perform(effect: ConnectionEffect): void {
    switch (effect) {
      case "dial":
        void this.#dial();
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
        void this.#check(() => this.#ports.probe(this.view.threadId));
        return;
      case "renew":
        void this.#check(() => this.#ports.renew(this.#token));
    }
  }

  async #dial(): Promise<void> {
    const dialing = this.#state;
    try {
      this.#token = await this.#ports.accessToken();
      if (this.#state === dialing) this.#open();
    } catch (error) {
      if (this.#state === dialing) this.#checked(ApexError.from(error));
    }
  }

  #open(): void {
    const socket = new this.#ports.WebSocket(this.#url(), [SUBPROTOCOL, `bearer.${this.#token}`]);
    this.#socket = socket;
    // A socket that was dropped may still speak: only the present one is listened to.
    const lost = (code: number) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#advance({ type: "lost", code });
    };
    socket.addEventListener("message", ({ data }) => {
      if (this.#socket === socket) this.#receive(data);
    });
    socket.addEventListener("close", ({ code }) => lost(code));
    // Some runtimes report a refused upgrade by this event alone.
    socket.addEventListener("error", () => lost(ABNORMAL_CLOSE));
  }

  #url(): string {
    const { threadId, epoch, lastSeq } = this.view;
    if (threadId === null) return `${this.#ports.socketUrl}/ws`;
    const position = new URLSearchParams({ after: String(lastSeq), ...(epoch && { epoch }) });
    const path = `/api/threads/${encodeURIComponent(threadId)}/socket`;
    return `${this.#ports.socketUrl}${path}?${position}`;
  }

  async #check(ask: () => Promise<unknown>): Promise<void> {
    const checking = this.#state;
    const error = await ask().then(() => null, ApexError.from);
    if (this.#state === checking) this.#checked(error);
  }

  #checked(error: ApexError | null): void {
    this.#advance({ type: "checked", error });
  }

  #receive(data: unknown): void {
    const incoming = readFrame(data);
    if (incoming === null) return;
    const { frame } = incoming;
    this.#advance({ type: frame?.type === "connection_ready" ? "ready" : "frame" });
    // Before repeated events are dropped: a message sent again is acknowledged by its old event.
    if (frame) this.#outgoing.settle(frame);
    this.#apply(receive(this.#feed, incoming));
    if (frame?.type === "connection_ready") this.#resume();
  }

  #apply({ feed, fresh, gap }: Received): void {
    const changed = feed.view !== this.#feed.view;
    this.#feed = feed;
    if (gap) this.#advance({ type: "gap" });
    for (const frame of fresh) this.#handlers.onFrame?.(frame);
    if (changed) this.#handlers.onChange?.(feed.view);
  }

  #resume(): void {
    for (const frame of this.#outgoing.repeat()) this.#transmit(frame);
    const { threadId, stale } = this.view;
    if (stale && threadId !== null) void this.#reload(threadId);
  }

  /** A reload that fails is tried again with the next connection, which the gap asks for. */
  async #reload(threadId: ThreadId): Promise<void> {
    const socket = this.#socket;
    const history = await this.#ports.history(threadId).catch(() => null);
    if (socket === null || this.#socket !== socket) return;
    if (history === null) this.#advance({ type: "gap" });
    else this.#apply(receiveHistory(this.#feed, history));
  }

  /** Hands on a token that was renewed since, so that the socket never outlives its own. */
  async #reauthenticate(): Promise<void> {
    const token = await this.#ports.accessToken().catch(() => this.#token);
    if (token === this.#token) return;
    this.#token = token;
    this.#transmit(JSON.stringify(Reauthenticate.parse({ type: "reauthenticate", token })));
  }

  /** Sends where a socket is ready; what must not be lost is kept and sent by {@link #resume}. */
  #transmit(frame: string): void {
    if (this.#state.phase === "open") this.#socket?.send(frame);
  }
}

/** @returns the run whose answer is being written, or null. */
function runningRun({ messages }: ThreadView): RunId | null {
  return messages.find(({ status }) => status === "streaming")?.runId ?? null;
}

function hungUp(): ApexError {
  return new ApexError("unavailable", "The connection is closed.");
}
