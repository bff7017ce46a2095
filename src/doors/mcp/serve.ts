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
const CALL_HEARTBEAT_MS = 500;

const Call = z.looseObject({ method: z.literal("tools/call") });

/**
 * Keeps nothing between requests, whichever protocol version is spoken: any isolate can answer any request, and
 * a restart loses no session.
 * @param body the request's body, parsed.
 * @param onError called with whatever was refused, or failed, before it reached a handler.
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
  // Its signal tells that the client has left: the platform's flag `enable_request_signal`.
  const answer = await handler.fetch(request, { parsedBody: body });
  return isInitializeRequest(body) && answer.ok ? withSession(answer) : answer;
}
