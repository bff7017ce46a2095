/** The feed of all of a user's threads, as server-sent events. */
import * as z from "zod";
import { StreamQuery } from "../../protocol/runs.ts";
import { defineRoute, requires } from "../define-route.ts";
import { streamFeed } from "../feed-stream.ts";
import { problems } from "../problems.ts";
import { streamPosition } from "../resume-position.ts";
import { createRouter } from "../router.ts";

/** @returns the route by a method: a POST is for clients that stream by nothing else. */
function stream(method: "get" | "post") {
  return defineRoute({
    method,
    path: "/api/events/stream",
    tags: ["Connections"],
    ...requires("threads:read"),
    summary: "What happens in all of one's threads, as server-sent events",
    description:
      "`feed_ready` first, with the runs under way; then `run_started`, `run_ended`, `thread_updated` and `thread_deleted`, each once, in the order of the feed's own `seq`. `event:` is the type, `data:` the frame, `id:` the position. `Last-Event-ID`, or `after` and `epoch`, resumes; where `recovered` is false, load the list of threads again. With `for` it ends after so many seconds, with `stream_end`.",
    request: { query: StreamQuery },
    responses: {
      200: {
        description: "The event stream",
        content: { "text/event-stream": { schema: z.string() } },
      },
      ...problems("unauthenticated", "token_invalid", "token_expired", "invalid_fields"),
    },
  });
}

/** @returns the routes that tell a user what happens in all threads. */
export function accountStreamRoutes() {
  const router = createRouter();
  for (const method of ["get", "post"] as const) {
    router.openapi(stream(method), async (c) => {
      const query = c.req.valid("query");
      return await streamFeed(c, streamPosition(c.req.raw, query), query.for);
    });
  }
  return router;
}
