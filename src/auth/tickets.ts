/**
 * Tickets: each opens one socket to one thread, once. Browsers need them, as they cannot set headers on a
 * WebSocket.
 */
import * as z from "zod";
import type { Ticket } from "../protocol/api.ts";
import { ThreadId } from "../protocol/ids.ts";
import { Principal } from "./principal.ts";
import {
  RegisteredClaims,
  signToken,
  type TokenAuthority,
  type TokenKind,
  verifyToken,
} from "./signed-tokens.ts";

const claims = z.object({
  ...RegisteredClaims.shape,
  thread_id: ThreadId,
  principal: Principal.describe("Of the credential that the ticket was made with"),
});

const TICKET: TokenKind<typeof claims> = {
  name: "ticket",
  typ: "ticket+jwt",
  audience: "apex-edge:thread-socket",
  lifetimeSeconds: 30,
  claims,
};

/** A ticket with a valid signature. That it is used only once is checked later, by the Thread object. */
interface VerifiedTicket {
  readonly id: string;
  readonly threadId: ThreadId;
  readonly principal: Principal;
}

/** @returns a ticket that opens one socket to the thread in the principal's name. */
export async function issueTicket(
  principal: Principal,
  threadId: ThreadId,
  authority: TokenAuthority,
): Promise<Ticket> {
  const ticket = await signToken(TICKET, { thread_id: threadId, principal }, authority);
  return { ticket, expires_in: TICKET.lifetimeSeconds };
}

/**
 * @returns what the ticket says.
 * @throws {ApexError} `token_expired` or `token_invalid`.
 */
export async function verifyTicket(
  ticket: string,
  authority: TokenAuthority,
): Promise<VerifiedTicket> {
  const verified = await verifyToken(TICKET, ticket, authority);
  return {
    id: verified.jti,
    threadId: verified.thread_id,
    principal: verified.principal,
  };
}
