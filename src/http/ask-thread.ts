/**
 * Calls the Durable Object of a thread. Its name contains the id of the authenticated user, so a request cannot reach
 * a thread of anybody else.
 */
import type { Context } from "hono";
import { threadObjectName } from "../durable/names.ts";
import type { ThreadId, UserId } from "../protocol/ids.ts";
import type { ThreadRpc } from "../thread/rpc.ts";
import { askObject } from "./ask-object.ts";
import type { SignedInEnv } from "./router.ts";

/** A stub of a Thread object: its calls, and `fetch` for opening sockets. */
export type ThreadDoor = ThreadRpc & Pick<Fetcher, "fetch">;

/**
 * Calls the object of a thread of the signed-in user; see {@link reachThread}.
 * @throws {ApexError} `unavailable` if the object fails or does not answer in time.
 */
export function askThread<Answer>(
  c: Context<SignedInEnv>,
  threadId: ThreadId,
  question: (thread: ThreadDoor) => Promise<Answer>,
): Promise<Answer> {
  return reachThread(c.env, c.var.principal.userId, threadId, question);
}

/**
 * Calls the object of a thread. The platform creates it if it does not exist, so only call it for a thread that
 * the user is known to have.
 * @param question the call. It is repeated, on a new stub, if the object was just restarting.
 * @throws {ApexError} `unavailable` if the object fails or does not answer in time.
 */
export function reachThread<Answer>(
  env: Cloudflare.Env,
  userId: UserId,
  threadId: ThreadId,
  question: (thread: ThreadDoor) => Promise<Answer>,
): Promise<Answer> {
  return askObject("thread", () => threadDoor(env, userId, threadId), question);
}

/** @returns a new stub of the object of a thread. */
export function threadDoor(env: Cloudflare.Env, userId: UserId, threadId: ThreadId): ThreadDoor {
  return env.THREADS.getByName(threadObjectName(userId, threadId));
}
