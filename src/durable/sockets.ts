/** An object's sockets: accepted once, hibernating, all told the same in the same order. */
import type { Clock } from "../core/clock.ts";
import { type ErrorCode, FAILURES } from "../protocol/failures.ts";
import { PING_FRAME, PONG_FRAME } from "../protocol/frames.ts";
import { MAX_UNREAD_BYTES } from "../protocol/limits.ts";
import { TITLES } from "../protocol/titles.ts";
import { logContext } from "../telemetry/log.ts";
import { Standing } from "./standing.ts";

/** RFC 6455, 7.4.1. */
const NORMAL_CLOSURE = 1000;
/** So long before its token runs out a socket is warned, in milliseconds. */
const WARNING_MS = 60_000;
/** Browsers let a hidden page act once a minute. */
const SILENCE_MS = 3 * 60_000;

/** What another connection would only meet again. */
const ENDS_FOR_GOOD: ReadonlySet<ErrorCode> = new Set(["session_ended", "not_found"]);

const encoder = new TextEncoder();

interface Client {
  standing: Standing;
  /**
   * Bytes sent since the last sign that the client reads: the platform tells nobody what it still
   * holds. Kept in memory alone, so after each sleep of its object a client has the whole bound again.
   */
  unread: number;
}

interface SocketsParts<Frame> {
  readonly clock: Clock;
  /** What a socket is told before its token runs out; without it none is told. */
  readonly warning?: (expiresAt: number) => Frame;
  /** The last word to a client whose socket ends for good; without it none is told. */
  readonly farewell?: (code: ErrorCode) => Frame;
  /** A client that pings and then says nothing for so long, in milliseconds, is gone. */
  readonly silenceMs?: number;
  /** Called when a socket is gone, whoever ended it. */
  readonly onEnd?: () => void;
}

/** @typeParam Frame what is sent over them. */
export class Sockets<Frame extends { readonly type: string }> {
  readonly #ctx: DurableObjectState;
  readonly #clock: Clock;
  readonly #parts: SocketsParts<Frame>;
  /** The sockets that are open, each with its client. */
  readonly #clients = new Map<WebSocket, Client>();

