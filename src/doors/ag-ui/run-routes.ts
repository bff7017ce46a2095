/** The AG-UI routes that take a message in, and tell the run that answers it. */
import type { Context } from "hono";
import * as z from "zod";
import { AGENT_NAMES } from "../../agents/roster.ts";
import { defineRoute, requires } from "../../http/define-route.ts";
import { jsonBody } from "../../http/json.ts";
import { notFound, problems } from "../../http/problems.ts";
import { createRouter, type SignedInEnv } from "../../http/router.ts";
import { takesTranscript } from "../../http/transcript-body.ts";
import { inNamedThread } from "../named-thread.ts";
import { RunEncoder } from "./encode-run.ts";
import { asEventStream } from "./events.ts";
import { meantRun } from "./meant-run.ts";
import { askedIn, RunInput } from "./run-input.ts";
import { streamFromNow, streamRun } from "./stream-run.ts";

/** The name that CopilotKit has for an agent where none is named. */
export const UNNAMED_AGENT = "default";

const DESCRIPTION =
  "Answers with the events of AG-UI 1.0 as server-sent events, all of which 0.0.59 knows too. History belongs to the server: of `messages` the last one of the user is taken, once for its id: whoever sends it again while its run is under way hears the same run, and, with messages after it, what is new of it after a snapshot. Sent again with nothing after it once the run has ended, it is answered anew, in the place of what was there. `tools` are the page's own: a run that asks for one ends with that call, and goes on when its result is sent. `threadId` is a thread's id, or a name that a thread is made for. What AG-UI has no event for is CUSTOM `apex.<event>`. A call that waits for approval is told by `apex.approval_requested`, and decided at `/api/runs/{run_id}/approvals/{call_id}`.";

const declared = {
  method: "post" as const,
  tags: ["AG-UI"],
  ...takesTranscript(requires("runs:write")),
  description: DESCRIPTION,
  responses: {
    200: {
      description: "The run's events",
      content: { "text/event-stream": { schema: z.string() } },
    },
    ...problems("unauthenticated", "token_invalid", "token_expired", "malformed_body", "forbidden"),
    ...problems("not_found", "idempotency_conflict", "unsupported_media_type", "invalid_fields"),
    ...problems("too_large", "body_timeout", "queue_full", "unavailable"),
  },
};

const run = defineRoute({
  ...declared,
  path: "/ag-ui",
  summary: "Say something, and have an agent answer, in AG-UI",
  request: { body: jsonBody(RunInput) },
});

const runAgent = defineRoute({
  ...declared,
  path: "/ag-ui/agent/{id}/run",
  summary: "As `/ag-ui`, by an agent of one's choice: as CopilotKit asks",
  request: { params: z.object({ id: z.string().max(64) }), body: jsonBody(RunInput) },
});

/** @returns the routes. */
export function agUiRunRoutes() {
  const router = createRouter();
  router.openapi(run, (c) => answer(c, c.req.valid("json")));
  router.openapi(runAgent, (c) => {
    const agent = agentNamed(c.req.valid("param").id);
    return answer(c, c.req.valid("json"), agent);
  });
  return router;
}

/**
 * @returns the agent of that name; undefined to let the platform choose.
 * @throws {ApexError} `not_found` if there is no such agent.
 */
export function agentNamed(id: string): string | undefined {
  if (id === UNNAMED_AGENT) return undefined;
  if (!AGENT_NAMES.includes(id)) throw notFound();
  return id;
}

async function answer(c: Context<SignedInEnv>, input: RunInput, agent?: string): Promise<Response> {
  const { threadId, runId, protocolVersion } = input;
  const asked = askedIn(input);
  const { joins, before, ...meant } = await inNamedThread(c, threadId, {
    work: (thread) => meantRun(c, thread, asked, { agent, runId }),
  });
  const knowsCancelled = protocolVersion !== undefined;
  const encoder = new RunEncoder({ threadId, runId, before, knowsCancelled });
  const followed = { ...meant, encoder };
  if (joins) return await streamFromNow(c, followed);
  return streamRun(c, followed, asEventStream(encoder.start()));
}
