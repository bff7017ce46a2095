/** The WebSockets of one Durable Object. They hibernate with it, and get every broadcast in the same order. */
import type { Clock } from "../core/clock.ts";
import { type ErrorCode, FAILURES } from "../protocol/failures.ts";
import { PING_FRAME, PONG_FRAME } from "../protocol/frames.ts";
import { MAX_UNREAD_BYTES } from "../protocol/limits.ts";
import { TITLES } from "../protocol/titles.ts";
import { logContext } from "../telemetry/log.ts";
import { Standing } from "./standing.ts";

/** The close code for "finished, nothing went wrong" (RFC 6455, 7.4.1). */
const NORMAL_CLOSURE = 1000;
/** How long before its token runs out a client is warned, in milliseconds. */
const WARNING_MS = 60_000;
/** A client that pings, then is silent for this long, is gone. Browsers run a hidden page's timers once a minute. */
const SILENCE_MS = 3 * 60_000;

/** Reasons that would end every new connection too, so a client should not reconnect. */
const ENDS_FOR_GOOD: ReadonlySet<ErrorCode> = new Set(["session_ended", "not_found"]);

const encoder = new TextEncoder();

interface Client {
  standing: Standing;
  /**
   * Bytes sent since the client last showed that it reads: the platform does not say how much it still
   * buffers. Only kept in memory: after the object has hibernated, counting starts again from zero.
   */
  unread: number;
}

interface SocketsParts<Frame> {
  readonly clock: Clock;
  /** Makes the frame that warns of a token about to run out; without it nobody is warned. */
  readonly warning?: (expiresAt: number) => Frame;
  /** Makes the last frame for a client that should not reconnect; without it none is sent. */
  readonly farewell?: (code: ErrorCode) => Frame;
  /** Overrides {@link SILENCE_MS}, in milliseconds. */
  readonly silenceMs?: number;
  /** Called after a socket has ended, whichever side ended it. */
  readonly onEnd?: () => void;
}

/** @typeParam Frame the frames that the server sends over these sockets. */
export class Sockets<Frame extends { readonly type: string }> {
  readonly #ctx: DurableObjectState;
  readonly #clock: Clock;
  readonly #parts: SocketsParts<Frame>;
  /** The open sockets, and what is known of the client behind each. */
  readonly #clients = new Map<WebSocket, Client>();

  /** Also restores the clients whose sockets survived the object's hibernation. */
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

  /** How many sockets are open, including half-open ones that {@link sweep} has not found yet. */
  get count(): number {
    return this.#clients.size;
  }

  /** Closes half-open sockets (see {@link sweep}). @returns how many are left. */
  countLiving(): number {
    this.sweep();
    return this.count;
  }

  /**
   * Opens a socket, which gets every broadcast from now on.
   * @param opened when the client's token runs out (Unix time in seconds), and what it allows.
   * @returns both ends: the server's, to send with, and the client's, to answer the upgrade with.
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

  /** @returns what is known of a socket's client, or null if the socket is closed. */
  standing(socket: WebSocket): Readonly<Standing> | null {
    return this.#clients.get(socket)?.standing ?? null;
  }

  /** Replaces the token a socket depends on: when it runs out, and what it allows. */
  renew(socket: WebSocket, renewed: Pick<Standing, "expiresAt" | "grant">): void {
    this.#note(socket, { ...renewed, warned: false });
  }

  /** Notes that a frame came in. @returns false if the socket is closed already, so the frame is to be dropped. */
  heard(socket: WebSocket): boolean {
    this.#note(socket, { heardAt: this.#clock.now() });
    return this.#clients.has(socket);
  }

  /**
   * Notes that the client has all events up to `seq`, which shows that it reads. Only a higher seq than
   * before counts: a client that repeats itself may be sending without reading.
   */
  acknowledge(socket: WebSocket, seq: number): void {
    if (seq <= (this.standing(socket)?.position ?? 0)) return;
    this.#note(socket, { position: seq });
    this.trust(socket);
  }

  /** Treats everything sent to the client so far as read. */
  trust(socket: WebSocket): void {
    const client = this.#clients.get(socket);
    if (client !== undefined) client.unread = 0;
  }

  /** Sends a frame to one socket; does nothing if that is closed. */
  send(socket: WebSocket, frame: Frame): void {
    const text = JSON.stringify(frame);
    this.#deliver(socket, this.#clients.get(socket), text, sizeOf(text));
  }

  /** Sends frames to every socket; each is serialised once. Call it only after what they tell is committed. */
  broadcast(frames: readonly Frame[]): void {
    if (this.#clients.size === 0) return;
    for (const frame of frames) {
      const text = JSON.stringify(frame);
      const size = sizeOf(text);
      for (const [socket, client] of this.#clients) this.#deliver(socket, client, text, size);
    }
  }

  /**
   * Closes half-open sockets, which nothing else would end: those whose client used to ping and has fallen
   * silent. A client that never pings may listen for ever. Needs no alarm of its own: call it whenever the
   * object is awake anyway.
   */
  sweep(): void {
    const since = this.#clock.now() - (this.#parts.silenceMs ?? SILENCE_MS);
    for (const [socket, { standing }] of this.#clients) {
      const pingedAt = this.#ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime();
      if (pingedAt === undefined || Math.max(pingedAt, standing.heardAt) > since) continue;
      this.close(socket, "idle");
    }
  }

  /** When {@link expire} has something to do next (milliseconds since the Unix epoch), or null for never. */
  get dueAt(): number | null {
    const due = [...this.#clients.values()].map(({ standing }) => this.#dueAt(standing));
    return due.length === 0 ? null : Math.min(...due);
  }

  /** Warns clients whose token is about to run out, and closes the sockets of those whose token has. */
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

  /** Closes the sockets that were opened with these sessions or API keys, which have ended. */
  endVouchers(ids: readonly string[]): void {
    for (const [socket, { standing }] of this.#clients) {
      if (ids.includes(standing.grant.voucherId)) this.close(socket, "session_ended");
    }
  }

  #dueAt({ expiresAt, warned }: Standing): number {
    const end = expiresAt * 1_000;
    return warned || this.#parts.warning === undefined ? end : end - WARNING_MS;
  }

  /** Completes the closing handshake that a client began. */
  release(socket: WebSocket): void {
    this.#end(socket, NORMAL_CLOSURE, "");
  }

  /**
   * Closes a socket, with the close code that tells its client why. A client that should not reconnect is
   * sent a last frame as well, because its `close` event can be late: the platform keeps the connection
   * until the object goes to sleep.
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
   * Never waits: a client that does not keep up, or is gone, loses its socket and can resume later. The
   * bound is checked before this frame is counted, so a client that reads gets even the largest frame.
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
