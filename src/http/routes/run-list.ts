/** One's runs as a list, and an end to one of them or to all of a thread. */
import type { Context } from "hono";
import { historyDatabase } from "../../durable/history-database.ts";
import { placeOfRun, type RunId, type ThreadId } from "../../protocol/ids.ts";
import { RunPage, RunsQuery, StoppedRuns, StopRunsBody } from "../../protocol/runs.ts";
import { Runs } from "../../store/runs.ts";
import { askThread } from "../ask-thread.ts";
import { defineRoute, requires } from "../define-route.ts";
import { jsonAnswer, jsonBody } from "../json.ts";
import { assertThread } from "../known-thread.ts";
import { notFound, problems } from "../problems.ts";
import { createRouter, type SignedInEnv } from "../router.ts";

const REFUSED = problems("unauthenticated", "token_invalid", "token_expired", "forbidden");

const list = defineRoute({
  method: "get",
  path: "/api/runs",
  tags: ["Runs"],
  ...requires("runs:read"),
  summary: "One's runs, the newest first",
  description: "As the history has them, which may be moments behind; a run's own address is not.",
  request: { query: RunsQuery },
  responses: {
    200: jsonAnswer(RunPage, "A page of runs"),
    ...REFUSED,
    ...problems("invalid_fields", "unavailable"),
  },
});

const stop = defineRoute({
  method: "post",
  path: "/api/agents/stop",
  tags: ["Agents"],
  ...requires("runs:write"),
  summary: "Stop a run, or all runs of a thread",
  description: "Those that wait their turn go too. A run that has ended already stays as it is.",
  request: { body: jsonBody(StopRunsBody) },
  responses: {
    202: jsonAnswer(StoppedRuns, "The runs as they stand now, each with its last event's seq"),
    ...REFUSED,
    ...problems("malformed_body", "unsupported_media_type", "invalid_fields"),
    ...problems("not_found", "unavailable"),
  },
});

/** @returns the routes that list runs and end them. */
export function runListRoutes() {
  const router = createRouter();
  router.openapi(list, async (c) => c.json(await runsOf(c).list(c.req.valid("query")), 200));
  router.openapi(stop, async (c) => {
    const { run_id, thread_id } = c.req.valid("json");
    const threadId = thread_id ?? (run_id && placeOfRun(run_id)?.threadId);
    if (threadId === undefined) throw notFound();
    await assertThread(c.env, c.var.principal.userId, threadId);
    const ids = run_id === undefined ? await runsOf(c).live(threadId) : [run_id];
    const data = await cancelAll(c, threadId, ids);
    if (run_id !== undefined && data.length === 0) throw notFound();
    return c.json({ data }, 202);
  });
  return router;
}

/** One after the other, those that wait first: no run begins that is to be stopped. */
async function cancelAll(c: Context<SignedInEnv>, threadId: ThreadId, ids: readonly RunId[]) {
  const receipts: StoppedRuns["data"] = [];
  for (const id of ids) {
    const receipt = await askThread(c, threadId, (thread) => thread.cancelRun(id));
    if (receipt !== null) receipts.push(receipt);
  }
  return receipts;
}

function runsOf(c: Context<SignedInEnv>): Runs {
  const { userId } = c.var.principal;
  return new Runs(historyDatabase(c.env, userId), userId);
}
