/** The live connections to a thread: WebSocket, event stream, and the ticket a browser opens one with. */
import * as z from "zod";
import { chooseSubprotocol } from "../../auth/credential.ts";
import { assertPermitted } from "../../auth/permission.ts";
import { issueTicket } from "../../auth/tickets.ts";
import { SocketQuery, Ticket } from "../../protocol/api.ts";
import { ApexError } from "../../protocol/errors.ts";
import { ThreadId } from "../../protocol/ids.ts";
import { StreamQuery } from "../../protocol/runs.ts";
import { authorityOf, principalOfUpgrade } from "../authenticate.ts";
import { connectThread } from "../connect-thread.ts";
import { defineRoute, opens, requires } from "../define-route.ts";
import { jsonAnswer } from "../json.ts";
import { assertThread } from "../known-thread.ts";
import { inNewThread } from "../new-thread.ts";
import { assertAllowedOrigin } from "../origin.ts";
import { problems } from "../problems.ts";
import { positionOf, streamPosition } from "../resume-position.ts";
import { type AnswerContext, createRouter } from "../router.ts";
import { streamThread } from "../thread-stream.ts";

const tags = ["Connections"];
const params = z.object({ id: ThreadId });
const ticketQuery = { ticket: z.string().optional().describe("In place of an access token") };
const refusals = problems(
  "unauthenticated",
  "token_invalid",
  "token_expired",
  "forbidden",
  "not_found",
  "upgrade_required",
  "invalid_fields",
  "unavailable",
);
const upgraded = {
  101: { description: "The WebSocket: frames as the protocol says, `connection_ready` first" },
  ...refusals,
};

const socket = defineRoute({
  method: "get",
  path: "/api/threads/{id}/socket",
  tags,
  ...opens("threads:read"),
  summary: "Open the thread's WebSocket",
  description:
    "Signed in by `Authorization`, by a subprotocol `bearer.<access token>` (offer `apex-edge` beside it), or by a one-time `?ticket=`. `after` and `epoch` resume; `written` says what is known of the answer under way, and the rest of it follows.",
  request: { params, query: SocketQuery.safeExtend(ticketQuery) },
  responses: upgraded,
});

const anySocket = defineRoute({
  method: "get",
  path: "/ws",
  tags,
  ...opens("threads:read"),
  summary: "Open a WebSocket to a thread, or to a new one",
  description:
    "Without `thread_id` a thread is made, which takes the permission `threads:write`; `connection_ready` names it.",
  request: {
    query: SocketQuery.safeExtend({ ...ticketQuery, thread_id: ThreadId.optional() }),
  },
  responses: upgraded,
});

const ticket = defineRoute({
  method: "post",
  path: "/api/threads/{id}/ticket",
  tags,
  ...requires("threads:read"),
  summary: "Get a ticket for one socket",
  request: { params },
  responses: {
    201: jsonAnswer(Ticket, "Opens one socket to this thread, once, within its time"),
    ...problems("unauthenticated", "token_invalid", "token_expired", "not_found", "unavailable"),
  },
});

const events = defineRoute({
  method: "get",
  path: "/api/threads/{id}/events",
  tags,
  ...requires("threads:read"),
  summary: "The thread's events as server-sent events",
  description:
    "`event:` is the type, `data:` the frame, `id:` the position. `Last-Event-ID`, or `after` and `epoch`, resumes; `for` says after how many seconds it ends.",
  request: { params, query: StreamQuery },
  responses: {
    200: {
      description: "The event stream",
      content: { "text/event-stream": { schema: z.string() } },
    },
    ...refusals,
  },
});

/** @returns the routes that open live connections. */
export function connectionRoutes() {
  const router = createRouter();
  router.openapi(socket, async (c) => {
    return await openSocket(c, c.req.valid("param").id, c.req.valid("query"));
  });
  router.openapi(anySocket, async (c) => {
    const { thread_id, ...query } = c.req.valid("query");
    return await openSocket(c, thread_id ?? null, query);
  });
  router.openapi(ticket, async (c) => {
    const { id } = c.req.valid("param");
    await assertThread(c.env, c.var.principal.userId, id);
    return c.json(await issueTicket(c.var.principal, id, authorityOf(c)), 201);
  });
  router.openapi(events, async (c) => {
    const { id } = c.req.valid("param");
    await assertThread(c.env, c.var.principal.userId, id);
    const query = c.req.valid("query");
    const position = streamPosition(c.req.raw, query);
    return await streamThread(c, id, { position, seconds: query.for });
  });
  return router;
}

async function openSocket(
  c: AnswerContext,
  asked: ThreadId | null,
  query: SocketQuery,
): Promise<Response> {
  const { headers } = c.req.raw;
  if (headers.get("upgrade")?.toLowerCase() !== "websocket") {
    throw new ApexError("upgrade_required", "Open a WebSocket here.");
  }
  assertAllowedOrigin(c.req.raw, c.var.config.allowedOrigins);
  const { principal, ticket } = await principalOfUpgrade(c, asked, async (known) => {
    assertPermitted(known.principal.scopes, "threads:read");
    const id = asked ?? known.ticket?.threadId;
    if (id !== undefined) await assertThread(c.env, known.principal.userId, id);
  });
  const { userId } = principal;
  const connection = {
    position: positionOf(query),
    written: query.written,
    ticketId: ticket?.id,
    subprotocol: chooseSubprotocol(headers),
  };
  const connect = (id: ThreadId) => connectThread(c.env, principal, id, connection);
  const named = asked ?? ticket?.threadId ?? null;
  if (named === null) {
    assertPermitted(principal.scopes, "threads:write");
    // Without its socket nobody would know of the thread, so any failure deletes it.
    return await inNewThread(c.env, userId, connect, () => true);
  }
  return await connect(named);
}
