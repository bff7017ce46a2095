/** Calls another Durable Object: within a deadline, and again if the object was only restarting. */
import * as z from "zod";
import { systemClock } from "../core/clock.ts";
import { withDeadline } from "../core/deadline.ts";
import { retry } from "../core/retry.ts";
import { crossing } from "./log-crossing.ts";

/** Matches failures that the platform marks as temporary, except overload: retrying would only add to that. */
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

/**
 * Asks another object, and retries while that is restarting.
 * @param stub gives a new stub for each try, because one that saw its object die stays broken.
 * @param question the call. It may be made several times, so it must be safe to repeat.
 * @param deadlineMs how long all tries together may take, in milliseconds.
 * @throws {DeadlineExceeded}, or what the object failed with.
 */
export function reach<Stub extends object, Answer>(
  stub: () => Stub,
  question: (stub: Stub) => Promise<Answer>,
  deadlineMs: number,
): Promise<Answer> {
  return withDeadline(deadlineMs, (signal) =>
    retry(() => letGoOnceFailed(question(crossing(stub()))), { ...patience, signal }),
  );
}

/**
 * Disposes of a call that failed. Until then, or until its promise is garbage-collected, it would keep the
 * called object from going to sleep. A call that was answered needs no such care.
 */
async function letGoOnceFailed<Answer>(call: Promise<Answer>): Promise<Answer> {
  try {
    return await call;
  } catch (error) {
    if (isDisposable(call)) call[Symbol.dispose]();
    throw error;
  }
}

/** RPC calls are disposable, though their types do not say so; those to `fetch` are not. */
function isDisposable(call: object): call is Disposable {
  return Symbol.dispose in call;
}
