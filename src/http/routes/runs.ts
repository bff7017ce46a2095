/** The routes of runs: their state, cancelling them, and their reports. */

import * as z from "zod";
import { succeeded } from "../../core/outcome.ts";
import { reportMarkdown } from "../../core/report/markdown.ts";
import { grantOf } from "../../durable/grant.ts";
import { CancelReceipt, ReportQuery } from "../../protocol/api.ts";
import { ApprovalReceipt, DecideApprovalBody } from "../../protocol/approvals.ts";
import { Run } from "../../protocol/entities.ts";
import { CallId, RunId } from "../../protocol/ids.ts";
import { Report } from "../../protocol/report.ts";
import { askThread } from "../ask-thread.ts";
import { defineRoute, requires } from "../define-route.ts";
import { jsonAnswer, jsonBody } from "../json.ts";
import { reportOf, threadOf } from "../known-run.ts";
import { notFound, problems } from "../problems.ts";
import { createRouter } from "../router.ts";

const tags = ["Runs"];
/** Typed as a string on purpose, like `NDJSON`: the answer is no JSON. */
const MARKDOWN: string = "text/markdown";
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

const decide = defineRoute({
  method: "post",
  path: "/api/runs/{id}/approvals/{call_id}",
  tags,
  ...requires("runs:write"),
  summary: "Decide about a tool call that waits for it",
  description:
    "A run whose tool call needs a person's approval tells of it with `approval_requested`, and waits. The first decision stands, and is answered again to who says the same once more. To approve a call takes the permission of its tool as well.",
  request: {
    params: params.extend({ call_id: CallId }),
    body: jsonBody(DecideApprovalBody),
  },
  responses: {
    200: jsonAnswer(ApprovalReceipt, "The decision, as it stands"),
    ...problems("unauthenticated", "token_invalid", "token_expired", "malformed_body", "forbidden"),
    ...problems("not_found", "already_decided", "approval_expired", "unsupported_media_type"),
    ...problems("invalid_fields", "unavailable"),
  },
});

const report = defineRoute({
  method: "get",
  path: "/api/runs/{id}/report",
  tags,
  ...requires("runs:read"),
  summary: "The report that a run made",
  description:
    "As JSON, or as Markdown where `format` or `Accept` asks for it. A run that computed neither savings nor an overview of the use made none, and so has one only when it has ended.",
  request: { params, query: ReportQuery },
  responses: {
    200: {
      description: "The report",
      content: { "application/json": { schema: Report }, [MARKDOWN]: { schema: z.string() } },
    },
    ...problems(
      "unauthenticated",
      "token_invalid",
      "token_expired",
      "not_found",
      "invalid_fields",
      "unavailable",
    ),
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
  router.openapi(decide, async (c) => {
    const { id: runId, call_id: callId } = c.req.valid("param");
    const { decision } = c.req.valid("json");
    const by = grantOf(c.var.principal);
    const outcome = await askThread(c, await threadOf(c, runId), (thread) =>
      thread.approve({ runId, callId, decision }, by),
    );
    return c.json(succeeded(outcome), 200);
  });
  router.openapi(report, async (c) => {
    const { id } = c.req.valid("param");
    const { format = preferred(c.req.header("accept")) } = c.req.valid("query");
    const found = await reportOf(c, id);
    if (found === null) throw notFound();
    if (format === "json") return c.json(found, 200);
    return c.newResponse(reportMarkdown(found), 200, {
      "Content-Type": `${MARKDOWN}; charset=utf-8`,
      "Content-Disposition": 'inline; filename="apex-edge-report.md"',
    });
  });
  return router;
}

function preferred(accept = ""): "json" | "markdown" {
  return /text\/markdown/i.test(accept) && !/application\/json/i.test(accept) ? "markdown" : "json";
}
