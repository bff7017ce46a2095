/** Opens a socket at a Thread object: for a client's own upgrade, or for a stream made from one. */
import type { Principal } from "../auth/principal.ts";
import type { ResumeQuery } from "../protocol/api.ts";
import { ApexError } from "../protocol/errors.ts";
import type { ThreadId } from "../protocol/ids.ts";
import type { Position } from "../protocol/position.ts";
import { Problem } from "../protocol/problem.ts";
import { upgradeRequest } from "../thread/rpc.ts";
import { reachThread } from "./ask-thread.ts";

/** How a socket is opened, beyond who opens it. */
export interface Connection {
  readonly position: Position | null;
  readonly ticketId?: string | undefined;
  readonly subprotocol?: string | undefined;
}

/**
 * @returns the object's 101, with the socket.
 * @throws {ApexError} what the object refused the socket with, or `unavailable`.
 */
export async function connectThread(
  env: Cloudflare.Env,
  principal: Principal,
  threadId: ThreadId,
  connection: Connection,
): Promise<Response> {
  const upgrade = {
    expiresAt: principal.expiresAt,
    ticketId: connection.ticketId ?? null,
    subprotocol: connection.subprotocol ?? null,
    position: connection.position,
  };
  const answer = await reachThread(env, principal.userId, threadId, (thread) =>
    thread.fetch(upgradeRequest(upgrade)),
  );
  if (answer.status === 101) return answer;
  const problem = Problem.safeParse(await answer.json());
  if (problem.success) throw ApexError.fromProblem(problem.data);
  throw new ApexError("unavailable", "The thread could not be reached. Please try again.");
}

/** @returns the position a query names, or null where it names none. */
export function positionOf({ after, epoch }: ResumeQuery): Position | null {
  return epoch === undefined ? null : { epoch, after: after ?? 0 };
}
