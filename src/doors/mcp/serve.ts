/** How MCP is spoken over HTTP: one request, one server, of the era that the request is written in. */
import {
  createMcpHandler,
  isInitializeRequest,
  type McpServerFactory,
} from "@modelcontextprotocol/server";
import * as z from "zod";
import { withSession } from "./session.ts";

/** Proxies close a stream that is silent; they wait for half a minute at least. */
const HEARTBEAT_MS = 15_000;
/** Of a call: behind a proxy, that its client has left shows at the next thing that is written. */
const CALL_HEARTBEAT_MS = 2_000;

const Call = z.looseObject({ method: z.literal("tools/call") });

/**
 * Nothing is kept between two requests, in either era: every isolate answers all of them, and a restart
 * loses no session.
 * @param body what the request's body holds, parsed.
 * @param onError told what was refused, or went wrong, before a handler had it.
 */
export async function serveMcp(
  request: Request,
  body: unknown,
  factory: McpServerFactory,
  onError: (error: Error) => void,
): Promise<Response> {
  const isCall = Call.safeParse(body).success;
  const handler = createMcpHandler(factory, {
    keepAliveMs: isCall ? CALL_HEARTBEAT_MS : HEARTBEAT_MS,
    responseMode: isCall ? "sse" : "auto",
    onerror: onError,
  });
  const left = new AbortController();
  // The request's own tells at once, by the flag `enable_request_signal`; the answer's, at the next thing written.
  const signal = AbortSignal.any([request.signal, left.signal]);
  const answer = await handler.fetch(new Request(request, { signal }), { parsedBody: body });
  const told = whoeverLeaves(answer, () => left.abort());
  return isInitializeRequest(body) && told.ok ? withSession(told) : told;
}

/** @returns the answer, whose reader's leaving is told: the platform tells it of streams alone. */
function whoeverLeaves(answer: Response, onLeave: () => void): Response {
  const reader = answer.body?.getReader();
  if (reader === undefined) return answer;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel(reason) {
      onLeave();
      await reader.cancel(reason);
    },
  });
  return new Response(body, answer);
}
