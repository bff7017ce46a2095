/** A run that is not over, for protocols whose clients join one. */
import type { Context } from "hono";
import { isFinal } from "../core/run-machine.ts";
import { askThread } from "../http/ask-thread.ts";
import type { FollowedRun } from "../http/follow-run.ts";
import type { SignedInEnv } from "../http/router.ts";
import type { RunId, ThreadId } from "../protocol/ids.ts";

/** @returns the run, to be followed from its beginning; null where it has ended, or there is none. */
export async function unendedRun(
  c: Context<SignedInEnv>,
  threadId: ThreadId,
  runId: RunId,
): Promise<FollowedRun | null> {
  const found = await askThread(c, threadId, (thread) => thread.findRun({ runId }));
  if (found === null || isFinal(found.run.status)) return null;
  return { threadId, runId, position: found.position };
}
