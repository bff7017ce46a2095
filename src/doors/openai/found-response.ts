/** A response that is asked for later: told as it was told first, and mended where it was mended. */
import type { Context } from "hono";
import { systemClock } from "../../core/clock.ts";
import { askThread } from "../../http/ask-thread.ts";
import type { RunFrame } from "../../http/follow-run.ts";
import { assertThread } from "../../http/known-thread.ts";
import { notFound } from "../../http/problems.ts";
import type { SignedInEnv } from "../../http/router.ts";
import type { Run, RunStatus } from "../../protocol/entities.ts";
import { placeOfRun, type RunId, type ThreadId } from "../../protocol/ids.ts";
import type { FoundRun } from "../../thread/rpc.ts";
import { mendingKey } from "../begin-run.ts";
import { modelOfAgent } from "./agent-models.ts";
import { checkedRun, type Mend } from "./checked-run.ts";
import { type ResponseAbout, runOfResponse } from "./response-object.ts";
import {
  demandInResponse,
  type KeptRequest,
  PLAIN_REQUEST,
  readKept,
} from "./response-requests.ts";

/** Whoever makes a response has it mended within so long of its run's end, in milliseconds, or has left. */
const MENDED_WITHIN_MS = 3_000;
const POLL_MS = 250;

/** A response as it stands. */
export interface FoundResponse {
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
  const { run, position, request } = found;
  const about = aboutRun(run, request === null ? undefined : readKept(request));
  const demand = demandInResponse(about.request);
  const mending = demand === null ? null : await mendingOf(c, threadId, runId);
  const standing = mending?.run ?? run;
  return {
    ...{ threadId, standing, about },
    status: standing.status,
    follow: () => checkedRun(c, { threadId, runId, position }, demand, awaited(c, threadId, runId)),
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

/** To ask for a response begins no run: it is mended by whoever made it, or not at all. */
function awaited(c: Context<SignedInEnv>, threadId: ThreadId, runId: RunId): Mend {
  return async ({ context }) => {
    const until = Date.parse(context.timestamp) + MENDED_WITHIN_MS;
    for (;;) {
      const found = await mendingOf(c, threadId, runId);
      if (found !== null) return { threadId, runId: found.run.id, position: found.position };
      if (systemClock.now() > until) return null;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  };
}
