/** The live connection against a scripted server: losses, gaps, refusals, and nothing said twice. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  ApexClient,
  type ConnectionStatus,
  type ThreadConnection,
} from "../../../src/client/index.ts";
import { MAX_PENDING } from "../../../src/client/outgoing.ts";
import type { ServerFrame } from "../../../src/protocol/events.ts";
import { RunId, type ThreadId } from "../../../src/protocol/ids.ts";
import {
  accepted,
  completed,
  credentials,
  delta,
  failure,
  message,
  problem,
  ready,
  started,
  THREAD,
  thread,
} from "./frames.ts";
import { ScriptedServer } from "./scripted-server.ts";

let server: ScriptedServer;
let frames: ServerFrame[];
let statuses: ConnectionStatus[];
let views: number;

beforeEach(() => {
  vi.useFakeTimers();
  server = new ScriptedServer();
  server.routes.set(`GET /api/threads/${THREAD}`, () => ({
    status: 200,
    body: thread(THREAD, null),
  }));
  frames = [];
  statuses = [];
  views = 0;
});
afterEach(() => {
  vi.useRealTimers();
});

/** Lets everything happen that is due within so many milliseconds. */
const pass = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds);

async function connect(threadId: ThreadId | null = THREAD): Promise<ThreadConnection> {
  const { fetch, WebSocket } = server;
  const client = new ApexClient({ baseUrl: "http://server.test", fetch, WebSocket });
  await client.devLogin({ email: "developer@example.com" });
  const connection = client.connect(threadId, {
    onFrame: (frame) => frames.push(frame),
    onChange: () => views++,
    onStatus: (status) => statuses.push(status),
  });
  await pass();
  return connection;
}

/** @returns a connection whose first socket is open. */
async function open(): Promise<ThreadConnection> {
  const connection = await connect();
  server.socket.accept(ready());
  return connection;
}

async function loseAndReopen(...replayed: ServerFrame[]): Promise<void> {
  server.socket.drop();
  await pass(5_000);
  server.socket.accept(ready(), ...replayed);
}

const search = () => Object.fromEntries(server.socket.url.searchParams);

describe("a connection that cannot be had", () => {
  test.each([
    [404, "not_found"],
    [403, "forbidden"],
  ] as const)("ends with the reason HTTP gives, %i", async (status, code) => {
    const connection = await connect();
    server.routes.set(`GET /api/threads/${THREAD}`, () => ({ status, body: problem(code) }));
    server.socket.drop();
    await pass();
    expect(connection).toMatchObject({ status: "closed", error: { code } });
    await pass(60_000);
    expect(server.sockets).toHaveLength(1);
  });

  test("ends where the sign-in is refused and cannot be renewed", async () => {
    const connection = await connect(null);
    server.routes.set("GET /api/auth/me", () => ({ status: 401 }));
    server.routes.set("POST /api/auth/refresh", () => ({ status: 401 }));
    server.socket.drop();
    await pass();
    expect(connection.error?.code).toBe("session_ended");
  });

  test("is tried again while the network is down", async () => {
    const connection = await connect();
    server.reachable = false;
    server.socket.drop();
    await pass(100_000);
    expect(connection.status).toBe("reconnecting");
    server.reachable = true;
    server.onSocket = (socket) => socket.accept(ready());
    await pass(30_000);
    expect(statuses).toEqual(["reconnecting", "open"]);
  });

  test("is tried again where the upgrade is never answered", async () => {
    await connect();
    await pass(16_000);
    expect(server.sockets).toHaveLength(2);
    expect(server.sockets[0]?.readyState).toBe(3);
  });

  test("is tried again where the access token cannot be renewed just now", async () => {
    server.routes.set("POST /api/auth/dev-login", () => ({ status: 200, body: credentials(1, 0) }));
    server.routes.set("POST /api/auth/refresh", () => ({ status: 503 }));
    const connection = await connect();
    expect(server.sockets).toHaveLength(0);
    server.routes.set("POST /api/auth/refresh", () => ({ status: 200, body: credentials(2) }));
    await pass(1_000);
    server.socket.accept(ready());
    expect(connection.status).toBe("open");
    expect(server.socket.protocols).toEqual(["apex-edge", "bearer.access-2"]);
  });
});

