/** The A2A routes: the public agent card, and JSON-RPC for signed-in clients. */

import { LegacyJsonRpcTransportHandler } from "@a2a-js/sdk/compat/v0_3/server";
import { JsonRpcTransportHandler, ServerCallContext } from "@a2a-js/sdk/server";
import type { Context } from "hono";
import * as z from "zod";
import { ANYBODY, defineRoute, requires } from "../../http/define-route.ts";
import { eventStream } from "../../http/event-stream.ts";
import { jsonAnswer } from "../../http/json.ts";
import { jsonBodyOr } from "../../http/large-body.ts";
import { problems } from "../../http/problems.ts";
import { createRouter, type SignedInEnv } from "../../http/router.ts";
import { MAX_BODY_BYTES } from "../../protocol/limits.ts";
import { answerRpcProblem, RPC_CODES } from "../json-rpc.ts";
import { A2A_PATH, CARD_PATH, cardJson } from "./agent-card.ts";
import { requestHandler } from "./request-handler.ts";

const tags = ["A2A"];
const Card = z.looseObject({ name: z.string(), url: z.string(), version: z.string() });

/** JSON-RPC itself says what is wrong with a request: this is for the document, and refuses nothing. */
const REQUEST = {
  type: "object" as const,
  required: ["jsonrpc", "method"],
  properties: {
    jsonrpc: { const: "2.0" },
    id: { type: ["string" as const, "integer" as const] },
    method: { type: "string" as const },
    params: { type: "object" as const },
  },
  additionalProperties: {},
};
const Answer = z.looseObject({
  jsonrpc: z.literal("2.0"),
  id: z.union([z.string(), z.number(), z.null()]),
});

const card = defineRoute({
  method: "get",
  path: CARD_PATH,
  tags,
  ...ANYBODY,
  summary: "The agent card of A2A",
  responses: { 200: jsonAnswer(Card, "How other agents speak to this one") },
});

const call = defineRoute({
  method: "post",
  path: A2A_PATH,
  tags,
  ...jsonBodyOr(() => false, MAX_BODY_BYTES, requires("runs:write")),
  summary: "Send a message, and see how its task stands, in A2A",
  description:
    "JSON-RPC 2.0, in A2A 1.0 (`SendMessage`, `SendStreamingMessage`, `GetTask`, `CancelTask`, `SubscribeToTask`) and 0.3 (`message/send`, `message/stream`, `tasks/get`, `tasks/cancel`, `tasks/resubscribe`). A task is a run and a context is a thread, by the same ids. What fails is told as JSON-RPC's error, with 200; who may not ask, and a body that is not read, by problem details with JSON-RPC's `error` beside them.",
  request: { body: { required: true, content: { "application/json": { schema: REQUEST } } } },
  responses: {
    200: {
      description: "The answer, or where a stream was asked for, its answers",
      content: {
        "application/json": { schema: Answer },
        "text/event-stream": { schema: z.string() },
      },
    },
    ...problems("unauthenticated", "token_invalid", "token_expired", "forbidden"),
    ...problems("malformed_body", "unsupported_media_type", "too_large", "body_timeout"),
  },
});

/** @returns the routes. */
export function a2aRoutes() {
  const router = createRouter();
  router.onError(answerRpcProblem);
  router.openapi(card, (c) => c.json(Card.parse(cardJson(new URL(c.req.url).origin)), 200));
  router.openapi(call, (c) => answer(c));
  return router;
}

/** For bodies of which not even an id can be read. */
const PARSE_ERROR = { code: RPC_CODES.parseError, message: "The body is not valid JSON." };
const INVALID_REQUEST = {
  code: RPC_CODES.invalidRequest,
  message: "The body is not a JSON-RPC 2.0 request.",
};

async function answer(c: Context<SignedInEnv>): Promise<Response> {
  const body = jsonIn(await c.req.text());
  if (body === undefined) return refusal(c, PARSE_ERROR);
  const request = Envelope.safeParse(body);
  if (!request.success) return refusal(c, INVALID_REQUEST, Identified.safeParse(body).data?.id);
  const { id, method } = request.data;
  const leaving = new AbortController();
  const handler = requestHandler(c, leaving.signal);
  const context = new ServerCallContext();
  // The methods of 0.3 have a slash in their names, and those of 1.0 have none.
  const isOld = method.includes("/");
  const answered = isOld
    ? await new LegacyJsonRpcTransportHandler(handler).handle(request.data, context)
    : await new JsonRpcTransportHandler(handler).handle(request.data, context);
  if (!(Symbol.asyncIterator in answered)) return c.json(answered, 200);
  const errorOf = (error: unknown) =>
    isOld
      ? LegacyJsonRpcTransportHandler.mapToLegacyJSONRPCError(error)
      : JsonRpcTransportHandler.mapToJSONRPCError(error);
  try {
    // Refusals are answered before the stream is opened.
    const first = await answered.next();
    return eventStream(
      c,
      streamOf(first, answered, () => leaving.abort()),
      {
        tell: (value) => ({ text: block(value), last: false }),
        broken: (error) =>
          error === null ? "" : block({ jsonrpc: "2.0", id, error: errorOf(error) }),
        headers: { "Cache-Control": "no-store, no-transform" },
      },
    );
  } catch (error) {
    return refusal(c, errorOf(error), id);
  }
}

const Identified = z.looseObject({
  id: z.union([z.string(), z.number(), z.null()]).default(null).catch(null),
});
const Envelope = Identified.extend({ jsonrpc: z.literal("2.0"), method: z.string().min(1) });

function refusal(
  c: Context<SignedInEnv>,
  error: object,
  id: z.infer<typeof Identified>["id"] = null,
): Response {
  return c.json({ jsonrpc: "2.0", id, error }, 200);
}

/** @returns undefined where the text is no JSON. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function block(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

/** @param leave is called when the stream is left: what it waits for would not hear of it otherwise. */
function streamOf<Value>(
  first: IteratorResult<Value, unknown>,
  rest: AsyncGenerator<Value, unknown>,
  leave: () => void,
): ReadableStream<Value> {
  return new ReadableStream<Value>(
    {
      start(controller) {
        if (first.done) controller.close();
        else controller.enqueue(first.value);
      },
      async pull(controller) {
        const { done, value } = await rest.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: leave,
    },
    { highWaterMark: 0 },
  );
}
