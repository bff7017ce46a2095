/** The feed of all of a user's threads, as server-sent events. */
import * as z from "zod";
import { grantOf } from "../../durable/grant.ts";
import { accountObjectName } from "../../durable/names.ts";
import { FeedFrame } from "../../protocol/account-feed.ts";
import { ResumeQuery } from "../../protocol/api.ts";
import { connectObject } from "../ask-object.ts";
import { defineRoute, requires } from "../define-route.ts";
import { eventStream } from "../event-stream.ts";
import { framesOf } from "../frame-source.ts";
import { tellLog } from "../log-stream.ts";
import { problems } from "../problems.ts";
import { streamPosition } from "../resume-position.ts";
import { createRouter } from "../router.ts";

const stream = defineRoute({
  method: "get",
  path: "/api/events/stream",
  tags: ["Connections"],
  ...requires("threads:read"),
  summary: "What happens in all of one's threads, as server-sent events",
  description:
    "`feed_ready` first, with the runs under way; then `run_started`, `run_ended`, `thread_updated` and `thread_deleted`, each once, in the order of the feed's own `seq`. `event:` is the type, `data:` the frame, `id:` the position. `Last-Event-ID`, or `after` and `epoch`, resumes; where `recovered` is false, load the list of threads again.",
  request: { query: ResumeQuery },
  responses: {
    200: {
      description: "The event stream",
      content: { "text/event-stream": { schema: z.string() } },
    },
    ...problems("unauthenticated", "token_invalid", "token_expired", "invalid_fields"),
  },
});

/** @returns the route that tells a user what happens in all threads. */
export function accountStreamRoutes() {
  const router = createRouter();
  router.openapi(stream, async (c) => {
    const { principal } = c.var;
    const { userId, expiresAt } = principal;
    const account = () => c.env.ACCOUNTS.getByName(accountObjectName(userId));
    const position = streamPosition(c.req.raw, c.req.valid("query"));
    const grant = grantOf(principal);
    const upgrade = { expiresAt, grant, ticketId: null, subprotocol: null, position };
    const connection = await connectObject("feed", account, upgrade);
    const tell = tellLog<FeedFrame>((frame) =>
      frame.type === "feed_ready" ? frame.data.epoch : null,
    );
    return eventStream(c, framesOf(connection, FeedFrame), { tell });
  });
  return router;
}
