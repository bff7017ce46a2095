/** The SDK's front door: accounts, threads, messages, runs and live connections, all typed. */

import type { IdentityProviders } from "../protocol/account.ts";
import type {
  AcceptedMessage,
  CancelReceipt,
  DevLoginBody,
  LoginBody,
  MessagePage,
  MessagesQuery,
  PostMessageBody,
  RegisterBody,
} from "../protocol/api.ts";
import type { Message, Run, User } from "../protocol/entities.ts";
import type { RunId, ThreadId } from "../protocol/ids.ts";
import { MAX_PAGE } from "../protocol/limits.ts";
import type { Report } from "../protocol/report.ts";
import type { SharedThread, SharedThreadQuery } from "../protocol/sharing.ts";
import {
  accountCalls,
  budgetCalls,
  keyCalls,
  limitCalls,
  profileCalls,
  sessionCalls,
} from "./account-calls.ts";
import { AccountFeed } from "./account-feed.ts";
import type { Ask, Open } from "./ask.ts";
import type { Check } from "./checks.ts";
import type { ClientOptions } from "./client-options.ts";
import type {
  Admission,
  ConnectionPorts,
  FeedHandlers,
  ThreadHandlers,
} from "./connection-ports.ts";
import {
  isAcceptedMessage,
  isCancelReceipt,
  isIdentityProviders,
  isMessagePage,
  isRun,
  isTicket,
  isUser,
} from "./entities.ts";
import { HttpClient, type HttpRequest } from "./http.ts";
import { mcpCalls } from "./mcp-calls.ts";
import { operatorCalls } from "./operator-calls.ts";
import { isReport } from "./results.ts";
import { memoryStore, Session } from "./session.ts";
import { teamCalls } from "./team-calls.ts";
import { isSharedThread, threadCalls, threadPath } from "./thread-calls.ts";
import { ThreadConnection } from "./thread-connection.ts";
import { toolCalls, usageCalls } from "./usage-calls.ts";
import { webhookCalls } from "./webhook-calls.ts";

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
      options.apiKey,
    );
    this.#ports = {
      WebSocket: options.WebSocket ?? WebSocket,
      socketUrl: baseUrl.replace(/^http/, "ws"),
      accessToken: () => this.#session.accessToken(),
      admission: async (threadId) => (options.tickets ? this.#admission(threadId) : null),
      renew: (stale) => this.#session.renew(stale),
      probe: (threadId) => (threadId === null ? this.me() : this.threads.get(threadId)),
      history: (threadId) => this.#newestMessages(threadId),
      random: Math.random,
    };
  }

  /** Makes an account, and is signed in to it. */
  register(body: RegisterBody): Promise<User> {
    return this.#session.signIn("/api/auth/register", body);
  }

  /** Signs in by email and password. */
  login(body: LoginBody): Promise<User> {
    return this.#session.signIn("/api/auth/login", body);
  }

  /** Signs in without a password, in development only: `not_found` elsewhere. */
  devLogin(body: DevLoginBody): Promise<User> {
    return this.#session.signIn("/api/auth/dev-login", body);
  }

  /** The identity providers to sign in with: each starts at its address, in a browser. */
  identityProviders(): Promise<IdentityProviders> {
    return this.#http.request(isIdentityProviders, { method: "GET", path: "/api/auth/oauth" });
  }

  /**
   * Takes over the session that a sign-in at a provider has left in this browser's cookies.
   * @param csrfToken of the cookie `__Host-apex-csrf`.
   */
  takeOver(csrfToken: string): Promise<User> {
    return this.#session.takeOver(csrfToken);
  }

  /** Ends the session, and forgets the credentials. */
  logout(): Promise<void> {
    return this.#session.signOut();
  }

  /** Renews the tokens at once: they tell of one's name, team and role as these were. */
  async refresh(): Promise<void> {
    await this.#session.renew(await this.#session.accessToken());
  }

  /** Who is signed in. */
  me(): Promise<User> {
    return this.#call(isUser, { method: "GET", path: "/api/auth/me" });
  }

  readonly threads = threadCalls({
    call: (isAnswer, request) => this.#call(isAnswer, request),
    text: (request) => this.#text(request),
  });

  /** A thread that somebody shared, by the token of the link; nobody needs to be signed in. */
  shared(token: string, query: Partial<SharedThreadQuery> = {}): Promise<SharedThread> {
    const path = `/api/shared/${encodeURIComponent(token)}`;
    return this.#http.request(isSharedThread, { method: "GET", path, query });
  }

  readonly messages = {
    /** A page of a thread's messages. */
    list: (threadId: ThreadId, query: Partial<MessagesQuery> = {}): Promise<MessagePage> =>
      this.#call(isMessagePage, { method: "GET", path: `${threadPath(threadId)}/messages`, query }),
    /** Says something without following the answer; safe to repeat with one client_message_id. */
    post: (threadId: ThreadId, body: PostMessageBody): Promise<AcceptedMessage> =>
      this.#call(isAcceptedMessage, {
        method: "POST",
        path: `${threadPath(threadId)}/messages`,
        body,
      }),
  };

  readonly runs = {
    /** A run, as it stands. */
    get: (id: RunId): Promise<Run> => this.#call(isRun, { method: "GET", path: runPath(id) }),
    /** @throws ApexError `not_found` where the run made none. */
    report: (id: RunId): Promise<Report> =>
      this.#call(isReport, { method: "GET", path: `${runPath(id)}/report` }),
    /** The same as Markdown, to be shown or kept. */
    reportMarkdown: (id: RunId): Promise<string> =>
      this.#text({ method: "GET", path: `${runPath(id)}/report?format=markdown` }),
    /** Stops a run, and tells how it stands then; one that waits in the queue ends in its turn. */
    cancel: (id: RunId): Promise<CancelReceipt> =>
      this.#call(isCancelReceipt, { method: "POST", path: `${runPath(id)}/cancel` }),
  };

  readonly #ask: Ask = (isAnswer, request) => this.#call(isAnswer, request);
  readonly #open: Open = (request, signal) =>
    this.#session.authorized((token) => this.#http.stream({ ...request, token }, signal));

  readonly sessions = sessionCalls(this.#ask);
  readonly keys = keyCalls(this.#ask);
  readonly profile = profileCalls(this.#ask);
  readonly limits = limitCalls(this.#ask);
  readonly budget = budgetCalls(this.#ask);
  readonly account = accountCalls(this.#ask, this.#open, () => this.#session.forget());
  readonly team = teamCalls(this.#ask);
  readonly mcpServers = mcpCalls(this.#ask);
  readonly webhooks = webhookCalls(this.#ask);
  readonly usage = usageCalls(this.#ask, this.#open);
  readonly tools = toolCalls(this.#ask);
  readonly operator = operatorCalls(this.#ask);

  /** Opens a thread live. @param threadId null for a new one, made by the server. */
  connect(threadId: ThreadId | null, handlers: ThreadHandlers = {}): ThreadConnection {
    return new ThreadConnection(threadId, handlers, this.#ports);
  }

  /** Follows all of the user's threads: what begins, ends and changes. */
  feed(handlers: FeedHandlers = {}): AccountFeed {
    return new AccountFeed(handlers, {
      open: (lastEventId, signal) => this.#openFeed(lastEventId, signal),
      probe: () => this.me(),
      random: Math.random,
    });
  }

  #openFeed(lastEventId: string | null, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const headers = {
      accept: "text/event-stream",
      ...(lastEventId !== null && { "last-event-id": lastEventId }),
    };
    return this.#open({ method: "GET", path: "/api/events/stream", headers }, signal);
  }

  async #newestMessages(threadId: ThreadId): Promise<Message[]> {
    // Superseded messages are included: a client that missed an edit learns from them what was replaced.
    const newest = { limit: MAX_PAGE, order: "desc", superseded: "include" } as const;
    const { data } = await this.messages.list(threadId, newest);
    return data.reverse();
  }

  async #admission(given: ThreadId | null): Promise<Admission> {
    const threadId = given ?? (await this.threads.create()).id;
    const path = `${threadPath(threadId)}/ticket`;
    const { ticket } = await this.#call(isTicket, { method: "POST", path });
    return { threadId, ticket };
  }

  #call<Answer>(isAnswer: Check<Answer>, request: HttpRequest): Promise<Answer> {
    return this.#session.authorized((token) => this.#http.request(isAnswer, { ...request, token }));
  }

  #text(request: HttpRequest): Promise<string> {
    return this.#session.authorized((token) => this.#http.text({ ...request, token }));
  }
}

function runPath(id: RunId): string {
  return `/api/runs/${encodeURIComponent(id)}`;
}
