/** The way from a request to the object that holds its thread: by the verified user, with a deadline. */
import { ExponentialBackoff, handleWhen, retry, TimeoutStrategy, timeout, wrap } from "cockatiel";
import type { Context } from "hono";
import { z } from "zod";
import { ApexError } from "../protocol/errors.ts";
import type { ThreadId } from "../protocol/ids.ts";
import { type ThreadRpc, threadObjectName } from "../thread/rpc.ts";
import type { SignedInEnv } from "./router.ts";

/** How long a Thread object may take to answer, its repeated attempts included. */
const DEADLINE_MS = 10_000;

/** A failure the platform calls passing; an object that is overloaded must be left in peace. */
const Restarting = z.object({
  retryable: z.literal(true),
  overloaded: z.literal(false).optional(),
});

const patience = wrap(
  timeout(DEADLINE_MS, TimeoutStrategy.Aggressive),
  retry(
    handleWhen((error) => Restarting.safeParse(error).success),
    {
      maxAttempts: 2,
      backoff: new ExponentialBackoff({ initialDelay: 50 }),
    },
  ),
);

/**
 * Asks the Thread object. Asking makes the object where there is none, so only ask for a thread the
 * user is known to have.
 * @param question may be put again, to a new stub, where the object was just restarting.
 * @throws {ApexError} `unavailable` where the object fails or is silent.
 */
export async function askThread<Answer>(
  c: Context<SignedInEnv>,
  threadId: ThreadId,
  question: (thread: ThreadRpc) => Promise<Answer>,
): Promise<Answer> {
  const name = threadObjectName(c.var.principal.userId, threadId);
  try {
    return await patience.execute(() => question(c.env.THREADS.getByName(name)));
  } catch (cause) {
    throw new ApexError("unavailable", "The thread did not answer. Please try again.", {
      retryAfter: 2,
      cause,
    });
  }
}
