/** The way from a request to the object that holds its thread: by the verified user, with a deadline. */
import type { Context } from "hono";
import * as z from "zod";
import { systemClock } from "../core/clock.ts";
import { withDeadline } from "../core/deadline.ts";
import { retry } from "../core/retry.ts";
import { ApexError } from "../protocol/errors.ts";
import type { ThreadId, UserId } from "../protocol/ids.ts";
import { type ThreadRpc, threadObjectName } from "../thread/rpc.ts";
import type { SignedInEnv } from "./router.ts";

/** How long a Thread object may take to answer, its repeated attempts included. */
const DEADLINE_MS = 10_000;

/** A failure the platform calls passing; an object that is overloaded must be left in peace. */
const Restarting = z.object({
  retryable: z.literal(true),
  overloaded: z.literal(false).optional(),
});

const patience = {
  tries: 3,
  initialMs: 50,
  maxMs: 500,
  isRetryable: (error: unknown) => Restarting.safeParse(error).success,
  clock: systemClock,
};

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
export async function reachThread<Answer>(
  env: Cloudflare.Env,
  userId: UserId,
  threadId: ThreadId,
  question: (thread: ThreadDoor) => Promise<Answer>,
): Promise<Answer> {
  const name = threadObjectName(userId, threadId);
  try {
    return await withDeadline(DEADLINE_MS, (signal) =>
      retry(() => question(env.THREADS.getByName(name)), { ...patience, signal }),
    );
  } catch (cause) {
    throw new ApexError("unavailable", "The thread did not answer. Please try again.", {
      retryAfter: 2,
      cause,
    });
  }
}
