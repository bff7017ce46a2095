/** An object's sockets: accepted once, hibernating, all told the same in the same order. */
import * as z from "zod";
import type { ServerFrame } from "../protocol/events.ts";
import { type ErrorCode, FAILURES } from "../protocol/failures.ts";
import { PING_FRAME, PONG_FRAME } from "../protocol/frames.ts";

/** RFC 6455, 7.4.1. */
const NORMAL_CLOSURE = 1000;

/** What a socket must know of itself when it wakes: kept in its attachment. */
const Session = z.object({
  /** Unix time in seconds at which the token that opened it runs out. */
  expiresAt: z.number(),
});
export type Session = z.infer<typeof Session>;

/** @typeParam Frame what may be sent. */
export class Sockets<Frame = ServerFrame> {
  readonly #ctx: DurableObjectState;

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING_FRAME, PONG_FRAME));
  }

  get count(): number {
    return this.#ctx.getWebSockets().length;
  }

  /** Takes a socket in; from here on it gets every broadcast. @returns the client's end too. */
  accept(session: Session): { readonly server: WebSocket; readonly client: WebSocket } {
    const { 0: client, 1: server } = new WebSocketPair();
    this.#ctx.acceptWebSocket(server);
    server.serializeAttachment(session);
    return { server, client };
  }

  session(socket: WebSocket): Session {
    return Session.parse(socket.deserializeAttachment());
  }

  /** Lets a socket live as long as its new token. */
  renew(socket: WebSocket, session: Session): void {
    socket.serializeAttachment(session);
  }

  send(socket: WebSocket, frame: Frame): void {
    deliver(socket, JSON.stringify(frame));
  }

  /** Sends committed frames to every socket, each serialised once. */
  broadcast(frames: readonly Frame[]): void {
    const sockets = this.#ctx.getWebSockets();
    if (sockets.length === 0) return;
    for (const frame of frames) {
      const text = JSON.stringify(frame);
      for (const socket of sockets) deliver(socket, text);
    }
  }

  /** The other half of a closing handshake that the client began. */
  release(socket: WebSocket): void {
    closeQuietly(socket, NORMAL_CLOSURE, "");
  }

  /** Ends a socket for a reason its client can act on. */
  close(socket: WebSocket, code: ErrorCode): void {
    closeQuietly(socket, FAILURES[code].closeCode, FAILURES[code].title);
  }

  closeAll(code: ErrorCode): void {
    for (const socket of this.#ctx.getWebSockets()) this.close(socket, code);
  }
}

/** A socket that can't take a frame is gone; its client resumes from what it saw. */
function deliver(socket: WebSocket, text: string): void {
  try {
    socket.send(text);
  } catch {
    closeQuietly(socket, FAILURES.internal.closeCode, "A frame could not be delivered");
  }
}

function closeQuietly(socket: WebSocket, code: number, reason: string): void {
  try {
    socket.close(code, reason);
  } catch {
    // It is closed already: that is all that was wanted.
  }
}
