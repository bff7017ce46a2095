/** The SDK's front door: accounts, threads, messages, runs and live connections, all typed. */

import type * as z from "zod";
import {
  AcceptedMessage,
  CancelReceipt,
  type CreateThreadBody,
  type DevLoginBody,
  type LoginBody,
  MessagePage,
  type MessagesQuery,
  type PageQuery,
  type PostMessageBody,
  type RegisterBody,
  ThreadPage,
  type UpdateThreadBody,
} from "../protocol/api.ts";
import { type Message, Run, Thread, User } from "../protocol/entities.ts";
import type { RunId, ThreadId } from "../protocol/ids.ts";
import { MAX_PAGE } from "../protocol/limits.ts";
import type { ConnectionPorts, SocketConstructor, ThreadHandlers } from "./connection-ports.ts";
import { type Fetch, HttpClient, type HttpRequest, Nothing } from "./http.ts";
import { type CredentialStore, type Exclusive, memoryStore, Session } from "./session.ts";
import { ThreadConnection } from "./thread-connection.ts";

export interface ClientOptions {
  /** Where the server stands: `https://chat.example.com`. */
  readonly baseUrl: string;
  /** Where the credentials are kept; in memory where none is given. */
  readonly store?: CredentialStore;
  /** Wraps every renewal, so that several holders of one store never renew at once. */
  readonly exclusive?: Exclusive;
  readonly fetch?: Fetch;
  readonly WebSocket?: SocketConstructor;
}

/** Every method throws ApexError: the server's problem, or `unavailable` where it is out of reach. */
export class ApexClient {
  readonly #http: HttpClient;
  readonly #session: Session;
  readonly #ports: ConnectionPorts;

  constructor(options: ClientOptions) {
    const baseUrl = options.baseUrl.replace(/\/+$/, "");
    this.#http = new HttpClient(baseUrl, options.fetch ?? ((url, init) => fetch(url, init)));
    this.#session = new Session(
      this.#http,
      options.store ?? memoryStore(),
      options.exclusive ?? ((work) => work()),
    );
    this.#ports = {
      WebSocket: options.WebSocket ?? WebSocket,
      socketUrl: baseUrl.replace(/^http/, "ws"),
      accessToken: () => this.#session.accessToken(),
      renew: (stale) => this.#session.renew(stale),
      probe: (threadId) => (threadId === null ? this.me() : this.threads.get(threadId)),
      history: (threadId) => this.#newestMessages(threadId),
      random: Math.random,
    };
  }

  register(body: RegisterBody): Promise<User> {
    return this.#session.signIn("/api/auth/register", body);
  }

  login(body: LoginBody): Promise<User> {
    return this.#session.signIn("/api/auth/login", body);
  }

  /** Signs in without a password, in development only: `not_found` elsewhere. */
  devLogin(body: DevLoginBody): Promise<User> {
    return this.#session.signIn("/api/auth/dev-login", body);
  }

  logout(): Promise<void> {
    return this.#session.signOut();
  }

  me(): Promise<User> {
    return this.#call(User, { method: "GET", path: "/api/auth/me" });
  }

  readonly threads = {
    create: (body: CreateThreadBody = {}): Promise<Thread> =>
      this.#call(Thread, { method: "POST", path: "/api/threads", body }),
    list: (query: Partial<PageQuery> = {}): Promise<ThreadPage> =>
      this.#call(ThreadPage, { method: "GET", path: "/api/threads", query }),
    get: (id: ThreadId): Promise<Thread> =>
      this.#call(Thread, { method: "GET", path: threadPath(id) }),
    update: (id: ThreadId, body: UpdateThreadBody): Promise<Thread> =>
      this.#call(Thread, { method: "PATCH", path: threadPath(id), body }),
    delete: (id: ThreadId): Promise<void> =>
      this.#call(Nothing, { method: "DELETE", path: threadPath(id) }),
  };

  readonly messages = {
    list: (threadId: ThreadId, query: Partial<MessagesQuery> = {}): Promise<MessagePage> =>
      this.#call(MessagePage, { method: "GET", path: `${threadPath(threadId)}/messages`, query }),
    /** Says something without following the answer; safe to repeat with one client_message_id. */
    post: (threadId: ThreadId, body: PostMessageBody): Promise<AcceptedMessage> =>
      this.#call(AcceptedMessage, {
        method: "POST",
        path: `${threadPath(threadId)}/messages`,
        body,
      }),
  };

  readonly runs = {
    get: (id: RunId): Promise<Run> => this.#call(Run, { method: "GET", path: runPath(id) }),
    /** @returns the run as it stands now; one that waits in the queue ends in its turn. */
    cancel: (id: RunId): Promise<CancelReceipt> =>
      this.#call(CancelReceipt, { method: "POST", path: `${runPath(id)}/cancel` }),
  };

  /** Opens a thread live. @param threadId null for a new one, made by the server. */
  connect(threadId: ThreadId | null, handlers: ThreadHandlers = {}): ThreadConnection {
    return new ThreadConnection(threadId, handlers, this.#ports);
  }

  async #newestMessages(threadId: ThreadId): Promise<Message[]> {
    const { data } = await this.messages.list(threadId, { limit: MAX_PAGE, order: "desc" });
    return data.reverse();
  }

  #call<Schema extends z.ZodType>(schema: Schema, request: HttpRequest): Promise<z.output<Schema>> {
    return this.#session.authorized((token) => this.#http.request(schema, { ...request, token }));
  }
}

function threadPath(id: ThreadId): string {
  return `/api/threads/${encodeURIComponent(id)}`;
}

function runPath(id: RunId): string {
  return `/api/runs/${encodeURIComponent(id)}`;
}