describe("a connection that is lost", () => {
  test("resumes after the last event it saw, in its epoch", async () => {
    const connection = await open();
    expect(search()).toEqual({ after: "0" });
    server.socket.say(accepted(1, null));
    server.socket.say(started(2));
    server.socket.say(delta(0, "All is"));
    await loseAndReopen(delta(0, "All is "), delta(7, "well."), completed(3, "All is well."));
    expect(search()).toEqual({ after: "2", epoch: "epoch-1" });
    expect(connection.view.messages.map(({ text }) => text)).toEqual([
      "Why so slow?",
      "All is well.",
    ]);
    expect(statuses).toEqual(["open", "reconnecting", "open"]);
  });

  test("tells each event once, however often it is replayed", async () => {
    await open();
    server.socket.say(accepted(1, null));
    await loseAndReopen(accepted(1, null), started(2));
    const logged = frames.filter(({ type }) => type !== "connection_ready");
    expect(logged).toEqual([accepted(1, null), started(2)]);
  });

  test("is opened again where an event is missing", async () => {
    await open();
    server.socket.say(accepted(1, null));
    server.socket.say(completed(5, "?"));
    expect(statuses.at(-1)).toBe("reconnecting");
    await pass(1_000);
    expect(search()).toEqual({ after: "1", epoch: "epoch-1" });
  });

  test("is noticed by its silence", async () => {
    await open();
    await pass(20_000);
    expect(server.socket.received).toEqual(['{"type":"ping"}']);
    server.socket.say({ type: "pong" });
    await pass(20_000);
    expect(server.socket.received).toHaveLength(2);
    await pass(10_000);
    expect(statuses.at(-1)).toBe("reconnecting");
    const silent = server.socket;
    await pass(1_000);
    expect(server.socket).not.toBe(silent);
    silent.say(accepted(1, null));
    expect(frames.at(-1)?.type).toBe("pong");
  });

  test("is opened with another token where the server refuses this one, once", async () => {
    const connection = await open();
    server.socket.drop(4401);
    await pass(1_000);
    expect(server.socket.protocols[1]).toBe("bearer.access-2");
    server.socket.drop(4401);
    expect(connection).toMatchObject({ status: "closed", error: { code: "unauthenticated" } });
  });

  test("ends where the server closes it for good", async () => {
    const connection = await open();
    const waiting = connection.send("Anybody there?");
    server.socket.drop(4404);
    await expect(waiting).rejects.toMatchObject({ code: "not_found" });
    await expect(connection.send("Still?")).rejects.toMatchObject({ code: "not_found" });
  });

  test("keeps the thread that the server made for it", async () => {
    const connection = await connect(null);
    expect(server.socket.url.href).toBe("ws://server.test/ws");
    server.socket.accept(ready());
    expect(connection.view.threadId).toBe(THREAD);
    await loseAndReopen();
    expect(server.socket.url.pathname).toBe(`/api/threads/${THREAD}/socket`);
  });
});

