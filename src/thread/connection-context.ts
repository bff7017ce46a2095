/** Frames that belong to one connection, not to the thread's log: their context, and how a problem is told. */
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

/** @returns whose the frame is, which run it tells of where it tells of one, and when. */
export function connectionContext(parts: ConnectionParts, runId: RunId | null = null): Context {
  return {
    user_id: parts.userId,
    thread_id: parts.threadId,
    run_id: runId,
    agent: null,
    timestamp: timestamp(parts.clock.now()),
  };
}

/** @returns a problem as it is told to one client: about what it said, or about the connection itself. */
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

/** What is said of a connection itself answers no command. */
export const NO_COMMAND = { command: null, clientMessageId: null } as const;
