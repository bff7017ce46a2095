/** A server that a test plays: its HTTP routes are functions, its sockets the standard's other end. */
import type { SocketConstructor } from "../../../src/client/connection-ports.ts";
import type { Fetch } from "../../../src/client/http.ts";
import { Command } from "../../../src/protocol/commands.ts";
import type { ServerFrame } from "../../../src/protocol/events.ts";
import { credentials } from "./frames.ts";

export interface ReceivedRequest {
  readonly route: string;
  readonly url: string;
  readonly token: string | null;
  readonly body: unknown;
  readonly lastEventId: string | null;
  /** Aborted where the client hangs up. */
  readonly signal: AbortSignal;
}

interface Answer {
  readonly status: number;
  /** Sent as JSON; a string or a stream is sent as it stands. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Route = (request: ReceivedRequest) => Answer | Promise<Answer>;

/** One socket, seen from the server. The client's end keeps to the WHATWG interface. */
export class ScriptedSocket extends EventTarget<WebSocketEventMap> {
  readonly url: URL;
  readonly protocols: readonly string[];
  /** Everything the client sent. */
  readonly received: string[] = [];
  readyState = 0;
  onCommand: ((command: Command) => void) | null = null;

  constructor(url: string, protocols: readonly string[]) {
    super();
    this.url = new URL(url);
    this.protocols = protocols;
  }

  send(data: string): void {
    if (this.readyState === 0) throw new DOMException("Still connecting", "InvalidStateError");
    if (this.readyState > 1) return;
    this.received.push(data);
    queueMicrotask(() => this.onCommand?.(Command.parse(JSON.parse(data))));
  }

  close(code = 1005): void {
    if (this.readyState > 1) return;
    this.readyState = 2;
    queueMicrotask(() => this.drop(code));
  }

  /** Accepts the upgrade, and says the frames. */
  accept(...frames: ServerFrame[]): void {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
    for (const frame of frames) this.say(frame);
  }

  say(frame: ServerFrame | object): void {
    this.sayText(JSON.stringify(frame));
  }

  sayText(data: unknown): void {
    this.dispatchEvent(new MessageEvent("message", { data }));
  }

  /** Ends the connection; without a close frame where the code is 1006. */
  drop(code = 1006): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    if (code === 1006) this.dispatchEvent(new Event("error"));
    this.dispatchEvent(new CloseEvent("close", { code }));
  }

  get commands(): Command[] {
    return this.received.map((data) => Command.parse(JSON.parse(data)));
  }
}

export class ScriptedServer {
  readonly sockets: ScriptedSocket[] = [];
  readonly requests: ReceivedRequest[] = [];
  /** By method and path: `GET /api/threads`. */
  readonly routes = new Map<string, Route>();
  /** false: nothing answers. */
  reachable: boolean;
  onSocket: ((socket: ScriptedSocket) => void) | null = null;

  constructor() {
    this.reachable = true;
    let issued = 0;
    const issue = () => ({ status: 200, body: credentials(++issued) });
    this.routes.set("POST /api/auth/dev-login", issue);
    this.routes.set("POST /api/auth/refresh", issue);
  }

  readonly fetch: Fetch = async (address, init) => {
    const url = new URL(address);
    if (!this.reachable) throw new TypeError("fetch failed");
    const headers = new Headers(init.headers);
    const request = {
      route: `${init.method} ${url.pathname}`,
      url: address,
      token: headers.get("authorization"),
      body: typeof init.body === "string" ? JSON.parse(init.body) : undefined,
      lastEventId: headers.get("last-event-id"),
      signal: init.signal ?? new AbortController().signal,
    };
    this.requests.push(request);
    const route = this.routes.get(request.route);
    const { body, ...head } = route ? await route(request) : { status: 404, body: undefined };
    if (body instanceof ReadableStream) return new Response(body, head);
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return new Response(head.status === 204 ? null : text, head);
  };

  get WebSocket(): SocketConstructor {
    const arrive = (socket: ScriptedSocket) => {
      this.sockets.push(socket);
      queueMicrotask(() => (this.reachable ? this.onSocket?.(socket) : socket.drop()));
    };
    return class extends ScriptedSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        arrive(this);
      }
    };
  }

  /** The newest socket. */
  get socket(): ScriptedSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error("No socket was opened");
    return socket;
  }

  /** @returns how often a route was asked. */
  count(route: string): number {
    return this.requests.filter((request) => request.route === route).length;
  }
}