describe("a message", () => {
  test("is refused before it is sent where the server would refuse it", async () => {
    const connection = await open();
    await expect(connection.send("  ")).rejects.toMatchObject({ code: "invalid_fields" });
    const large = "\u0001".repeat(15_000);
    await expect(connection.send(large)).rejects.toMatchObject({ code: "too_large" });
    expect(server.socket.received).toEqual([]);
  });

  test("is rejected by the error that names it", async () => {
    const connection = await open();
    const sent = connection.send("Hello", { clientMessageId: "mine" });
    server.socket.say(failure("queue_full", { client_message_id: "other" }));
    server.socket.say(failure("queue_full", { client_message_id: "mine" }));
    await expect(sent).rejects.toMatchObject({ code: "queue_full" });
  });

  test("is rejected where too many wait, or where it waits too long", async () => {
    const connection = await connect();
    const sent = Array.from({ length: MAX_PENDING }, (_, n) => connection.send(`Message ${n}`));
    const outcomes = Promise.allSettled(sent);
    await expect(connection.send("One more")).rejects.toMatchObject({ code: "queue_full" });
    await pass(120_000);
    expect(await outcomes).toEqual(
      sent.map(() => ({
        status: "rejected",
        reason: expect.objectContaining({ code: "unavailable" }),
      })),
    );
  });

  test("waits for the connection, and is sent in order under ids of its own", async () => {
    const connection = await connect();
    void connection.send("First", { agent: "triage", model: "demo" });
    void connection.send("Second");
    server.socket.accept(ready());
    const [first, second] = server.socket.commands;
    expect(first).toMatchObject({ content: "First", agent: "triage", model: "demo" });
    expect(second).toMatchObject({ content: "Second" });
    const ids = server.socket.received.map((text) => JSON.parse(text).client_message_id);
    expect(new Set(ids).size).toBe(2);
  });

  test("is sent again under its id until it is acknowledged, by an old event too", async () => {
    const connection = await open();
    const sent = connection.send("Why so slow?", { clientMessageId: "mine" });
    const again = connection.send("Why so slow?", { clientMessageId: "mine" });
    const [frame] = server.socket.received;
    await loseAndReopen();
    expect(server.socket.received).toEqual([frame]);
    server.socket.say(accepted(1, "mine"));
    const acknowledged = { thread_id: THREAD, message_id: "message-1", run_id: "run-1" };
    expect(await sent).toEqual(acknowledged);
    expect(await again).toEqual(acknowledged);
    const repeated = connection.send("Why so slow?", { clientMessageId: "mine" });
    server.socket.say(accepted(1, "mine"));
    expect(await repeated).toEqual(acknowledged);
    await loseAndReopen();
    expect(server.socket.received).toEqual([]);
  });
});

describe("a cancellation", () => {
  test("names the run whose answer is being written", async () => {
    const connection = await open();
    connection.cancel();
    server.socket.say(accepted(1, null));
    server.socket.say(started(2));
    connection.cancel();
    expect(server.socket.commands).toEqual([
      { type: "cancel" },
      { type: "cancel", run_id: "run-1" },
    ]);
  });

  test("is said once more after a reconnect, unless its run has ended", async () => {
    const connection = await open();
    connection.cancel(RunId.parse("run-1"));
    await loseAndReopen();
    expect(server.socket.commands).toEqual([{ type: "cancel", run_id: "run-1" }]);
    await loseAndReopen(accepted(1, null), started(2));
    expect(server.socket.commands).toEqual([]);
    connection.cancel();
    server.socket.say(completed(3, "", { status: "cancelled" }));
    await loseAndReopen();
    expect(server.socket.commands).toEqual([]);
  });
});

