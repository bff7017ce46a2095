/** What frames have in common that go to one connection and are not part of the thread's log. */
import { type Clock, timestamp } from "../core/clock.ts";
import type { Context } from "../protocol/envelope.ts";
import type { ApexError } from "../protocol/errors.ts";
import type { ErrorEvent } from "../protocol/events.ts";
import type { RunId, ThreadId, UserId } from "../protocol/ids.ts";
import { problemOf } from "../protocol/problem-of.ts";

interface ConnectionParts {
  readonly userId: UserId;
  readonly threadId: ThreadId;
  readonly clock: Clock;
}

/**
 * @param runId the run that the frame is about, or null.
 * @returns the `context` of a frame that is sent now.
 */
export function connectionContext(parts: ConnectionParts, runId: RunId | null = null): Context {
  return {
    user_id: parts.userId,
    thread_id: parts.threadId,
    run_id: runId,
    agent: null,
    timestamp: timestamp(parts.clock.now()),
  };
}

/**
 * @param about the command that failed, as far as it could be read; {@link NO_COMMAND} if there was none.
 * @returns the `error` frame that tells a client of a problem.
 */
export function errorEvent(
  parts: ConnectionParts,
  error: ApexError,
  {
    command,
    clientMessageId,
  }: { readonly command: string | null; readonly clientMessageId: string | null },
): ErrorEvent {
  return {
    type: "error",
    seq: null,
    context: connectionContext(parts),
    data: { problem: problemOf(error), command, client_message_id: clientMessageId },
  };
}

/** For problems of the connection itself, which answer no command. */
export const NO_COMMAND = { command: null, clientMessageId: null } as const;
