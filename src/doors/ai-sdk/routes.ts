/** The chat of the AI SDK: a page's `useChat` works with `api` set to these, its resume included. */
import type { Context } from "hono";
import * as z from "zod";
import { assertPermitted } from "../../auth/permission.ts";
import { defineRoute, requires } from "../../http/define-route.ts";
import { eventStream } from "../../http/event-stream.ts";
import { type FollowedRun, followRun } from "../../http/follow-run.ts";
import { jsonBody } from "../../http/json.ts";
import { problems } from "../../http/problems.ts";
import { createRouter, type SignedInEnv } from "../../http/router.ts";
import { takesTranscript } from "../../http/transcript-body.ts";
import { ApexError } from "../../protocol/errors.ts";
import type { MessageId, ThreadId } from "../../protocol/ids.ts";
import { continueThread, followed } from "../begin-run.ts";
import { findNamedThread, inNamedThread } from "../named-thread.ts";
import { threadMessages } from "../thread-messages.ts";
import { unendedRun } from "../unended-run.ts";
import { askedInChat, ChatBody, ChatId } from "./chat-requests.ts";
import { errorChunk, type UiChunk, UiEncoder } from "./encode-chat.ts";

const tags = ["AI SDK"];
/** The version of the stream's protocol, which clients look for. */
const HEADERS = { "x-vercel-ai-ui-message-stream": "v1" };
const DONE = "data: [DONE]\n\n";

const send = defineRoute({
  method: "post",
  path: "/api/ai-sdk/chat",
  tags,
  ...takesTranscript(requires("runs:write")),
  summary: "Say something, and have an agent answer, as the AI SDK's chat does",
  description:
    "Answers with the UI message stream of the AI SDK. History belongs to the server: of `messages` the last one of the user counts, once for its id, or the results of the page's own `tools`. The chat's `id` is a thread's id, or a name that a thread is made for. What the user changes, or has answered anew, takes the place of what it was. Our own tools are parts with `providerExecuted`; handoffs are `data-agent`. A page that leaves ends nothing: the run goes on, and can be joined again.",
  request: { body: jsonBody(ChatBody) },
  responses: {
    200: {
      description: "The message, in chunks, until `[DONE]`",
      content: { "text/event-stream": { schema: z.string() } },
    },
    ...problems("unauthenticated", "token_invalid", "token_expired", "malformed_body", "forbidden"),
    ...problems("not_found", "idempotency_conflict", "unsupported_media_type", "invalid_fields"),
    ...problems("too_large", "body_timeout", "queue_full", "unavailable"),
  },
});

const resume = defineRoute({
  method: "get",
  path: "/api/ai-sdk/chat/{id}/stream",
  tags,
  ...requires("runs:read"),
  summary: "Join the run that is under way in a chat, from its beginning",
  request: { params: z.object({ id: ChatId }) },
  responses: {
    200: {
      description: "The message, in chunks, until `[DONE]`",
      content: { "text/event-stream": { schema: z.string() } },
    },
    204: { description: "Nothing is under way" },
    ...problems("unauthenticated", "token_invalid", "token_expired", "unavailable"),
  },
});

/** @returns the routes of the AI SDK. */
export function aiSdkRoutes() {
  const router = createRouter();
  router.openapi(send, async (c) => {
    const body = c.req.valid("json");
    const { asked, goesOn, key, replaces } = askedInChat(body);
    const accepted = await inNamedThread(c, body.id, {
      beforeNew: () => assertPermitted(c.var.principal.scopes, "threads:write"),
      async work(threadId) {
        const replaced = replaces === null ? undefined : await ownMessage(c, threadId, replaces);
        const thread = { threadId, runId: null };
        return await continueThread(c, thread, asked, { agent: body.agent, key }, replaced);
      },
    });
    return stream(c, followed(accepted), goesOn);
  });
  router.openapi(resume, async (c) => {
    const run = await runUnderWay(c, c.req.valid("param").id);
    return run === null ? c.body(null, 204) : stream(c, run);
  });
  return router;
}

/** @returns the user's message at a place among their own; undefined where it was never taken. */
async function ownMessage(
  c: Context<SignedInEnv>,
  threadId: ThreadId,
  place: number,
): Promise<MessageId | undefined> {
  const messages = await threadMessages(c, threadId, { order: "asc", superseded: "exclude" });
  return messages.filter(({ role }) => role === "user")[place]?.id;
}

async function runUnderWay(c: Context<SignedInEnv>, id: string): Promise<FollowedRun | null> {
  const threadId = await findNamedThread(c, id);
  if (threadId === null) return null;
  const newestFirst = { order: "desc", superseded: "exclude" } as const;
  const [newest] = await threadMessages(c, threadId, { ...newestFirst, limit: 1 });
  return newest === undefined ? null : await unendedRun(c, threadId, newest.run_id);
}

function stream(c: Context<SignedInEnv>, run: FollowedRun, goesOn = false) {
  const encoder = new UiEncoder(run.threadId, run.runId);
  return eventStream(c, followRun(c, run), {
    opening: told(encoder.start(goesOn)),
    headers: { ...HEADERS, "X-Apex-Thread-Id": run.threadId },
    tell(frame) {
      const last = frame.type === "agent_completed";
      return { text: told(encoder.encode(frame)) + (last ? DONE : ""), last };
    },
    broken: (error) => told([errorChunk(ApexError.from(error).message)]) + DONE,
  });
}

function told(chunks: readonly UiChunk[]): string {
  return chunks.map((each) => `data: ${JSON.stringify(each)}\n\n`).join("");
}
