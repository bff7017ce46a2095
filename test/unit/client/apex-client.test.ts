/** The client over HTTP: what it asks, what it makes of answers, and how it stays signed in. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ApexClient } from "../../../src/client/apex-client.ts";
import { type CredentialStore, memoryStore } from "../../../src/client/session.ts";
import { RefreshBody } from "../../../src/protocol/api.ts";
import { MessageId, RunId } from "../../../src/protocol/ids.ts";
import { AT, credentials, message, problem, THREAD, thread, USAGE, USER } from "./frames.ts";
import { ScriptedServer } from "./scripted-server.ts";

const RUN = {
  id: "run-1",
  thread_id: THREAD,
  message_id: "message-1",
  answer_id: "answer-1",
  status: "cancelled",
  agent: "supervisor",
  model: "demo",
  final_response: null,
  usage: USAGE,
  problem: null,
  created_at: AT,
  started_at: AT,
  completed_at: AT,
};
const EMAIL = { email: USER.email };

let server: ScriptedServer;
let store: CredentialStore;
let client: ApexClient;

beforeEach(() => {
  vi.useFakeTimers();
  server = new ScriptedServer();
  store = memoryStore();
  client = new ApexClient({ baseUrl: "http://server.test/", store, fetch: server.fetch });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("an API key", () => {
  beforeEach(() => {
    const { fetch } = server;
    client = new ApexClient({ baseUrl: "http://server.test", apiKey: "apx_key_1", fetch });
  });

  test("that is refused is not traded for another: the caller is told", async () => {
    server.routes.set("GET /api/auth/me", () => ({
      status: 401,
      body: problem("token_invalid", 401),
    }));
    await expect(client.me()).rejects.toMatchObject({ code: "token_invalid" });
    expect(server.requests.map(({ route }) => route)).toEqual(["GET /api/auth/me"]);
  });

  test("goes along in the place of a token, without anybody signing in", async () => {
    server.routes.set("GET /api/auth/me", () => ({ status: 200, body: USER }));
    expect(await client.me()).toEqual(USER);
    expect(server.requests.map(({ token }) => token)).toEqual(["Bearer apx_key_1"]);
  });
});

describe("an answer that is not the promised one", () => {
  test("is the server's own problem where it sent one", async () => {
    const body = { ...problem("rate_limited", 429), retry_after: 7 };
    server.routes.set("POST /api/auth/login", () => ({ status: 429, body }));
    await expect(client.login({ ...EMAIL, password: "secret" })).rejects.toMatchObject({
      code: "rate_limited",
      message: "Refused: rate_limited",
      retryAfter: 7,
    });
  });

  test.each([
    [404, "<html>", "not_found", "The server answered with status 404."],
    [502, "<html>", "unavailable", "The server answered with status 502."],
    [418, undefined, "internal", "The server answered with status 418."],
    [429, problem("quota_of_2027"), "rate_limited", "Refused: quota_of_2027"],
  ])(
    "is judged by its status %i where the problem is unknown",
    async (status, body, code, said) => {
      server.routes.set("POST /api/auth/dev-login", () => ({ status, body }));
      await expect(client.devLogin(EMAIL)).rejects.toMatchObject({ code, message: said });
    },
  );

  test("keeps what a newer server called it, and its words", async () => {
    const body = { ...problem("quota_of_2027"), retry_after: 7 };
    server.routes.set("POST /api/auth/dev-login", () => ({ status: 429, body }));
    await expect(client.devLogin(EMAIL)).rejects.toMatchObject({
      newerCode: "quota_of_2027",
      retryAfter: 7,
    });
  });

  test("says when to try again where only its header does", async () => {
    const headers = { "retry-after": "30" };
    server.routes.set("POST /api/auth/dev-login", () => ({ status: 503, body: "<html>", headers }));
    await expect(client.devLogin(EMAIL)).rejects.toMatchObject({
      code: "unavailable",
      retryAfter: 30,
    });
  });

  test("is refused where its form is wrong", async () => {
    server.routes.set("POST /api/auth/dev-login", () => ({ status: 200, body: { user: "me" } }));
    await expect(client.devLogin(EMAIL)).rejects.toMatchObject({
      code: "internal",
      message: "The answer to /api/auth/dev-login has an unexpected form.",
    });
  });

  test("is `unavailable` where the server is out of reach", async () => {
    server.reachable = false;
    await expect(client.devLogin(EMAIL)).rejects.toMatchObject({
      code: "unavailable",
      message: "The server at http://server.test could not be reached.",
    });
  });
});

describe("a session", () => {
  test("is needed for everything but signing in", async () => {
    await expect(client.me()).rejects.toMatchObject({ code: "unauthenticated" });
    expect(server.requests).toEqual([]);
  });

  test("ignores what a store holds that is no credentials", async () => {
    const load = async () => ({ access_token: 7 });
    client = new ApexClient({
      baseUrl: "http://server.test",
      store: { ...store, load },
      fetch: server.fetch,
    });
    await expect(client.me()).rejects.toMatchObject({ code: "unauthenticated" });
  });

  test("ends here where the server no longer knows it", async () => {
    await client.devLogin(EMAIL);
    server.routes.set("GET /api/auth/me", () => ({ status: 401, body: problem("token_expired") }));
    server.routes.set("POST /api/auth/refresh", () => ({
      status: 401,
      body: problem("session_ended"),
    }));
    await expect(client.me()).rejects.toMatchObject({ code: "session_ended" });
    expect(await store.load()).toBeNull();
  });

  test("survives a renewal that could not reach the server", async () => {
    await client.devLogin(EMAIL);
    vi.advanceTimersByTime(800_000);
    server.reachable = false;
    await expect(client.me()).rejects.toMatchObject({ code: "unavailable" });
    server.reachable = true;
    server.routes.set("GET /api/auth/me", () => ({ status: 200, body: USER }));
    expect(await client.me()).toEqual(USER);
  });

  test("renews by the same two tokens until it is answered, also by another who has the store", async () => {
    server.routes.set("GET /api/auth/me", () => ({ status: 200, body: USER }));
    await client.devLogin(EMAIL);
    const renew = server.routes.get("POST /api/auth/refresh");
    vi.advanceTimersByTime(800_000);
    server.routes.set("POST /api/auth/refresh", () => ({ status: 503 }));
    await expect(client.me()).rejects.toMatchObject({ code: "unavailable" });
    if (renew) server.routes.set("POST /api/auth/refresh", renew);
    const tab = new ApexClient({ baseUrl: "http://server.test", store, fetch: server.fetch });
    await tab.me();
    vi.advanceTimersByTime(800_000);
    await tab.me();

    const renewals = server.requests.filter(({ route }) => route === "POST /api/auth/refresh");
    const [lost, again, later] = renewals.map(({ body }) => RefreshBody.parse(body));
    expect(lost?.refresh_token).toBe("refresh-1");
    expect(again).toEqual(lost);
    expect(later?.refresh_token).toBe("refresh-2");
    expect(later?.next_refresh_token).not.toBe(lost?.next_refresh_token);
  });

  test("renews the token before it runs out, once for all who wait", async () => {
    server.routes.set("GET /api/auth/me", () => ({ status: 200, body: USER }));
    await client.devLogin(EMAIL);
    await client.me();
    vi.advanceTimersByTime(0.8 * 900_000);
    await Promise.all([client.me(), client.me(), client.me()]);
    expect(server.count("POST /api/auth/refresh")).toBe(1);
    const tokens = server.requests.slice(-3).map(({ token }) => token);
    expect(tokens).toEqual(Array(3).fill("Bearer access-2"));
  });

  test("renews a refused token and asks once more, no oftener", async () => {
    server.routes.set("GET /api/auth/me", () => ({ status: 401, body: problem("token_invalid") }));
    await client.devLogin(EMAIL);
    await expect(client.me()).rejects.toMatchObject({ code: "token_invalid" });
    expect(server.requests.map(({ route }) => route)).toEqual([
      "POST /api/auth/dev-login",
      "GET /api/auth/me",
      "POST /api/auth/refresh",
      "GET /api/auth/me",
    ]);
  });

  test("takes over what another tab has renewed, for a refresh token serves once", async () => {
    await client.devLogin(EMAIL);
    const exclusive = async <Result>(work: () => Promise<Result>) => {
      const { expires_in, ...other } = credentials(7);
      await store.save({ ...other, renew_at: Date.now() + expires_in });
      return work();
    };
    const tab = new ApexClient({
      baseUrl: "http://server.test",
      store,
      exclusive,
      fetch: server.fetch,
    });
    server.routes.set("GET /api/auth/me", ({ token }) =>
      token === "Bearer access-7"
        ? { status: 200, body: USER }
        : { status: 401, body: problem("token_expired") },
    );
    expect(await tab.me()).toEqual(USER);
    expect(server.count("POST /api/auth/refresh")).toBe(0);
  });

  test("is ended by its refresh token on signing out, and forgotten", async () => {
    await client.devLogin(EMAIL);
    server.routes.set("POST /api/auth/logout", () => ({ status: 204 }));
    await client.logout();
    expect(await store.load()).toBeNull();
    await client.logout();
    expect(server.requests.slice(1)).toMatchObject([
      { route: "POST /api/auth/logout", body: { refresh_token: "refresh-1" } },
    ]);
  });

  test("is forgotten on signing out also where the server is out of reach", async () => {
    await client.devLogin(EMAIL);
    server.reachable = false;
    await expect(client.logout()).rejects.toMatchObject({ code: "unavailable" });
    expect(await store.load()).toBeNull();
  });
});

test("each method asks its route, and gives the parsed answer", async () => {
  const answer = (route: string, status: number, body?: unknown) =>
    server.routes.set(route, () => ({ status, body }));
  const page = { data: [thread(THREAD, "Latency")], has_more: true, next_cursor: "more" };
  const messages = {
    data: [message("message-1", 1, "user", "Hello")],
    has_more: false,
    next_cursor: null,
  };
  const acceptance = { thread_id: THREAD, message_id: "message-1", run_id: "run-1" };
  answer("POST /api/auth/register", 201, credentials(1));
  answer("POST /api/threads", 201, thread(THREAD, null));
  answer("GET /api/threads", 200, page);
  answer(`GET /api/threads/${THREAD}`, 200, thread(THREAD, "Latency"));
  answer(`PATCH /api/threads/${THREAD}`, 200, thread(THREAD, "Cost"));
  const copy = { thread_id: THREAD, message_id: "message-1" };
  answer(`POST /api/threads/${THREAD}/fork`, 201, {
    ...thread("thread-2", null),
    forked_from: copy,
  });
  answer(`DELETE /api/threads/${THREAD}`, 204);
  answer(`GET /api/threads/${THREAD}/messages`, 200, messages);
  answer(`POST /api/threads/${THREAD}/messages`, 202, acceptance);
  answer("GET /api/runs/run-1", 200, RUN);
  answer("POST /api/runs/run-1/cancel", 202, { ...RUN, last_seq: 7 });

  expect(await client.register({ ...EMAIL, password: "long enough" })).toEqual(USER);
  expect(await client.threads.create()).toEqual(thread(THREAD, null));
  expect(await client.threads.list({ limit: 5, cursor: "a b" })).toEqual(page);
  expect(await client.threads.get(THREAD)).toEqual(thread(THREAD, "Latency"));
  expect(await client.threads.update(THREAD, { title: "Cost" })).toEqual(thread(THREAD, "Cost"));
  const fork = { message_id: MessageId.parse("message-1"), title: "What if" };
  expect(await client.threads.fork(THREAD, fork)).toMatchObject({ forked_from: copy });
  expect(await client.threads.delete(THREAD)).toBeUndefined();
  expect(await client.messages.list(THREAD, { order: "desc" })).toEqual(messages);
  expect(await client.messages.post(THREAD, { content: "Hello" })).toEqual(acceptance);
  expect(await client.runs.get(RunId.parse("run-1"))).toEqual(RUN);
  expect(await client.runs.cancel(RunId.parse("run-1"))).toEqual({ ...RUN, last_seq: 7 });

  const [, create, list, , update, forked, , history, post] = server.requests;
  expect(create).toMatchObject({ body: {}, token: "Bearer access-1" });
  expect(list?.url).toBe("http://server.test/api/threads?limit=5&cursor=a+b");
  expect(update?.body).toEqual({ title: "Cost" });
  expect(forked?.body).toEqual(fork);
  expect(history?.url).toContain("?order=desc");
  expect(post?.body).toEqual({ content: "Hello" });
});
