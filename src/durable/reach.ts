/** The way to another object: with a deadline, once more where it was only restarting, and let go where it failed. */
import * as z from "zod";
import { systemClock } from "../core/clock.ts";
import { withDeadline } from "../core/deadline.ts";
import { retry } from "../core/retry.ts";
import { crossing } from "./log-crossing.ts";

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

/**
 * @param stub gives a new stub for each try, because one that saw its object die stays broken.
 * @param question may be put again, so it must be safe to repeat.
 * @param deadlineMs how long all of it may take, in milliseconds.
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
 * A call that failed holds on to the object it was made to, which can't sleep meanwhile, until its
 * promise is disposed of or collected. One that was answered lets go by itself.
 */
async function letGoOnceFailed<Answer>(call: Promise<Answer>): Promise<Answer> {
  try {
    return await call;
  } catch (error) {
    if (isDisposable(call)) call[Symbol.dispose]();
    throw error;
  }
}

/** Calls to an object are disposable, though the types of what they answer don't say so; requests are not. */
function isDisposable(call: object): call is Disposable {
  return Symbol.dispose in call;
}
