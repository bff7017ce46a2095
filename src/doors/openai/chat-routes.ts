/** Chat completions: an agent's answer in the shape that most clients of language models know. */
import type { Context } from "hono";
import * as z from "zod";
import { systemClock } from "../../core/clock.ts";
import { defineRoute, requires } from "../../http/define-route.ts";
import { eventStream } from "../../http/event-stream.ts";
import { jsonBody } from "../../http/json.ts";
import { openAiError } from "../../http/openai-error.ts";
import { problems } from "../../http/problems.ts";
import { createRouter, type SignedInEnv } from "../../http/router.ts";
import { takesTranscript } from "../../http/transcript-body.ts";
import { ApexError } from "../../protocol/errors.ts";
import { ClientMessageId, ThreadId } from "../../protocol/ids.ts";
import { parseInput } from "../../protocol/parse-input.ts";
import { type Begun, beginThread, continueThread, followed } from "../begin-run.ts";
import { runEnd } from "../run-end.ts";
import type { Asked } from "../transcript.ts";
import { agentOfModel } from "./agent-models.ts";
import { askedInChat, ChatCompletionBody, demandInChat } from "./chat-requests.ts";
import { checkedRun, mendedBy } from "./checked-run.ts";
import { ChatEncoder, wholeCompletion } from "./encode-chat.ts";

export const THREAD_HEADER = "X-Apex-Thread-Id";

const create = defineRoute({
  method: "post",
  path: "/v1/chat/completions",
  tags: ["OpenAI"],
  ...takesTranscript(requires("runs:write")),
  summary: "Have an agent answer, as OpenAI's chat completions do",
  description:
    "`model` names an agent. Without a thread each request begins one, which is told what the transcript says was said before; with `X-Apex-Thread-Id`, or `metadata.thread_id`, the thread's own history counts, and of `messages` the last alone. System and developer messages are the caller's instructions, below those of the agent. `tools` are the caller's own: the answer ends with `tool_calls`, and goes on when their results are sent; a `tool_choice` that forces one offers the agent nothing else. A `response_format` of JSON is checked, mended once, and then told whole. Our own tools, thinking and handoffs are told in `apex`, an extra field of chunks. A client that leaves ends nothing: the run goes on, and its thread keeps the answer. `Idempotency-Key` has the same request answered by one run, however often it is sent.",
  request: { body: jsonBody(ChatCompletionBody) },
  responses: {
    200: {
      content: {
        "application/json": { schema: z.looseObject({ id: z.string() }) },
        "text/event-stream": { schema: z.string() },
      },
      description: "The completion, or with `stream` its chunks until `[DONE]`",
      headers: z.object({ [THREAD_HEADER]: z.string().describe("The thread that holds it") }),
    },
    ...problems("unauthenticated", "token_invalid", "token_expired", "malformed_body", "forbidden"),
    ...problems("not_found", "idempotency_conflict", "unsupported_media_type", "invalid_fields"),
    ...problems("too_large", "body_timeout", "thread_busy", "queue_full", "unavailable"),
  },
});

/** @returns the route of chat completions. */
export function chatRoutes() {
  const router = createRouter();
  router.openapi(create, async (c) => {
    const body = c.req.valid("json");
    const demand = demandInChat(body);
    const begun = await begin(c, body, askedInChat(body, demand));
    const { thread_id: threadId, run_id: runId } = begun;
    const answer = {
      runId,
      model: body.model,
      created: Math.floor(systemClock.now() / 1_000),
      includeUsage: body.stream_options?.include_usage === true,
    };
    const headers = { [THREAD_HEADER]: threadId };
    const frames = checkedRun(c, followed(begun), demand, mendedBy(c, begun));
    if (body.stream !== true) {
      return c.json(wholeCompletion(answer, await runEnd(frames)), 200, headers);
    }
    const encoder = new ChatEncoder(answer);
    return eventStream(c, frames, {
      opening: told(encoder.start()),
      headers,
      tell(frame) {
        const last = frame.type === "agent_completed";
        const failed = last && frame.data.problem !== undefined;
        const text = encoder.encode(frame).map(told).join("");
        return { text: last && !failed ? `${text}data: [DONE]\n\n` : text, last };
      },
      broken: (error) => told({ error: openAiError(ApexError.from(error)) }),
    });
  });
  return router;
}

async function begin(
  c: Context<SignedInEnv>,
  body: ChatCompletionBody,
  asked: Asked,
): Promise<Begun> {
  const beginning = { agent: agentOfModel(body.model), key: keyOf(c) };
  const named = c.req.header(THREAD_HEADER) ?? body.metadata?.thread_id;
  if (named === undefined) return await beginThread(c, asked, beginning);
  const threadId = parseInput(ThreadId, named, THREAD_HEADER);
  return await continueThread(c, { threadId, runId: null }, asked, beginning);
}

/** @throws {ApexError} `invalid_fields` where the key is none. */
export function keyOf(c: Context<SignedInEnv>): ClientMessageId | undefined {
  const key = c.req.header("Idempotency-Key");
  return key === undefined ? undefined : parseInput(ClientMessageId, key, "Idempotency-Key");
}

function told(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}
