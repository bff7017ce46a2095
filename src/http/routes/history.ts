/** What was said in all of one's threads: read on page by page, and searched. */
import type { Context } from "hono";
import { historyDatabase } from "../../durable/history-database.ts";
import { HistoryPage, HistoryQuery, SearchPage, SearchQuery } from "../../protocol/history.ts";
import { AllMessages } from "../../store/all-messages.ts";
import { defineRoute, requires } from "../define-route.ts";
import { jsonAnswer } from "../json.ts";
import { problems } from "../problems.ts";
import { createRouter, type SignedInEnv } from "../router.ts";

const tags = ["Messages"];
const REFUSED = problems("unauthenticated", "token_invalid", "token_expired", "forbidden");

const list = defineRoute({
  method: "get",
  path: "/api/messages",
  tags,
  ...requires("threads:read"),
  summary: "What was said in all of one's threads",
  description:
    "Threads by when they were made, messages within each as they were said; the newest of both first, where nothing else is asked. As the history has it, which may be moments behind; a thread's own list is not.",
  request: { query: HistoryQuery },
  responses: {
    200: jsonAnswer(HistoryPage, "A page of messages"),
    ...REFUSED,
    ...problems("invalid_fields", "unavailable"),
  },
});

const search = defineRoute({
  method: "get",
  path: "/api/search",
  tags,
  ...requires("threads:read"),
  summary: "Find threads by their titles, and messages by what they say",
  description:
    "What is found holds all of the words of `q`, eight at most, the newest threads first.",
  request: { query: SearchQuery },
  responses: {
    200: jsonAnswer(SearchPage, "What was found"),
    ...REFUSED,
    ...problems("invalid_fields", "unavailable"),
  },
});

/** @returns the routes over the messages of all threads. */
export function historyRoutes() {
  const router = createRouter();
  router.openapi(list, async (c) => c.json(await messagesOf(c).list(c.req.valid("query")), 200));
  router.openapi(search, async (c) => {
    return c.json(await messagesOf(c).search(c.req.valid("query")), 200);
  });
  return router;
}

function messagesOf(c: Context<SignedInEnv>): AllMessages {
  const { userId } = c.var.principal;
  return new AllMessages(historyDatabase(c.env, userId), userId);
}
