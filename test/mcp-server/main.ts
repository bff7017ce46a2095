/** An MCP server for tests: real HTTP on the loopback, well-behaved until it is told to be anything else. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { answerMcp, ECHO, idOf, methodOf, type ScriptedTool } from "./answer.ts";

/** How it answers the method it is told to misbehave at. */
export type Misbehaviour =
  | { readonly kind: "hangs" | "hangs_in_body" | "endless" | "html" | "torn" }
  | { readonly kind: "status"; readonly status: number }
  | { readonly kind: "redirects"; readonly to: string }
  /** Tells a length that is not that of what it sends. */
  | { readonly kind: "lies"; readonly length: number }
  | { readonly kind: "refuses"; readonly message: string }
  /** The result of a call. */
  | { readonly kind: "result"; readonly result: object };

const CHUNK = Buffer.alloc(256 * 1024, " ");
/** All that the endless answer holds: 100 MB. */
const ENDLESS_BYTES = 100 * 1024 * 1024;

/** How a server is protected by OAuth. */
export interface Protection {
  /** Judges the Authorization header. */
  readonly accepts: (authorization: string | undefined) => boolean;
  /** What it is told whom it does not accept (RFC 6750, section 3). */
  readonly challenge: string;
  /** How long whoever it does not accept waits to be told so, in milliseconds. */
  readonly refusesAfter?: number;
  /** The server's own metadata (RFC 9728), below `/.well-known/oauth-protected-resource`. */
  readonly metadata: object;
}

export interface ScriptedMcpServer {
  /** Of its endpoint. */
  readonly url: string;
  readonly port: number;
  tools: readonly ScriptedTool[];
  /** What it does at a method; the empty map is good behaviour. */
  readonly misbehaves: Map<string, Misbehaviour>;
  /** What it was asked, oldest first: the method, and the secret it was shown. */
  readonly seen: {
    readonly method: string;
    readonly secret: string | undefined;
    readonly traceparent: string | undefined;
  }[];
  /** Bytes of endless answers that it could send. */
  sent: number;
  /** Who may ask, where not everybody may. */
  protection: Protection | null;
  close(): Promise<void>;
}

/** Starts the server on a free port of the loopback, or on the one given. */
export async function startMcpServer({ port = 0 } = {}): Promise<ScriptedMcpServer> {
  const http = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => http.listen(port, "127.0.0.1", resolve));
  const address: AddressInfo | string | null = http.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port");

  const server: ScriptedMcpServer = {
    url: `http://127.0.0.1:${address.port}/mcp`,
    port: address.port,
    tools: [ECHO],
    misbehaves: new Map(),
    seen: [],
    sent: 0,
    protection: null,
    close() {
      http.closeAllConnections();
      return new Promise((resolve) => http.close(() => resolve()));
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const json = { "content-type": "application/json" };
    const { protection } = server;
    if (protection && request.url?.startsWith("/.well-known/oauth-protected-resource")) {
      return void response.writeHead(200, json).end(JSON.stringify(protection.metadata));
    }
    if (request.method !== "POST") return void response.writeHead(405).end();
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
    const method = methodOf(body);
    const { authorization: secret, traceparent } = request.headers;
    server.seen.push({ method, secret, traceparent: traceparent?.toString() });
    if (protection && !protection.accepts(secret)) {
      await new Promise((resolve) => setTimeout(resolve, protection.refusesAfter ?? 0));
      const refusal = { ...json, "www-authenticate": protection.challenge };
      return void response.writeHead(401, refusal).end("{}");
    }
    const misbehaviour = server.misbehaves.get(method);
    if (misbehaviour !== undefined && misbehaviour.kind !== "result") {
      return await misbehave(misbehaviour, body, response);
    }
    const told =
      misbehaviour === undefined
        ? answerMcp(body, server.tools)
        : answerMcp(body, server.tools, () => misbehaviour.result);
    if (told === null) return void response.writeHead(202).end();
    response.writeHead(200, json).end(JSON.stringify(told));
  }

  async function misbehave(
    how: Misbehaviour,
    body: unknown,
    response: ServerResponse,
  ): Promise<void> {
    const json = { "content-type": "application/json" };
    switch (how.kind) {
      case "hangs":
        return;
      case "hangs_in_body":
        return void response.writeHead(200, json).write('{"jsonrpc":');
      case "endless":
        response.writeHead(200, json);
        while (server.sent < ENDLESS_BYTES && !response.destroyed) {
          server.sent += CHUNK.length;
          if (!response.write(CHUNK)) {
            await new Promise((resolve) => {
              response.once("drain", resolve);
              response.once("close", resolve);
            });
          }
        }
        return void response.end();
      case "refuses": {
        const told = {
          jsonrpc: "2.0",
          id: idOf(body),
          error: { code: -32602, message: how.message },
        };
        return void response.writeHead(200, json).end(JSON.stringify(told));
      }
      case "html":
        return void response.writeHead(200, { "content-type": "text/html" }).end("<p>Hello</p>");
      case "torn":
        return void response.writeHead(200, json).end('{"jsonrpc":"2.0","id":');
      case "status":
        return void response.writeHead(how.status).end("No.");
      case "redirects":
        return void response.writeHead(307, { location: how.to }).end();
      case "lies":
        response.writeHead(200, { ...json, "content-length": how.length });
        response.write('{"jsonrpc":"2.0","id":1,"result":{}}');
        return void response.socket?.end();
      default:
        throw new Error("Its results are its own.");
    }
  }

  return server;
}
