/** The list of a thread's messages: the history in D1, completed by what the Thread object still holds. */
import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { MessagePage, MessagesQuery } from "../protocol/api.ts";
import { ThreadId } from "../protocol/ids.ts";
import { openDatabase } from "../store/database.ts";
import { Messages } from "../store/messages.ts";
import { Threads } from "../store/threads.ts";
import { askThread } from "./ask-thread.ts";
import { signedIn } from "./authenticate.ts";
import { jsonAnswer } from "./json.ts";
import { notFound, problems } from "./problems.ts";
import { createRouter } from "./router.ts";

const list = createRoute({
  method: "get",
  path: "/api/threads/{id}/messages",
  tags: ["Messages"],
  summary: "What was said in a thread",
  description: "Complete at any moment: an answer that is being written is listed as `streaming`.",
  ...signedIn,
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
    const database = openDatabase(c.env.DB);
    if (!(await new Threads(database, userId).exists(id))) throw notFound();
    const unsaved = await askThread(c, id, (object) => object.unsavedMessages());
    const page = await new Messages(database, userId).list(id, c.req.valid("query"), unsaved);
    return c.json(page, 200);
  });
  return router;
}
