/** The list of a thread's messages. */
import * as z from "zod";
import { MessagePage, MessagesQuery } from "../../protocol/api.ts";
import { ThreadId } from "../../protocol/ids.ts";
import { defineRoute, requires } from "../define-route.ts";
import { jsonAnswer } from "../json.ts";
import { assertThread } from "../known-thread.ts";
import { listMessages } from "../list-messages.ts";
import { problems } from "../problems.ts";
import { createRouter } from "../router.ts";

const list = defineRoute({
  method: "get",
  path: "/api/threads/{id}/messages",
  tags: ["Messages"],
  ...requires("threads:read"),
  summary: "What was said in a thread",
  description: "Complete at any moment: an answer that is being written is listed as `streaming`.",
  request: { params: z.object({ id: ThreadId }), query: MessagesQuery },
  responses: {
    200: jsonAnswer(MessagePage, "A page of messages"),
    ...problems("unauthenticated", "token_invalid", "token_expired", "not_found"),
    ...problems("invalid_fields", "unavailable"),
  },
});

/** @returns the route that lists a thread's messages. */
export function messageRoutes() {
  const router = createRouter();
  router.openapi(list, async (c) => {
    const { id } = c.req.valid("param");
    const { userId } = c.var.principal;
    await assertThread(c.env, userId, id);
    return c.json(await listMessages(c.env, userId, id, c.req.valid("query")), 200);
  });
  return router;
}
