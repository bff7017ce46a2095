/** A response that is asked for later: told as it was told first, and mended where it was mended. */
import type { Context } from "hono";
import { systemClock } from "../../core/clock.ts";
import { askThread } from "../../http/ask-thread.ts";
import type { RunFrame } from "../../http/follow-run.ts";
import { assertThread } from "../../http/known-thread.ts";
import { notFound } from "../../http/problems.ts";
import type { SignedInEnv } from "../../http/router.ts";
import { CallerContext } from "../../protocol/caller.ts";
import type { Run, RunStatus } from "../../protocol/entities.ts";
import { ApexError } from "../../protocol/errors.ts";
import { placeOfRun, type RunId, type ThreadId } from "../../protocol/ids.ts";
import { permits } from "../../protocol/scopes.ts";
import type { FoundRun } from "../../thread/rpc.ts";
import { askAgain, mendingKey } from "../begin-run.ts";
import { modelOfAgent } from "./agent-models.ts";
import { checkedRun, type Mend } from "./checked-run.ts";
import { type ResponseAbout, runOfResponse } from "./response-object.ts";
import {
  demandInResponse,
  type KeptRequest,
  PLAIN_REQUEST,
  readKept,
} from "./response-requests.ts";

/** Whoever makes a response has it mended within so long of its run's end, in milliseconds, or is gone. */
const MENDED_WITHIN_MS = 3_000;
const POLL_MS = 250;

/** A response as it stands. */
interface FoundResponse {
  readonly threadId: ThreadId;
  /** The run that stands for it: the one that mends the first, where there is one. */
  readonly standing: Run;
  readonly about: ResponseAbout;
  readonly status: RunStatus;
  /** @returns what its runs tell, to the end. */
  follow(): ReadableStream<RunFrame>;
}

/** @throws {ApexError} `not_found` where the user has no such response; `unavailable`. */
export async function findResponse(c: Context<SignedInEnv>, id: string): Promise<FoundResponse> {
  const runId = runOfResponse(id);
  const place = runId && placeOfRun(runId);
  if (runId === null || place === null) throw notFound();
  const { threadId } = place;
  await assertThread(c.env, c.var.principal.userId, threadId);
  const found = await askThread(c, threadId, (thread) => thread.findRun({ runId }));
  if (found === null) throw notFound();
  const { run, position } = found;
  const caller = callerOf(found);
  const about = aboutRun(run, caller?.request === undefined ? undefined : readKept(caller.request));
  const demand = demandInResponse(about.request);
  const mending = demand === null ? null : await mendingOf(c, threadId, runId);
  const standing = mending?.run ?? run;
  return {
    ...{ threadId, standing, about },
    status: standing.status,
    follow: () => checkedRun(c, { threadId, runId, position }, demand, mendedAfter(c, found)),
  };
}

/** @param request what it tells of the request, where that asked for something of its own. */
export function aboutRun(
  { id, agent, created_at }: Run,
  request: KeptRequest = PLAIN_REQUEST,
): ResponseAbout {
  const createdAt = Math.floor(Date.parse(created_at) / 1_000);
  return { runId: id, model: modelOfAgent(agent), createdAt, request };
}

function mendingOf(
  c: Context<SignedInEnv>,
  threadId: ThreadId,
  runId: RunId,
): Promise<FoundRun | null> {
  const saidUnder = mendingKey(runId);
  return askThread(c, threadId, (thread) => thread.findRun({ saidUnder }));
}

/**
 * @returns the way to mend a response that somebody else made: they do, and where they are gone, as a worker may
 *   be in the middle of it, whoever asks for the response does in their place, if they may begin runs.
 */
function mendedAfter(c: Context<SignedInEnv>, found: FoundRun): Mend {
  const { thread_id: threadId, id: run_id, message_id, agent } = found.run;
  return async ({ context: { timestamp }, data }, fault) => {
    const until = Date.parse(timestamp) + MENDED_WITHIN_MS;
    for (;;) {
      const mending = await mendingOf(c, threadId, run_id);
      if (mending !== null) return { threadId, runId: mending.run.id, position: mending.position };
      if (systemClock.now() > until) break;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    const context = callerOf(found);
    if (context === null || !permits(c.var.principal.scopes, "runs:write")) return null;
    const said = { message: { content: found.question, agent }, context };
    const begun = { said, thread_id: threadId, run_id, message_id };
    return await askAgain(c, begun, data.final_response, fault).catch(unmended);
  };
}

/** @returns null also where an object of an earlier version answered, which tells of none. */
function callerOf({ caller }: FoundRun): CallerContext | null {
  return caller ? CallerContext.parse(JSON.parse(caller)) : null;
}

/** A question that was replaced meanwhile, or that there is no budget for, is not asked again. */
function unmended(error: unknown): null {
  if (ApexError.from(error).status >= 500) throw error;
  return null;
}
