/** The way from a request to the object that holds its thread: by the verified user. */
import type { Context } from "hono";
import { threadObjectName } from "../durable/names.ts";
import type { ThreadId, UserId } from "../protocol/ids.ts";
import type { ThreadRpc } from "../thread/rpc.ts";
import { askObject } from "./ask-object.ts";
import type { SignedInEnv } from "./router.ts";

/** A Thread object as requests reach it: its calls, and the door for sockets. */
export type ThreadDoor = ThreadRpc & Pick<Fetcher, "fetch">;

/**
 * Asks the Thread object that holds a thread of the signed-in user; see {@link reachThread}.
 * @throws {ApexError} `unavailable` where the object fails or is silent.
 */
export function askThread<Answer>(
  c: Context<SignedInEnv>,
  threadId: ThreadId,
  question: (thread: ThreadDoor) => Promise<Answer>,
): Promise<Answer> {
  return reachThread(c.env, c.var.principal.userId, threadId, question);
}

/**
 * Reaches a Thread object. Reaching makes the object where there is none, so only reach for a thread
 * the user is known to have.
 * @param question may be put again, to a new stub, where the object was just restarting.
 * @throws {ApexError} `unavailable` where the object fails or is silent.
 */
export function reachThread<Answer>(
  env: Cloudflare.Env,
  userId: UserId,
  threadId: ThreadId,
  question: (thread: ThreadDoor) => Promise<Answer>,
): Promise<Answer> {
  return askObject("thread", () => threadDoor(env, userId, threadId), question);
}

/** @returns a stub of the object that holds a thread. */
export function threadDoor(env: Cloudflare.Env, userId: UserId, threadId: ThreadId): ThreadDoor {
  return env.THREADS.getByName(threadObjectName(userId, threadId));
}
