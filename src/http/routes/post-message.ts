/** The way a message comes in over HTTP: accepted at once, or followed to its answer as a stream. */
import type { Context } from "hono";
import * as z from "zod";
import { AcceptedMessage, PostMessageBody } from "../../protocol/api.ts";
import { ApexError } from "../../protocol/errors.ts";
import type { ServerFrame } from "../../protocol/events.ts";
import { isLogged } from "../../protocol/frames.ts";
import { type RunId, ThreadId } from "../../protocol/ids.ts";
import type { Position } from "../../protocol/position.ts";
import { acceptMessage } from "../accept-message.ts";
import { defineRoute, requires } from "../define-route.ts";
import { jsonAnswer, jsonBody } from "../json.ts";
import type { FrameFilter } from "../log-stream.ts";
import { problems } from "../problems.ts";
import { createRouter, type SignedInEnv } from "../router.ts";
import { streamThread } from "../thread-stream.ts";

const post = defineRoute({
  method: "post",
  path: "/api/threads/{id}/messages",
  tags: ["Messages"],
  ...requires("runs:write"),
  summary: "Say something, and have an agent answer",
  description:
    "Queues a run, and answers with its id. With `Accept: text/event-stream` the answer is the run's events, until `agent_completed`; or the id alone, where the thread serves no more connections. Repeat a message with the same `client_message_id`, as often as you like: it is taken once. `queueing` says what becomes of it while a run of the thread is live or waiting: it waits behind them (`queue`), is refused (`reject`), or cancels them all (`interrupt`).",
  request: { params: z.object({ id: ThreadId }), body: jsonBody(PostMessageBody) },
  responses: {
    200: {
      description: "The run's events, where the request accepts an event stream",
      content: { "text/event-stream": { schema: z.string() } },
    },
    202: {
      ...jsonAnswer(AcceptedMessage, "The message is stored, and its run queued"),
      headers: z.object({ Location: z.string().describe("The run's address") }),
    },
    ...problems("unauthenticated", "token_invalid", "token_expired", "malformed_body"),
    ...problems("not_found", "idempotency_conflict", "unsupported_media_type", "invalid_fields"),
    ...problems("thread_busy", "queue_full", "unavailable"),
  },
});

/** @returns the route that takes messages in. */
export function postMessageRoutes() {
  const router = createRouter();
  router.openapi(post, async (c) => {
    const { id } = c.req.valid("param");
    const { position, ...accepted } = await acceptMessage(c, id, c.req.valid("json"));
    if (acceptsEventStream(c)) {
      const stream = await tryToStream(c, id, position, accepted.run_id);
      if (stream !== null) return stream;
    }
    return c.json(accepted, 202, { Location: `/api/runs/${accepted.run_id}` });
  });
  return router;
}

/** @returns null where there is no stream to be had: the message is taken, so that is no failure. */
async function tryToStream(
  c: Context<SignedInEnv>,
  id: ThreadId,
  position: Position,
  runId: RunId,
): Promise<Response | null> {
  try {
    return await streamThread(c, id, position, eventsOf(runId));
  } catch (error) {
    if (error instanceof ApexError) return null;
    throw error;
  }
}

function acceptsEventStream(c: Context<SignedInEnv>): boolean {
  return c.req.header("accept")?.includes("text/event-stream") ?? false;
}

/** Of all that happens in the thread, the one run; and of its text, only what it writes itself. */
function eventsOf(runId: RunId): FrameFilter<ServerFrame> {
  let answerId: string | null = null;
  return (frame) => {
    if (frame.type === "message_delta") return { tell: frame.message_id === answerId, last: false };
    if (frame.type === "connection_ready" && !frame.data.recovered) {
      // The log no longer reaches back to this message: say so, where silence would be waiting.
      return { tell: true, last: true };
    }
    const tell = isLogged(frame) && frame.context.run_id === runId;
    if (tell && frame.type === "agent_started") answerId = frame.data.message_id;
    return { tell, last: tell && frame.type === "agent_completed" };
  };
}
