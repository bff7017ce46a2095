/** Responses: an agent's work with its thoughts and tools, and the thread it belongs to, by one id. */
import type { Context } from "hono";
import * as z from "zod";
import { isFinal } from "../../core/run-machine.ts";
import { askThread } from "../../http/ask-thread.ts";
import { defineRoute, requires } from "../../http/define-route.ts";
import { eventStream } from "../../http/event-stream.ts";
import type { RunFrame } from "../../http/follow-run.ts";
import { jsonAnswer, jsonBody } from "../../http/json.ts";
import { openAiError } from "../../http/openai-error.ts";
import { notFound, problems } from "../../http/problems.ts";
import { createRouter, type SignedInEnv } from "../../http/router.ts";
import { takesTranscript } from "../../http/transcript-body.ts";
import { ApexError } from "../../protocol/errors.ts";
import { type Begun, beginThread, continueThread, followed } from "../begin-run.ts";
import { runEnd } from "../run-end.ts";
import type { Asked } from "../transcript.ts";
import { agentOfModel } from "./agent-models.ts";
import { keyOf, THREAD_HEADER } from "./chat-routes.ts";
import { checkedRun, mendedBy } from "./checked-run.ts";
import { ResponseEncoder, type ResponseEvent } from "./encode-response.ts";
import { aboutRun, findResponse } from "./found-response.ts";
import type { ResponseAbout } from "./response-object.ts";
import { askedInResponse, demandInResponse, keptOf, ResponseBody } from "./response-requests.ts";

const tags = ["OpenAI"];
const params = z.object({ id: z.string().max(128) });
const Response = z.object({ id: z.string(), object: z.string() });
const answer = {
  content: {
    "application/json": { schema: Response },
    "text/event-stream": { schema: z.string() },
  },
  description: "The response, or with `stream` its events",
};

const create = defineRoute({
  method: "post",
  path: "/v1/responses",
  tags,
  ...takesTranscript(requires("runs:write")),
  summary: "Have an agent answer, as OpenAI's responses do",
  description:
    "`model` names an agent. `previous_response_id` goes on in the thread of that response, whose history counts; without it the response begins a thread, which is told what `input` says was said before. Our own tools are `mcp_call` items, thoughts are `reasoning` items; `tools` are the caller's own functions. A client that leaves ends nothing: the response can be retrieved. `Idempotency-Key` has the same request answered by one run.",
  request: { body: jsonBody(ResponseBody) },
  responses: {
    200: answer,
    ...problems("unauthenticated", "token_invalid", "token_expired", "malformed_body", "forbidden"),
    ...problems("not_found", "idempotency_conflict", "unsupported_media_type", "invalid_fields"),
    ...problems("too_large", "body_timeout", "thread_busy", "queue_full", "unavailable"),
  },
});

const retrieve = defineRoute({
  method: "get",
  path: "/v1/responses/{id}",
  tags,
  ...requires("runs:read"),
  summary: "A response as it stands, or its events from the first",
  description:
    "With `stream` it is followed to its end. The events are made anew from the log, where text that was streamed in pieces is one piece; `starting_after` leaves out those up to a `sequence_number`. One whose answer has still to be made fit its format, and whose maker is gone, is mended for who may begin runs (`runs:write`).",
  request: {
    params,
    query: z.looseObject({
      stream: z.enum(["true", "false"]).optional(),
      starting_after: z.coerce.number().int().min(0).optional(),
    }),
  },
  responses: {
    200: answer,
    ...problems("unauthenticated", "token_invalid", "token_expired", "not_found", "invalid_fields"),
    ...problems("unavailable"),
  },
});

const cancel = defineRoute({
  method: "post",
  path: "/v1/responses/{id}/cancel",
  tags,
  ...requires("runs:write"),
  summary: "Stop a response",
  request: { params },
  responses: {
    200: jsonAnswer(Response, "The response as it stands then"),
    ...problems("unauthenticated", "token_invalid", "token_expired", "not_found", "unavailable"),
  },
});

/** @returns the routes of responses. */
export function responseRoutes() {
  const router = createRouter();
  router.openapi(create, async (c) => {
    const body = c.req.valid("json");
    const request = keptOf(body);
    const demand = demandInResponse(request);
    const begun = await begin(c, body, askedInResponse(body, request, demand));
    const { thread_id: threadId, run_id: runId } = begun;
    const run = await askThread(c, threadId, (thread) => thread.readRun(runId));
    if (run === null) throw notFound();
    const about = aboutRun(run, request);
    c.header(THREAD_HEADER, threadId);
    const frames = checkedRun(c, followed(begun), demand, mendedBy(c, begun));
    return body.stream === true ? stream(c, frames, about) : await whole(c, frames, about);
  });
  router.openapi(retrieve, async (c) => {
    const { about, status, follow } = await findResponse(c, c.req.valid("param").id);
    const { stream: streams, starting_after: after } = c.req.valid("query");
    if (streams === "true") return stream(c, follow(), about, after);
    if (isFinal(status)) return await whole(c, follow(), about);
    return c.json(new ResponseEncoder(about).response(status, null), 200);
  });
  router.openapi(cancel, async (c) => {
    const { about, standing, threadId } = await findResponse(c, c.req.valid("param").id);
    const receipt = await askThread(c, threadId, (thread) => thread.cancelRun(standing.id));
    if (receipt === null) throw notFound();
    return c.json(new ResponseEncoder(about).response(receipt.status, null), 200);
  });
  return router;
}

async function begin(c: Context<SignedInEnv>, body: ResponseBody, asked: Asked): Promise<Begun> {
  const beginning = { agent: agentOfModel(body.model), key: keyOf(c) };
  const { previous_response_id: previous } = body;
  if (!previous) return await beginThread(c, asked, beginning);
  const { standing, threadId } = await findResponse(c, previous);
  return await continueThread(c, { threadId, runId: standing.id }, asked, beginning);
}

/** Where a run failed, its response says so: it was made, though nothing came of it. */
async function whole(
  c: Context<SignedInEnv>,
  frames: ReadableStream<RunFrame>,
  about: ResponseAbout,
) {
  const encoder = new ResponseEncoder(about);
  // Without the pieces the text stands last, whenever it is asked for.
  const end = await runEnd(frames, (frame) => {
    if (frame.type !== "message_delta") encoder.encode(frame);
  });
  return c.json(encoder.response(end.status, end), 200);
}

function stream(
  c: Context<SignedInEnv>,
  frames: ReadableStream<RunFrame>,
  about: ResponseAbout,
  after = -1,
) {
  const encoder = new ResponseEncoder(about);
  const told = (events: readonly ResponseEvent[]) =>
    events
      .filter(({ sequence_number }) => sequence_number > after)
      .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
      .join("");
  return eventStream(c, frames, {
    opening: told(encoder.start()),
    tell: (frame) => ({
      text: told(encoder.encode(frame)),
      last: frame.type === "agent_completed",
    }),
    broken(error) {
      const { message, code, param } = openAiError(ApexError.from(error));
      const event = { type: "error", code, message, param };
      return `event: error\ndata: ${JSON.stringify(event)}\n\n`;
    },
  });
}
