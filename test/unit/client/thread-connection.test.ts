/** The live connection against a scripted server: losses, gaps and refusals. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { MessageId } from "../../../src/protocol/ids.ts";
import { writtenOf } from "../../../src/protocol/written.ts";
import {
  accepted,
  completed,
  credentials,
  delta,
  message,
  problem,
  ready,
  started,
  THREAD,
  thread,
} from "./frames.ts";
import { pass, Stage } from "./stage.ts";

let stage: Stage;

beforeEach(() => {
  vi.useFakeTimers();
  stage = new Stage();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a connection that cannot be had", () => {
  test.each([
    [404, "not_found"],
    [403, "forbidden"],
  ] as const)("ends with the reason HTTP gives, %i", async (status, code) => {
    const connection = await stage.connect();
    stage.server.routes.set(`GET /api/threads/${THREAD}`, () => ({ status, body: problem(code) }));
    stage.server.socket.drop();
    await pass();
    expect(connection).toMatchObject({ status: "closed", error: { code } });
    await pass(60_000);
    expect(stage.server.sockets).toHaveLength(1);
  });

  test("ends where the sign-in is refused and cannot be renewed", async () => {
    const connection = await stage.connect(null);
    stage.server.routes.set("GET /api/auth/me", () => ({ status: 401 }));
    stage.server.routes.set("POST /api/auth/refresh", () => ({ status: 401 }));
    stage.server.socket.drop();
    await pass();
    expect(connection.error?.code).toBe("session_ended");
  });

  test("is tried again while the network is down", async () => {
    const connection = await stage.connect();
    stage.server.reachable = false;
    stage.server.socket.drop();
    await pass(100_000);
    expect(connection.status).toBe("reconnecting");
    stage.server.reachable = true;
    stage.server.onSocket = (socket) => socket.accept(ready());
    await pass(10_000);
    expect(stage.statuses).toEqual(["reconnecting", "open"]);
  });

  test("is tried again where the upgrade is never answered", async () => {
    await stage.connect();
    await pass(16_000);
    expect(stage.server.sockets).toHaveLength(2);
    expect(stage.server.sockets[0]?.readyState).toBe(3);
  });

  test("is tried again where the access token cannot be renewed just now", async () => {
    stage.server.routes.set("POST /api/auth/dev-login", () => ({
      status: 200,
      body: credentials(1, 0),
    }));
    stage.server.routes.set("POST /api/auth/refresh", () => ({ status: 503 }));
    const connection = await stage.connect();
    expect(stage.server.sockets).toHaveLength(0);
    stage.server.routes.set("POST /api/auth/refresh", () => ({
      status: 200,
      body: credentials(2),
    }));
    await pass(1_000);
    stage.server.socket.accept(ready());
    expect(connection.status).toBe("open");
    expect(stage.server.socket.protocols).toEqual(["apex-edge", "bearer.access-2"]);
  });
});

describe("a connection that is lost", () => {
  test("resumes after the last event it saw, in its epoch", async () => {
    const connection = await stage.open();
    expect(stage.search()).toEqual({ after: "0" });
    stage.server.socket.say(accepted(1, null));
    stage.server.socket.say(started(2));
    stage.server.socket.say(delta(0, "All is"));
    await stage.loseAndReopen(delta(6, " "), delta(7, "well"));
    const written = writtenOf(MessageId.parse("answer-1"), "All is");
    expect(stage.search()).toEqual({ after: "2", epoch: "epoch-1", written });
    const texts = () => connection.view.messages.map(({ text }) => text);
    expect(texts()).toEqual(["Why so slow?", "All is well"]);
    stage.server.socket.say(completed(3, "All is well."));
    expect(texts()).toEqual(["Why so slow?", "All is well."]);
    expect(stage.statuses).toEqual(["open", "reconnecting", "open"]);
  });

  test("tells each event once, however often it is replayed", async () => {
    await stage.open();
    stage.server.socket.say(accepted(1, null));
    await stage.loseAndReopen(accepted(1, null), started(2));
    const logged = stage.frames.filter(({ type }) => type !== "connection_ready");
    expect(logged).toEqual([accepted(1, null), started(2)]);
  });

  test("is opened again where an event is missing", async () => {
    await stage.open();
    stage.server.socket.say(accepted(1, null));
    stage.server.socket.say(completed(5, "?"));
    expect(stage.statuses.at(-1)).toBe("reconnecting");
    await pass(1_000);
    expect(stage.search()).toEqual({ after: "1", epoch: "epoch-1" });
  });

  test("is noticed by its silence", async () => {
    await stage.open();
    await pass(20_000);
    expect(stage.server.socket.received).toEqual(['{"type":"ping"}']);
    stage.server.socket.say({ type: "pong" });
    await pass(20_000);
    expect(stage.server.socket.received).toHaveLength(2);
    await pass(10_000);
    expect(stage.statuses.at(-1)).toBe("reconnecting");
    const silent = stage.server.socket;
    await pass(1_000);
    expect(stage.server.socket).not.toBe(silent);
    silent.say(accepted(1, null));
    expect(stage.frames.at(-1)?.type).toBe("pong");
  });

  test("is opened with another token where the server refuses this one, once", async () => {
    const connection = await stage.open();
    stage.server.socket.drop(4401);
    await pass(1_000);
    expect(stage.server.socket.protocols[1]).toBe("bearer.access-2");
    stage.server.socket.drop(4401);
    expect(connection).toMatchObject({ status: "closed", error: { code: "unauthenticated" } });
  });

  test("ends where the server closes it for good", async () => {
    const connection = await stage.open();
    const waiting = connection.send("Anybody there?");
    stage.server.socket.drop(4404);
    await expect(waiting).rejects.toMatchObject({ code: "not_found" });
    await expect(connection.send("Still?")).rejects.toMatchObject({ code: "not_found" });
  });

  test("keeps the thread that the server made for it", async () => {
    const connection = await stage.connect(null);
    expect(stage.server.socket.url.href).toBe("ws://server.test/ws");
    stage.server.socket.accept(ready());
    expect(connection.view.threadId).toBe(THREAD);
    await stage.loseAndReopen();
    expect(stage.server.socket.url.pathname).toBe(`/api/threads/${THREAD}/socket`);
  });
});

describe("a connection by tickets", () => {
  const TICKETS = `POST /api/threads/${THREAD}/ticket`;

  beforeEach(() => {
    let issued = 0;
    stage.server.routes.set(TICKETS, () => ({
      status: 201,
      body: { ticket: `ticket-${++issued}`, expires_in: 60 },
    }));
  });

  test("ends where the thread has none to give", async () => {
    stage.server.routes.set(TICKETS, () => ({ status: 404, body: problem("not_found", 404) }));
    const connection = await stage.connect(THREAD, { tickets: true });
    expect(connection).toMatchObject({ status: "closed", error: { code: "not_found" } });
    expect(stage.server.sockets).toEqual([]);
  });

  test("opens every socket with a ticket of its own, and shows its token to none", async () => {
    await stage.connect(THREAD, { tickets: true });
    stage.server.socket.accept(ready(), accepted(1, null));
    expect(stage.search()).toEqual({ after: "0", ticket: "ticket-1" });
    await stage.loseAndReopen();
    expect(stage.search()).toEqual({ after: "1", epoch: "epoch-1", ticket: "ticket-2" });
    const protocols = stage.server.sockets.map((socket) => socket.protocols);
    expect(protocols).toEqual([["apex-edge"], ["apex-edge"]]);
  });

  test("makes the thread it is to open, once", async () => {
    stage.server.routes.set("POST /api/threads", () => ({
      status: 201,
      body: thread(THREAD, null),
    }));
    const connection = await stage.connect(null, { tickets: true });
    expect(connection.view.threadId).toBe(THREAD);
    stage.server.socket.drop();
    await pass(5_000);
    expect(stage.search()).toEqual({ after: "0", ticket: "ticket-2" });
    expect(stage.server.count("POST /api/threads")).toBe(1);
  });
});

describe("a log that could not be bridged", () => {
  const unbridged = ready({ recovered: false, last_seq: 8, replay_after: 8, epoch: "epoch-2" });
  const newest = [
    message("answer-0", 8, "assistant", "Because."),
    message("message-0", 1, "user", "Why?"),
  ];

  test("is read again with the next connection where the history cannot be had", async () => {
    const connection = await stage.connect();
    stage.server.routes.set(`GET /api/threads/${THREAD}/messages`, () => ({ status: 503 }));
    stage.server.socket.accept(unbridged);
    await pass();
    expect(stage.statuses).toEqual(["open", "reconnecting"]);
    stage.server.routes.set(`GET /api/threads/${THREAD}/messages`, () => ({
      status: 200,
      body: { data: newest, has_more: false, next_cursor: null },
    }));
    await pass(1_000);
    expect(stage.search()).toEqual({ after: "8", epoch: "epoch-2" });
    stage.server.socket.accept(ready({ epoch: "epoch-2", last_seq: 8, replay_after: 8 }));
    await pass();
    expect(connection.view.messages.map(({ text }) => text)).toEqual(["Why?", "Because."]);
  });

  test("gives the history first, and what came meanwhile after it", async () => {
    const connection = await stage.connect();
    const answered = Promise.withResolvers<{ status: number; body: unknown }>();
    stage.server.routes.set(`GET /api/threads/${THREAD}/messages`, () => answered.promise);
    const sent = connection.send("And now?", { clientMessageId: "mine" });
    stage.server.socket.accept(unbridged, accepted(9, "mine", "And now?"));
    expect(await sent).toMatchObject({ message_id: "message-1" });
    expect(connection.view.messages).toEqual([]);
    answered.resolve({ status: 200, body: { data: newest, has_more: false, next_cursor: null } });
    await pass();
    expect(connection.view.messages.map(({ text }) => text)).toEqual([
      "Why?",
      "Because.",
      "And now?",
    ]);
    expect(stage.frames.map(({ type }) => type)).toEqual(["connection_ready", "message_accepted"]);
  });

  test("leaves a history that comes too late to the connection after it", async () => {
    const connection = await stage.connect();
    const late = Promise.withResolvers<{ status: number; body: unknown }>();
    stage.server.routes.set(`GET /api/threads/${THREAD}/messages`, () => late.promise);
    stage.server.socket.accept(unbridged);
    await pass();
    stage.server.socket.drop();
    late.resolve({ status: 200, body: { data: newest, has_more: false, next_cursor: null } });
    await pass();
    expect(connection.view).toMatchObject({ stale: true, messages: [] });
  });
});

test("what is no frame is ignored", async () => {
  await stage.open();
  const before = stage.views;
  stage.server.socket.sayText("{");
  stage.server.socket.say({ type: "weather" });
  expect([stage.frames.length, stage.views]).toEqual([1, before]);
});

test("hanging up is final: no timers, no reconnects, and what waits is rejected", async () => {
  const connection = await stage.open();
  const waiting = connection.send("Hello");
  connection.close();
  await expect(waiting).rejects.toMatchObject({ code: "unavailable" });
  await expect(connection.send("Hello")).rejects.toMatchObject({ code: "unavailable" });
  await pass();
  expect(connection).toMatchObject({ status: "closed", error: null });
  expect([stage.server.sockets.length, vi.getTimerCount()]).toEqual([1, 0]);
});