  /** Finds again the clients that an earlier life of the object had. */
  constructor(ctx: DurableObjectState, parts: SocketsParts<Frame>) {
    this.#ctx = ctx;
    this.#clock = parts.clock;
    this.#parts = parts;
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING_FRAME, PONG_FRAME));
    for (const socket of ctx.getWebSockets()) {
      if (socket.readyState !== WebSocket.READY_STATE_OPEN) continue;
      const standing = Standing.safeParse(socket.deserializeAttachment());
      if (standing.success) this.#clients.set(socket, { standing: standing.data, unread: 0 });
      else this.close(socket, "internal");
    }
  }

  get count(): number {
    return this.#clients.size;
  }

  /** @returns the number without the half-open ones, which it closes: see {@link sweep}. */
  countLiving(): number {
    this.sweep();
    return this.count;
  }

  /**
   * Takes a socket in; from here on it gets every broadcast.
   * @param opened when its token runs out, as Unix time in seconds, and what that grants.
   * @returns the client's end too.
   */
  accept({ expiresAt, grant }: Pick<Standing, "expiresAt" | "grant">): {
    readonly server: WebSocket;
    readonly client: WebSocket;
  } {
    const { 0: client, 1: server } = new WebSocketPair();
    this.#ctx.acceptWebSocket(server);
    const requestId = logContext().request_id;
    const heardAt = this.#clock.now();
    const standing = { expiresAt, grant, requestId, warned: false, position: 0, heardAt };
    this.#clients.set(server, { standing, unread: 0 });
    server.serializeAttachment(standing);
    return { server, client };
  }

  /** @returns what is known of a socket's client; null where the socket is closed. */
  standing(socket: WebSocket): Readonly<Standing> | null {
    return this.#clients.get(socket)?.standing ?? null;
  }

  /** Lets a socket live as long as its new token, and do what that one grants. */
  renew(socket: WebSocket, renewed: Pick<Standing, "expiresAt" | "grant">): void {
    this.#note(socket, { ...renewed, warned: false });
  }

  /** A frame came. @returns false where the socket was closed before: what it says is too late. */
  heard(socket: WebSocket): boolean {
    this.#note(socket, { heardAt: this.#clock.now() });
    return this.#clients.has(socket);
  }

  /**
   * The client has what came up to a seq. Only getting further shows that it reads: one that says the
   * same again, or asks to be told again, may be one that just sends.
   */
  acknowledge(socket: WebSocket, seq: number): void {
    if (seq <= (this.standing(socket)?.position ?? 0)) return;
    this.#note(socket, { position: seq });
    this.trust(socket);
  }

  /** Takes a client for one that has read all it was sent. */
  trust(socket: WebSocket): void {
    const client = this.#clients.get(socket);
    if (client !== undefined) client.unread = 0;
  }

  send(socket: WebSocket, frame: Frame): void {
    const text = JSON.stringify(frame);
    this.#deliver(socket, this.#clients.get(socket), text, sizeOf(text));
  }

  /** Sends committed frames to every socket, each serialised once. */
  broadcast(frames: readonly Frame[]): void {
    if (this.#clients.size === 0) return;
    for (const frame of frames) {
      const text = JSON.stringify(frame);
      const size = sizeOf(text);
      for (const [socket, client] of this.#clients) this.#deliver(socket, client, text, size);
    }
  }

  /**
   * Closes half-open sockets, which nothing else would end: those whose clients pinged, and then fell
   * silent. A client that never pinged may listen for ever. Sets no alarm: call it where the object is
   * awake anyway.
   */
  sweep(): void {
    const since = this.#clock.now() - (this.#parts.silenceMs ?? SILENCE_MS);
    for (const [socket, { standing }] of this.#clients) {
      const pingedAt = this.#ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime();
      if (pingedAt === undefined || Math.max(pingedAt, standing.heardAt) > since) continue;
      this.close(socket, "idle");
    }
  }

  /** @returns when to {@link expire} next, in milliseconds since the Unix epoch; null for never. */
  get dueAt(): number | null {
    const due = [...this.#clients.values()].map(({ standing }) => this.#dueAt(standing));
    return due.length === 0 ? null : Math.min(...due);
  }

  /** Warns the sockets whose token runs out soon, and ends those whose token has. */
  expire(): void {
    const now = this.#clock.now();
    for (const [socket, { standing }] of this.#clients) {
      if (this.#dueAt(standing) > now) continue;
      const { expiresAt } = standing;
      if (expiresAt * 1_000 <= now) {
        this.close(socket, "token_expired");
      } else if (this.#parts.warning !== undefined) {
        this.#note(socket, { warned: true });
        this.send(socket, this.#parts.warning(expiresAt));
      }
    }
  }

  /** Ends the sockets that stand on sessions or keys that have ended. */
  endVouchers(ids: readonly string[]): void {
    for (const [socket, { standing }] of this.#clients) {
      if (ids.includes(standing.grant.voucherId)) this.close(socket, "session_ended");
    }
  }

  #dueAt({ expiresAt, warned }: Standing): number {
    const end = expiresAt * 1_000;
    return warned || this.#parts.warning === undefined ? end : end - WARNING_MS;
  }

  /** The other half of a closing handshake that the client began. */
  release(socket: WebSocket): void {
    this.#end(socket, NORMAL_CLOSURE, "");
  }

  /**
   * Ends a socket for a reason its client can act on. One that need not come back is told so before: its
   * `close` event waits for the end of the connection, which the platform holds while the object is awake.
   */
  close(socket: WebSocket, code: ErrorCode): void {
    const { farewell } = this.#parts;
    if (farewell && ENDS_FOR_GOOD.has(code)) this.send(socket, farewell(code));
    this.#end(socket, FAILURES[code].closeCode, TITLES[code]);
  }

  closeAll(code: ErrorCode): void {
    for (const socket of this.#clients.keys()) this.close(socket, code);
  }

  /**
   * Never waits. A client that does not keep up, or is gone, loses its socket: it resumes from what
   * it saw. What is too much is not what one frame holds, so that any frame reaches who reads.
   */
  #deliver(socket: WebSocket, client: Client | undefined, text: string, size: number): void {
    if (client === undefined) return;
    if (client.unread > MAX_UNREAD_BYTES) {
      this.close(socket, "too_slow");
      return;
    }
    client.unread += size;
    try {
      socket.send(text);
    } catch {
      this.close(socket, "internal");
    }
  }

  #note(socket: WebSocket, news: Partial<Standing>): void {
    const client = this.#clients.get(socket);
    if (client === undefined) return;
    client.standing = { ...client.standing, ...news };
    socket.serializeAttachment(client.standing);
  }

  #end(socket: WebSocket, code: number, reason: string): void {
    const wasOpen = this.#clients.delete(socket);
    try {
      socket.close(code, reason);
    } catch {
      // It is closed already: that is all that was wanted.
    }
    if (wasOpen) this.#parts.onEnd?.();
  }
}

/** @returns the bytes a text takes on the wire. */
function sizeOf(text: string): number {
  return encoder.encode(text).length;
}
