/** The OpenAPI document: made of the very schemas that the routes parse with, so it cannot drift. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { CSRF_HEADER } from "../auth/csrf.ts";
import { SUBPROTOCOL } from "../protocol/frames.ts";
import {
  MAX_BODY_BYTES,
  MAX_FRAME_BYTES,
  MAX_MESSAGE_LENGTH,
  MAX_QUEUED_RUNS,
  MAX_REPLAY,
  MAX_SOCKETS,
} from "../protocol/limits.ts";
import { PROTOCOL_VERSION } from "../protocol/version.ts";
import { API_VERSION, API_VERSION_HEADER } from "./api-version.ts";
import type { BodyExamples } from "./body-examples.ts";
import { IDEMPOTENCY_KEY, REPLAYED } from "./idempotency.ts";
import { describeExamples, registerProblemExamples } from "./openapi-examples.ts";
import type { AppEnv } from "./router.ts";
import { ACCESS_COOKIE, CSRF_COOKIE } from "./session-cookies.ts";

export const DOCUMENT_PATH = "/openapi.json";

const DESCRIPTION = `
Multi-user chat with a team of agents that find out where the cost and latency of LLM use go.

**Sign in** by \`POST /api/auth/register\` or \`/api/auth/login\`, and send the access token with every
request: \`Authorization: Bearer <token>\`. It lives 15 minutes; \`POST /api/auth/refresh\` trades the
refresh token for new ones. Programs send an API key (\`POST /api/keys\`) in its place. Neither ever
travels in a URL. The same answers set cookies, by which a page may be signed in without holding a
token: what is not GET then repeats the cookie \`${CSRF_COOKIE.name}\` in \`${CSRF_HEADER}\`, and
refresh and log-out need no body.

**Failures** are problem details (RFC 9457): \`code\` says which of them it is, for programs; \`detail\`
says what to do, for people; \`errors\` names the fields at fault; \`request_id\` finds it in the logs.

**Lists** are pages: \`limit\`, and \`after\` (or \`cursor\`) with the \`next_cursor\` of the page before; or
\`page\` from 1, where the answer counts \`total\` and \`pages\` too. \`has_more\` says whether there is more.

**Repeat** any POST that makes something, as often as you like, with an \`${IDEMPOTENCY_KEY}\`: it is done
once, and answered the same for a day, with \`${REPLAYED}: true\`. Reads have an \`ETag\`; with it in
\`If-None-Match\` they are answered 304 where nothing changed.

**Versions** go by date: \`${API_VERSION_HEADER}: ${API_VERSION}\` is told with every answer, and may be asked for.
\`x-aliases\` names other paths that lead to an operation.

**The WebSocket** of a thread is at \`GET /api/threads/{id}/socket?after&epoch\`; at
\`GET /ws?thread_id&after&epoch\` too, which makes a thread where none is named. Authenticate the
upgrade by the header, by the subprotocol \`jwt-auth.<token>\` (offer \`${SUBPROTOCOL}\` beside it), or by
\`?ticket=\` with a one-time ticket of \`POST /api/threads/{id}/ticket\`. Frames are JSON text. Every
server event is \`{type, seq, context, data}\`; \`seq\` counts a thread's events without gaps, and
\`connection_ready\`, the first frame, tells the epoch and the limits. Give the last \`seq\` and \`epoch\`
you saw as \`after\` and \`epoch\`, and what you missed is replayed, in order. Commands are
\`user_message\`, \`cancel\`, \`resume\`, \`reauthenticate\` and \`ping\`. Close codes: 4401 token missing,
wrong or expired, 4403 forbidden, 4404 no such thread, 4429 too many; the others are RFC 6455's.
This is protocol ${PROTOCOL_VERSION}.

**Limits**: ${MAX_BODY_BYTES} bytes a body, ${MAX_FRAME_BYTES} bytes a frame, ${MAX_MESSAGE_LENGTH} characters a message,
${MAX_QUEUED_RUNS} runs waiting in a thread, ${MAX_SOCKETS} sockets on one, ${MAX_REPLAY} events a replay.
`.trim();

/** Serves the document of every route mounted so far and later, at {@link DOCUMENT_PATH}. */
export function serveDocument(app: OpenAPIHono<AppEnv>, examples: BodyExamples): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "The access token that signing in gives, or an API key",
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "cookie", {
    type: "apiKey",
    in: "cookie",
    name: ACCESS_COOKIE.name,
    description: "The access token as a cookie; what changes anything needs `csrf` beside it",
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "csrf", {
    type: "apiKey",
    in: "header",
    name: CSRF_HEADER,
    description: `The value of the cookie \`${CSRF_COOKIE.name}\`, beside \`cookie\` alone`,
  });
  registerProblemExamples(app.openAPIRegistry);
  app.get(DOCUMENT_PATH, async (c) => {
    const document = app.getOpenAPI31Document({
      openapi: "3.1.0",
      info: { title: "Apex Edge", version: PROTOCOL_VERSION, description: DESCRIPTION },
      servers: [{ url: "/", description: "This host" }],
    });
    await describeExamples(document, examples);
    return c.json(document);
  });
}
