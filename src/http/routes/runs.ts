/** The run routes: how a run stands, and an end to it. */
import type { Context } from "hono";
import * as z from "zod";
import { CancelReceipt } from "../../protocol/api.ts";
import { Run } from "../../protocol/entities.ts";
import { placeOfRun, RunId, type ThreadId } from "../../protocol/ids.ts";
import { askThread } from "../ask-thread.ts";
import { defineRoute, requires } from "../define-route.ts";
import { jsonAnswer } from "../json.ts";
import { assertThread } from "../known-thread.ts";
import { notFound, problems } from "../problems.ts";
import { createRouter, type SignedInEnv } from "../router.ts";

const tags = ["Runs"];
const params = z.object({ id: RunId });

const read = defineRoute({
  method: "get",
  path: "/api/runs/{id}",
  tags,
  ...requires("runs:read"),
  summary: "How a run stands",
  request: { params },
  responses: {
    200: jsonAnswer(Run, "The run, as it is now"),
    ...problems("unauthenticated", "token_invalid", "token_expired", "not_found", "unavailable"),
  },
});

const cancel = defineRoute({
  method: "post",
  path: "/api/runs/{id}/cancel",
  tags,
  ...requires("runs:write"),
  summary: "Stop a run",
  description:
    "What was written is kept, and the run ends with `agent_completed`, status cancelled. The answer waits a moment for that; a run that waits in the queue ends in its turn, and one that has ended already stays as it is.",
  request: { params },
  responses: {
    202: jsonAnswer(CancelReceipt, "The run as it stands now, and its last event's seq"),
    ...problems("unauthenticated", "token_invalid", "token_expired", "not_found", "unavailable"),
  },
});

/** @returns the routes below /api/runs. */
export function runRoutes() {
  const router = createRouter();
  router.openapi(read, async (c) => {
    const { id } = c.req.valid("param");
    const run = await askThread(c, await threadOf(c, id), (thread) => thread.readRun(id));
    if (run === null) throw notFound();
    return c.json(run, 200);
  });
  router.openapi(cancel, async (c) => {
    const { id } = c.req.valid("param");
    const receipt = await askThread(c, await threadOf(c, id), (thread) => thread.cancelRun(id));
    if (receipt === null) throw notFound();
    return c.json(receipt, 202);
  });
  return router;
}

/** @returns the thread that the run's id names, where it is the user's. */
async function threadOf(c: Context<SignedInEnv>, id: RunId): Promise<ThreadId> {
  const place = placeOfRun(id);
  if (place === null) throw notFound();
  await assertThread(c.env, c.var.principal.userId, place.threadId);
  return place.threadId;
}
