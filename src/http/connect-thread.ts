/** Opens a socket at a Thread object: for a client's own upgrade, or for a stream made from one. */
import type { Principal } from "../auth/principal.ts";
import { grantOf } from "../durable/grant.ts";
import type { ThreadId } from "../protocol/ids.ts";
import type { Position } from "../protocol/position.ts";
import { connectObject } from "./ask-object.ts";
import { threadDoor } from "./ask-thread.ts";

/** How a socket is opened, beyond who opens it. */
export interface Connection {
  readonly position: Position | null;
  /** What the client has of the answer under way. */
  readonly written?: string | undefined;
  readonly ticketId?: string | undefined;
  readonly subprotocol?: string | undefined;
}

/**
 * @returns the object's 101, with the socket.
 * @throws {ApexError} what the object refused the socket with, or `unavailable`.
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