describe("a log that could not be bridged", () => {
  const unbridged = ready({ recovered: false, last_seq: 8, replay_after: 8, epoch: "epoch-2" });
  const newest = [
    message("answer-0", 8, "assistant", "Because."),
    message("message-0", 1, "user", "Why?"),
  ];

  test("is read again with the next connection where the history cannot be had", async () => {
    const connection = await connect();
    server.routes.set(`GET /api/threads/${THREAD}/messages`, () => ({ status: 503 }));
    server.socket.accept(unbridged);
    await pass();
    expect(statuses).toEqual(["open", "reconnecting"]);
    server.routes.set(`GET /api/threads/${THREAD}/messages`, () => ({
      status: 200,
      body: { data: newest, next_cursor: null },
    }));
    await pass(1_000);
    expect(search()).toEqual({ after: "8", epoch: "epoch-2" });
    server.socket.accept(ready({ epoch: "epoch-2", last_seq: 8, replay_after: 8 }));
    await pass();
    expect(connection.view.messages.map(({ text }) => text)).toEqual(["Why?", "Because."]);
  });

  test("gives the history first, and what came meanwhile after it", async () => {
    const connection = await connect();
    const answered = Promise.withResolvers<{ status: number; body: unknown }>();
    server.routes.set(`GET /api/threads/${THREAD}/messages`, () => answered.promise);
    const sent = connection.send("And now?", { clientMessageId: "mine" });
    server.socket.accept(unbridged, accepted(9, "mine", "And now?"));
    expect(await sent).toMatchObject({ message_id: "message-1" });
    expect(connection.view.messages).toEqual([]);
    answered.resolve({ status: 200, body: { data: newest, next_cursor: null } });
    await pass();
    expect(connection.view.messages.map(({ text }) => text)).toEqual([
      "Why?",
      "Because.",
      "And now?",
    ]);
    expect(frames.map(({ type }) => type)).toEqual(["connection_ready", "message_accepted"]);
  });

  test("leaves a history that comes too late to the connection after it", async () => {
    const connection = await connect();
    const late = Promise.withResolvers<{ status: number; body: unknown }>();
    server.routes.set(`GET /api/threads/${THREAD}/messages`, () => late.promise);
    server.socket.accept(unbridged);
    await pass();
    server.socket.drop();
    late.resolve({ status: 200, body: { data: newest, next_cursor: null } });
    await pass();
    expect(connection.view).toMatchObject({ stale: true, messages: [] });
  });
});

describe("a token that runs out", () => {
  test("refuses no message: it goes out again over a socket with another token", async () => {
    const connection = await open();
    const sent = connection.send("Why so slow?", { clientMessageId: "mine" });
    const refused = { command: "user_message", client_message_id: "mine" };
    server.socket.say(failure("token_expired", refused));
    server.socket.drop(4401);
    await pass(1_000);
    server.socket.accept(ready(), accepted(1, "mine"));
    expect(await sent).toMatchObject({ run_id: "run-1" });
    expect(server.socket.protocols[1]).toBe("bearer.access-2");
    expect(server.socket.commands).toMatchObject([{ client_message_id: "mine" }]);
  });

  test("is replaced before it does, where the connection is open and the server in reach", async () => {
    server.routes.set("POST /api/auth/dev-login", () => ({
      status: 200,
      body: credentials(1, 30),
    }));
    server.routes.set("POST /api/auth/refresh", () => ({ status: 503 }));
    await open();
    await pass(20_000);
    server.socket.say({ type: "pong" });
    await pass(20_000);
    expect(server.socket.commands).toEqual([{ type: "ping" }, { type: "ping" }]);
    server.routes.set("POST /api/auth/refresh", () => ({ status: 200, body: credentials(2) }));
    server.socket.say({ type: "pong" });
    await pass(20_000);
    expect(server.socket.commands.at(-1)).toEqual({ type: "reauthenticate", token: "access-2" });
  });
});

test("what is no frame is ignored", async () => {
  await open();
  const before = views;
  server.socket.sayText("{");
  server.socket.say({ type: "weather" });
  expect([frames.length, views]).toEqual([1, before]);
});

test("hanging up is final: no timers, no reconnects, and what waits is rejected", async () => {
  const connection = await open();
  const waiting = connection.send("Hello");
  connection.close();
  await expect(waiting).rejects.toMatchObject({ code: "unavailable" });
  await expect(connection.send("Hello")).rejects.toMatchObject({ code: "unavailable" });
  await pass();
  expect(connection).toMatchObject({ status: "closed", error: null });
  expect([server.sockets.length, vi.getTimerCount()]).toEqual([1, 0]);
});
