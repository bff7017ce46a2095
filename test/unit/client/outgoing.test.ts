/** What a connection sends: every message taken once, whatever becomes of sockets and tokens. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { MAX_PENDING } from "../../../src/client/outgoing.ts";
import { CallId, MessageId, RunId } from "../../../src/protocol/ids.ts";
import {
  accepted,
  cancelAccepted,
  completed,
  credentials,
  delta,
  event,
  failure,
  ready,
  started,
  THREAD,
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

describe("a message", () => {
  test("is refused before it is sent where the server would refuse it", async () => {
    const connection = await stage.open();
    for (const [content, message, code] of [
      ["", "must not be blank", "required"],
      [" \n\u3000", "must not be blank", "required"],
      ["x".repeat(16_001), "must be at most 16000 characters", "too_long"],
    ] as const) {
      await expect(connection.send(content)).rejects.toMatchObject({
        code: "invalid_fields",
        message: `In the message: content: ${message}`,
        errors: [{ field: "content", message, code }],
      });
    }
    const large = "\u0001".repeat(15_000);
    await expect(connection.send(large)).rejects.toMatchObject({ code: "too_large" });
    expect(stage.server.socket.received).toEqual([]);
  });

  test("is rejected by the error that names it", async () => {
    const connection = await stage.open();
    const sent = connection.send("Hello", { clientMessageId: "mine" });
    stage.server.socket.say(failure("queue_full", { client_message_id: "other" }));
    stage.server.socket.say(failure("queue_full", { client_message_id: "mine" }));
    await expect(sent).rejects.toMatchObject({ code: "queue_full" });
  });

  test("is rejected where too many wait, or where it waits too long", async () => {
    const connection = await stage.connect();
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
    const connection = await stage.connect();
    void connection.send("First", { agent: "triage", model: "demo" });
    void connection.send("Second");
    stage.server.socket.accept(ready());
    const [first, second] = stage.server.socket.commands;
    expect(first).toMatchObject({ content: "First", agent: "triage", model: "demo" });
    expect(second).toMatchObject({ content: "Second" });
    const ids = stage.server.socket.received.map((text) => JSON.parse(text).client_message_id);
    expect(new Set(ids).size).toBe(2);
  });

  test("is sent again under its id until it is acknowledged, by an old event too", async () => {
    const connection = await stage.open();
    const sent = connection.send("Why so slow?", { clientMessageId: "mine" });
    const again = connection.send("Why so slow?", { clientMessageId: "mine" });
    const [frame] = stage.server.socket.received;
    await stage.loseAndReopen();
    expect(stage.server.socket.received).toEqual([frame]);
    stage.server.socket.say(accepted(1, "mine"));
    const acknowledged = { thread_id: THREAD, message_id: "message-1", run_id: "run-1" };
    expect(await sent).toEqual(acknowledged);
    expect(await again).toEqual(acknowledged);
    const repeated = connection.send("Why so slow?", { clientMessageId: "mine" });
    stage.server.socket.say(accepted(1, "mine"));
    expect(await repeated).toEqual(acknowledged);
    await stage.loseAndReopen();
    expect(stage.server.socket.received).toEqual([]);
  });
});

describe("a message in the place of another", () => {
  const replacing = (n: number) => ({ type: "user_message", replaces: `message-${n}` });

  test("names the one whose place it takes", async () => {
    const connection = await stage.open();
    void connection.send("Why so dear?", { replaces: MessageId.parse("message-1") });
    expect(stage.server.socket.commands).toMatchObject([
      { ...replacing(1), content: "Why so dear?" },
    ]);
  });

  test.each(["message-1", "answer-1"])("says the question again, asked by %s", async (id) => {
    const connection = await stage.open();
    stage.server.socket.say(accepted(1, null));
    stage.server.socket.say(started(2));
    void connection.regenerate(MessageId.parse(id), { model: "other" });
    expect(stage.server.socket.commands).toMatchObject([
      { ...replacing(1), content: "Why so slow?", model: "other" },
    ]);
  });

  test("is not sent where the question is not here to be said again", async () => {
    const connection = await stage.open();
    const regenerated = connection.regenerate(MessageId.parse("message-7"));
    await expect(regenerated).rejects.toMatchObject({ code: "not_found" });
    expect(stage.server.socket.received).toEqual([]);
  });
});

describe("a decision about a tool call", () => {
  const approval = { type: "approve", call_id: "call-1", decision: "approved" };
  const callId = CallId.parse("call-1");

  test("is said, and once more after a reconnect", async () => {
    const connection = await stage.open();
    connection.approve(callId, "approved");
    expect(stage.server.socket.commands).toEqual([approval]);
    await stage.loseAndReopen();
    expect(stage.server.socket.commands).toEqual([approval]);
    await stage.loseAndReopen();
    expect(stage.server.socket.commands).toEqual([]);
  });

  test("is not said again once its call is done", async () => {
    const connection = await stage.open();
    connection.approve(callId, "rejected");
    const data = { call_id: "call-1", tool_name: "pay", status: "cancelled", duration_ms: 1 };
    stage.server.socket.say(event(1, "tool_completed", data));
    await stage.loseAndReopen();
    expect(stage.server.socket.commands).toEqual([]);
  });
});

describe("a client that is sent much", () => {
  const piece = "x".repeat(20_000);

  test("says how far it has read, each time that it has read 64 KiB", async () => {
    await stage.open();
    stage.server.socket.say(accepted(1, null));
    stage.server.socket.say(started(2));
    for (let n = 0; n < 3; n++) stage.server.socket.say(delta(0, piece));
    expect(stage.server.socket.commands).toEqual([]);
    stage.server.socket.say(delta(0, piece));
    expect(stage.server.socket.commands).toEqual([{ type: "ack", seq: 2 }]);
    stage.server.socket.say(completed(3, piece));
    for (let n = 0; n < 3; n++) stage.server.socket.say(delta(0, piece));
    expect(stage.server.socket.commands.at(-1)).toEqual({ type: "ack", seq: 3 });
    expect(stage.server.socket.commands).toHaveLength(2);
  });

  test("counts anew with each connection", async () => {
    await stage.open();
    for (let n = 0; n < 3; n++) stage.server.socket.say(delta(0, piece));
    await stage.loseAndReopen(delta(0, piece));
    expect(stage.server.socket.commands).toEqual([]);
  });

  test("comes back where it was let go all the same", async () => {
    await stage.open();
    stage.server.socket.drop(1013);
    expect(stage.statuses.at(-1)).toBe("reconnecting");
    await pass(1_000);
    stage.server.socket.accept(ready());
    expect(stage.statuses.at(-1)).toBe("open");
  });
});

test("a server that tells anew how far its log reaches is not told everything again", async () => {
  const connection = await stage.open();
  const sent = connection.send("Why so slow?", { clientMessageId: "mine" });
  stage.server.socket.say(ready());
  expect(stage.server.socket.received).toHaveLength(1);
  stage.server.socket.say(accepted(1, "mine"));
  expect(await sent).toMatchObject({ run_id: "run-1" });
});

describe("a cancellation", () => {
  test("names the run whose answer is being written", async () => {
    const connection = await stage.open();
    connection.cancel();
    stage.server.socket.say(accepted(1, null));
    stage.server.socket.say(started(2));
    connection.cancel();
    expect(stage.server.socket.commands).toEqual([
      { type: "cancel" },
      { type: "cancel", run_id: "run-1" },
    ]);
  });

  test("is said once more after a reconnect, unless its run has ended", async () => {
    const connection = await stage.open();
    connection.cancel(RunId.parse("run-1"));
    await stage.loseAndReopen();
    expect(stage.server.socket.commands).toEqual([{ type: "cancel", run_id: "run-1" }]);
    await stage.loseAndReopen(accepted(1, null), started(2));
    expect(stage.server.socket.commands).toEqual([]);
    connection.cancel();
    stage.server.socket.say(completed(3, "", { status: "cancelled" }));
    await stage.loseAndReopen();
    expect(stage.server.socket.commands).toEqual([]);
  });
});

test("a cancellation is not said again once it has its receipt", async () => {
  const connection = await stage.open();
  connection.cancel(RunId.parse("run-1"));
  stage.server.socket.say(cancelAccepted("run-1"));
  await stage.loseAndReopen();
  expect(stage.server.socket.commands).toEqual([]);
});

describe("a token that runs out", () => {
  test("refuses no message: it goes out again over a socket with another token", async () => {
    const connection = await stage.open();
    const sent = connection.send("Why so slow?", { clientMessageId: "mine" });
    const refused = { command: "user_message", client_message_id: "mine" };
    stage.server.socket.say(failure("token_expired", refused));
    stage.server.socket.drop(4401);
    await pass(1_000);
    stage.server.socket.accept(ready(), accepted(1, "mine"));
    expect(await sent).toMatchObject({ run_id: "run-1" });
    expect(stage.server.socket.protocols[1]).toBe("bearer.access-2");
    expect(stage.server.socket.commands).toMatchObject([{ client_message_id: "mine" }]);
  });

  test("is replaced before it does, where the connection is open and the server in reach", async () => {
    stage.server.routes.set("POST /api/auth/dev-login", () => ({
      status: 200,
      body: credentials(1, 30),
    }));
    stage.server.routes.set("POST /api/auth/refresh", () => ({ status: 503 }));
    await stage.open();
    await pass(20_000);
    stage.server.socket.say({ type: "pong" });
    await pass(20_000);
    expect(stage.server.socket.commands).toEqual([{ type: "ping" }, { type: "ping" }]);
    stage.server.routes.set("POST /api/auth/refresh", () => ({
      status: 200,
      body: credentials(2),
    }));
    stage.server.socket.say({ type: "pong" });
    await pass(20_000);
    expect(stage.server.socket.commands.at(-1)).toEqual({
      type: "reauthenticate",
      token: "access-2",
    });
  });
});
