/** Takes messages in over HTTP. They are answered with the run's id at once, or with a stream of its events. */
import * as z from "zod";
import { PostMessageBody } from "../../protocol/api.ts";
import { ThreadId } from "../../protocol/ids.ts";
import { WaitQuery } from "../../protocol/runs.ts";
import { acceptMessage } from "../accept-message.ts";
import { defineRoute, requires } from "../define-route.ts";
import { jsonBody } from "../json.ts";
import { problems } from "../problems.ts";
import { createRouter } from "../router.ts";
import { ACCEPTED, RUN_ANSWER } from "../run-answers.ts";
import { answerRun } from "../start-run.ts";

const post = defineRoute({
  method: "post",
  path: "/api/threads/{id}/messages",
  tags: ["Messages"],
  ...requires("runs:write"),
  summary: "Say something, and have an agent answer",
  description:
    "Queues a run, and answers with its id. With `Accept: text/event-stream` the answer is the run's events, until `agent_completed`; or the id alone, where the thread serves no more connections. Repeat a message with the same `client_message_id`, as often as you like: it is taken once. With `wait` the answer is the run itself, where it ends within so many seconds. `queueing` says what becomes of it while a run of the thread is live or waiting: it waits behind them (`queue`), is refused (`reject`), or cancels them all (`interrupt`).",
  request: {
    params: z.object({ id: ThreadId }),
    query: WaitQuery,
    body: jsonBody(PostMessageBody),
  },
  responses: {
    200: RUN_ANSWER,
    202: ACCEPTED,
    ...problems("unauthenticated", "token_invalid", "token_expired", "malformed_body"),
    ...problems("not_found", "idempotency_conflict", "unsupported_media_type", "invalid_fields"),
    ...problems("thread_busy", "queue_full", "unavailable"),
  },
});

/** @returns the router with `POST /api/threads/{id}/messages`. */
export function postMessageRoutes() {
  const router = createRouter();
  router.openapi(post, async (c) => {
    const { id } = c.req.valid("param");
    const { wait } = c.req.valid("query");
    return await answerRun(c, await acceptMessage(c, id, c.req.valid("json")), wait);
  });
  return router;
}
