/** The list of a thread's messages: the history in D1, completed by what the Thread object still holds. */
import * as z from "zod";
import { MessagePage, MessagesQuery } from "../../protocol/api.ts";
import { ApexError } from "../../protocol/errors.ts";
import { ThreadId } from "../../protocol/ids.ts";
import { openDatabase } from "../../store/database.ts";
import { Messages, pageOf, positionOf } from "../../store/messages.ts";
import { askThread } from "../ask-thread.ts";
import { defineRoute, requires } from "../define-route.ts";
import { jsonAnswer } from "../json.ts";
import { assertThread } from "../known-thread.ts";
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
    const query = c.req.valid("query");
    await assertThread(c.env, userId, id);
    const unsaved = await askThread(c, id, (object) => object.unsaved());
    const saved = new Messages(openDatabase(c.env.DB), userId);
    // While D1 is away, or far behind, the thread tells what it knows itself: all of its conversation.
    const readThread = async () => {
      const range = { ...query, after: positionOf(id, query) };
      return pageOf(id, query, await askThread(c, id, (object) => object.readMessages(range)));
    };
    if (unsaved === null) return c.json(await readThread(), 200);
    const page = await saved.list(id, query, unsaved).catch((error: unknown) => {
      if (ApexError.from(error).code !== "unavailable") throw error;
      return readThread();
    });
    return c.json(page, 200);
  });
  return router;
}
