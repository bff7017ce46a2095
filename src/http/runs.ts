/** The run routes: how a run stands, and an end to it. */
import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import * as z from "zod";
import { isFinal } from "../core/run-machine.ts";
import { CancelReceipt } from "../protocol/api.ts";
import { Run } from "../protocol/entities.ts";
import { RunId } from "../protocol/ids.ts";
import { openDatabase } from "../store/database.ts";
import { Runs } from "../store/runs.ts";
import { askThread } from "./ask-thread.ts";
import { signedIn } from "./authenticate.ts";
import { jsonAnswer } from "./json.ts";
import { notFound, problems } from "./problems.ts";
import { createRouter, type SignedInEnv } from "./router.ts";

const tags = ["Runs"];
const params = z.object({ id: RunId });

const read = createRoute({
  method: "get",
  path: "/api/runs/{id}",
  tags,
  summary: "How a run stands",
  ...signedIn,
  request: { params },
  responses: {
    200: jsonAnswer(Run, "The run, as it is now"),
    ...problems("unauthenticated", "token_invalid", "token_expired", "not_found", "unavailable"),
  },
});

const cancel = createRoute({
  method: "post",
  path: "/api/runs/{id}/cancel",
  tags,
  summary: "Stop a run",
  description:
    "What was written is kept, and the run ends with `agent_completed`, status cancelled. The answer waits a moment for that; a run that waits in the queue ends in its turn, and one that has ended already stays as it is.",
  ...signedIn,
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
    const saved = await savedRun(c, c.req.valid("param").id);
    if (isFinal(saved.status)) return c.json(saved, 200);
    const live = await askThread(c, saved.thread_id, (thread) => thread.readRun(saved.id));
    return c.json(live ?? saved, 200);
  });
  router.openapi(cancel, async (c) => {
    const saved = await savedRun(c, c.req.valid("param").id);
    const receipt = await askThread(c, saved.thread_id, (thread) => thread.cancelRun(saved.id));
    return c.json(receipt ?? { ...saved, last_seq: null }, 202);
  });
  return router;
}

async function savedRun(c: Context<SignedInEnv>, id: RunId): Promise<Run> {
  const run = await new Runs(openDatabase(c.env.DB), c.var.principal.userId).get(id);
  if (run === null) throw notFound();
  return run;
}
