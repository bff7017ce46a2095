/** Chat over HTTP: messages are sent by POST, and what happens is streamed by GET. */
import type { Context } from "hono";
import * as z from "zod";
import { FinalStatus } from "../../protocol/entities.ts";
import { ApexError } from "../../protocol/errors.ts";
import { placeOfRun, type RunId } from "../../protocol/ids.ts";
import { FollowQuery, StartRunBody } from "../../protocol/runs.ts";
import { askThread } from "../ask-thread.ts";
import { defineRoute, requires } from "../define-route.ts";
import { streamFeed } from "../feed-stream.ts";
import { jsonBody } from "../json.ts";
import { assertThread } from "../known-thread.ts";
import { notFound, problems } from "../problems.ts";
import { streamPosition } from "../resume-position.ts";
import { createRouter, type SignedInEnv } from "../router.ts";
import { EVENT_STREAM } from "../run-answers.ts";
import { addressOf, eventsOf, tryToStream } from "../run-stream.ts";
import { startRun } from "../start-run.ts";
import { streamThread, type ThreadStream } from "../thread-stream.ts";

const path = "/api/chat/stream";
const tags = ["Chat"];
const STREAMED = {
  description: "The events",
  content: { [EVENT_STREAM]: { schema: z.string() } },
};

/** Parameters that a person might try in a GET. They are refused, so that nobody believes to have sent a message. */
const Unsaid = z.string().max(0, "is said by POST to this address").optional();

const say = defineRoute({
  method: "post",
  path,
  tags,
  ...requires("runs:write"),
  summary: "Say something, and follow the answer as server-sent events",
  description:
    "In the thread that is named, or in a new one. The events are the run's own, and end with `agent_completed`; `Location` has the run's address.",
  request: { body: jsonBody(StartRunBody) },
  responses: {
    200: STREAMED,
    ...problems("unauthenticated", "token_invalid", "token_expired", "malformed_body"),
    ...problems("not_found", "idempotency_conflict", "unsupported_media_type", "invalid_fields"),
    ...problems("thread_busy", "queue_full", "unavailable"),
  },
});

const follow = defineRoute({
  method: "get",
  path,
  tags,
  ...requires("threads:read"),
  summary: "Follow a run, a thread, or all of one's threads as server-sent events",
  description:
    "With `run_id` the run's events, until `agent_completed`; with `thread_id` all of the thread's; without either the feed of all threads. `Last-Event-ID`, or `after` and `epoch`, resumes. Nothing is said by GET: it may be repeated by anybody on the way.",
  request: { query: FollowQuery.safeExtend({ message: Unsaid }) },
  responses: {
    200: STREAMED,
    204: { description: "The run has ended, and all of it was told: there is nothing to resume" },
    ...problems("unauthenticated", "token_invalid", "token_expired", "not_found"),
    ...problems("invalid_fields", "rate_limited", "unavailable"),
  },
});

/** @returns the routes of chat as a stream. */
export function chatStreamRoutes() {
  const router = createRouter();
  router.openapi(say, async (c) => {
    const accepted = await startRun(c, c.req.valid("json"));
    const stream = await tryToStream(c, accepted);
    if (stream !== null) return stream;
    const detail = `The message is taken, but there is no stream for it just now. Its run is at ${addressOf(accepted)}.`;
    throw new ApexError("unavailable", detail, { retryAfter: 2 });
  });
  router.openapi(follow, async (c) => {
    const { thread_id, run_id, for: seconds, ...query } = c.req.valid("query");
    const position = streamPosition(c.req.raw, query);
    if (run_id !== undefined) return await streamRun(c, run_id, { position, seconds });
    if (thread_id === undefined) return await streamFeed(c, position, seconds);
    await assertThread(c.env, c.var.principal.userId, thread_id);
    return await streamThread(c, thread_id, { position, seconds });
  });
  return router;
}

/** Browsers reconnect even after the last event. Only a 204 makes them stop (WHATWG HTML, section 9.2.3). */
async function streamRun(
  c: Context<SignedInEnv>,
  runId: RunId,
  stream: Pick<ThreadStream, "position" | "seconds">,
): Promise<Response> {
  const place = placeOfRun(runId);
  if (place === null) throw notFound();
  const { threadId } = place;
  await assertThread(c.env, c.var.principal.userId, threadId);
  const run = await askThread(c, threadId, (thread) => thread.readRun(runId));
  if (run === null) throw notFound();
  if (stream.position !== null && FinalStatus.safeParse(run.status).success) {
    const end = await askThread(c, threadId, (thread) => thread.endOf(runId));
    if (end !== null && stream.position.after >= end) return c.body(null, 204);
  }
  return await streamThread(c, threadId, { ...stream, filter: eventsOf(runId) });
}
