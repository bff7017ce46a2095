/** Opens a socket at a Thread object: for a client's WebSocket, or to feed a stream of server-sent events. */
import type { Principal } from "../auth/principal.ts";
import { grantOf } from "../durable/grant.ts";
import type { ThreadId } from "../protocol/ids.ts";
import type { Position } from "../protocol/position.ts";
import { connectObject } from "./ask-object.ts";
import { threadDoor } from "./ask-thread.ts";

/** How a socket is opened, apart from who opens it. */
export interface Connection {
  /** The last event the client has seen; null for none. */
  readonly position: Position | null;
  /** How much the client has of an answer that is still being written. */
  readonly written?: string | undefined;
  readonly ticketId?: string | undefined;
  readonly subprotocol?: string | undefined;
}

/**
 * @returns the object's 101 answer, with the socket.
 * @throws {ApexError} the error that the object refused with, or `unavailable`.
 */
export function connectThread(
  env: Cloudflare.Env,
  principal: Principal,
  threadId: ThreadId,
  { position, written, ticketId, subprotocol }: Connection,
): Promise<Response> {
  const upgrade = {
    expiresAt: principal.expiresAt,
    grant: grantOf(principal),
    ticketId: ticketId ?? null,
    subprotocol: subprotocol ?? null,
    position,
    written,
  };
  return connectObject("thread", () => threadDoor(env, principal.userId, threadId), upgrade);
}
