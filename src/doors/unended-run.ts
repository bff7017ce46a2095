/** A run that is not over, for protocols whose clients join one. */
import type { Context } from "hono";
import { askThread } from "../http/ask-thread.ts";
import type { FollowedRun } from "../http/follow-run.ts";
import type { SignedInEnv } from "../http/router.ts";
import { FinalStatus } from "../protocol/entities.ts";
import type { RunId, ThreadId } from "../protocol/ids.ts";

/** @returns the run, to be followed from its beginning; null where it has ended, or there is none. */
export async function unendedRun(
  c: Context<SignedInEnv>,
  threadId: ThreadId,
  runId: RunId,
): Promise<FollowedRun | null> {
  const run = await askThread(c, threadId, (thread) => thread.readRun(runId));
  if (run === null || FinalStatus.safeParse(run.status).success) return null;
  const position = await askThread(c, threadId, (thread) => thread.positionOf(runId));
  return position && { threadId, runId, position };
}
