/** How MCP is spoken over HTTP: one request, one server, of the era that the request is written in. */
import { createMcpHandler, type McpServerFactory } from "@modelcontextprotocol/server";
import { MAX_BODY_BYTES } from "../../protocol/limits.ts";

/** Proxies close a stream that is silent; they wait for half a minute at least. */
const HEARTBEAT_MS = 15_000;

/**
 * Nothing is kept between two requests, in either era: any isolate answers any of them, and a restart loses
 * no session.
 * @param body what the request's body holds, parsed.
 * @param onError told what was refused, or went wrong, before a handler had it.
 */
export function serveMcp(
  request: Request,
  body: unknown,
  factory: McpServerFactory,
  onError: (error: Error) => void,
): Promise<Response> {
  const handler = createMcpHandler(factory, {
    keepAliveMs: HEARTBEAT_MS,
    maxRequestBodySize: MAX_BODY_BYTES,
    onerror: onError,
  });
  return handler.fetch(request, { parsedBody: body });
}
