/** What CopilotKit's core asks of a server beside a run: what there is, a thread's past, and an end to a run. */
import type { Context } from "hono";
import * as z from "zod";
import { AGENT_NAMES, DEFAULT_AGENT, findAgent } from "../../agents/roster.ts";
import { askThread } from "../../http/ask-thread.ts";
import { defineRoute, requires } from "../../http/define-route.ts";
import { jsonAnswer, jsonBody } from "../../http/json.ts";
import { listMessages } from "../../http/list-messages.ts";
import { problems } from "../../http/problems.ts";
import { createRouter, type SignedInEnv } from "../../http/router.ts";
import { takesTranscript } from "../../http/transcript-body.ts";
import { RunStatus } from "../../protocol/entities.ts";
import { Epoch, RunId, Seq, type ThreadId } from "../../protocol/ids.ts";
import { MAX_PAGE } from "../../protocol/limits.ts";
import { PROTOCOL_VERSION } from "../../protocol/version.ts";
import { findNamedThread } from "../named-thread.ts";
import { readLog, type ThreadLog } from "../thread-log.ts";
import { RunEncoder } from "./encode-run.ts";
import { asEventStream } from "./events.ts";
import { askedBy, historyOf, replayOf } from "./replay.ts";
import { RunInput } from "./run-input.ts";
import { agentNamed, UNNAMED_AGENT } from "./run-routes.ts";
import { STREAM_HEADERS, streamRun } from "./stream-run.ts";

const tags = ["AG-UI"];
const Info = z.object({
  version: z.string(),
  mode: z.literal("sse"),
  agents: z.record(
    z.string(),
    z.object({ name: z.string(), className: z.string(), description: z.string() }),
  ),
  audioFileTranscriptionEnabled: z.literal(false),
});
type Info = z.infer<typeof Info>;

/** What CopilotKit sends to be told of a thread: of it only the thread's name counts. */
const ConnectInput = RunInput.pick({ threadId: true });

const Stopped = z.object({
  stopped: z.boolean().describe("Whether there was a run to stop"),
  run_id: RunId.optional(),
  status: RunStatus.optional(),
  last_seq: Seq.nullable().optional().describe("Nothing of the run follows after this event"),
});

const info = defineRoute({
  method: "get",
  path: "/ag-ui/info",
  tags,
  ...requires("threads:read"),
  summary: "Which agents there are: as CopilotKit asks",
  responses: {
    200: jsonAnswer(Info, "The agents, and how they are reached"),
    ...problems("unauthenticated", "token_invalid", "token_expired", "forbidden"),
  },
});

const connect = defineRoute({
  method: "post",
  path: "/ag-ui/agent/{id}/connect",
  tags,
  ...takesTranscript(requires("threads:read")),
  summary: "A thread's past as AG-UI events, and the run that is under way: as CopilotKit asks",
  description:
    "Tells every run of the thread that counts, from RUN_STARTED to its end; of a thread whose log does not reach back, its last messages as a snapshot. A thread that is not known has no past, and the stream ends at once.",
  request: { params: z.object({ id: z.string().max(64) }), body: jsonBody(ConnectInput) },
  responses: {
    200: {
      description: "The events of the runs",
      content: { "text/event-stream": { schema: z.string() } },
    },
    ...problems("unauthenticated", "token_invalid", "token_expired", "malformed_body", "forbidden"),
    ...problems("not_found", "unsupported_media_type", "invalid_fields", "too_large"),
    ...problems("body_timeout", "rate_limited", "unavailable"),
  },
});

const stop = defineRoute({
  method: "post",
  path: "/ag-ui/agent/{id}/stop/{thread_id}",
  tags,
  ...requires("runs:write"),
  summary: "Stop the run of a thread that is under way: as CopilotKit asks",
  request: { params: z.object({ id: z.string().max(64), thread_id: z.string().max(256) }) },
  responses: {
    200: jsonAnswer(Stopped, "What was stopped"),
    ...problems("unauthenticated", "token_invalid", "token_expired", "forbidden", "not_found"),
    ...problems("rate_limited", "unavailable"),
  },
});

/** @returns the routes. */
export function copilotRoutes() {
  const router = createRouter();
  router.openapi(info, (c) => c.json(INFO, 200));
  router.openapi(connect, async (c) => {
    agentNamed(c.req.valid("param").id);
    const { threadId } = c.req.valid("json");
    const thread = await findNamedThread(c, threadId);
    if (thread === null) return whole(c, "");
    return await tellThread(c, threadId, thread);
  });
  router.openapi(stop, async (c) => {
    const { id, thread_id: name } = c.req.valid("param");
    agentNamed(id);
    const thread = await findNamedThread(c, name);
    const runId = thread && (await runUnderWay(c, thread));
    if (thread === null || runId === null) return c.json({ stopped: false }, 200);
    const receipt = await askThread(c, thread, (object) => object.cancelRun(runId));
    if (receipt === null) return c.json({ stopped: false }, 200);
    const { status, last_seq } = receipt;
    return c.json({ stopped: true, run_id: runId, status, last_seq }, 200);
  });
  return router;
}

const INFO: Info = {
  version: PROTOCOL_VERSION,
  mode: "sse",
  agents: {
    [UNNAMED_AGENT]: described(DEFAULT_AGENT.name),
    ...Object.fromEntries(AGENT_NAMES.map((name) => [name, described(name)])),
  },
  audioFileTranscriptionEnabled: false,
};

function described(name: string): Info["agents"][string] {
  return { name, className: "HttpAgent", description: findAgent(name)?.role ?? name };
}

async function tellThread(
  c: Context<SignedInEnv>,
  name: string,
  threadId: ThreadId,
): Promise<Response> {
  const log = await readLog(c, threadId, null);
  const replay = replayOf(name, log.events);
  const { events, messages } = log.complete ? replay : await historyFor(c, name, threadId);
  const { unanswered } = replay;
  if (unanswered === null) return whole(c, asEventStream(events));
  const runId = unanswered.context.run_id;
  const asked = askedBy(unanswered);
  const encoder = new RunEncoder({ threadId: name, runId, before: [...messages, asked] });
  const position = { epoch: log.epoch, after: unanswered.seq - 1 };
  const opening = asEventStream([...events, ...encoder.start([asked])]);
  return streamRun(c, { threadId, runId, position, encoder }, opening);
}

async function historyFor(c: Context<SignedInEnv>, name: string, threadId: ThreadId) {
  const { data } = await listMessages(c.env, c.var.principal.userId, threadId, {
    limit: MAX_PAGE,
    order: "desc",
    superseded: "exclude",
  });
  return historyOf(name, data.toReversed());
}

/** @returns the run that is under way, or else the next one in the queue; null if there is none. */
async function runUnderWay(c: Context<SignedInEnv>, threadId: ThreadId): Promise<RunId | null> {
  // A position that is unknown gives the run that is under way, and nothing before it.
  const nowhere = { epoch: Epoch.parse("none"), after: 0 };
  const { liveRunId, events }: ThreadLog = await readLog(c, threadId, nowhere);
  return liveRunId ?? replayOf("", events).unanswered?.context.run_id ?? null;
}

function whole(c: Context<SignedInEnv>, text: string): Response {
  return c.newResponse(text, 200, {
    "Content-Type": "text/event-stream; charset=utf-8",
    ...STREAM_HEADERS,
  });
}
