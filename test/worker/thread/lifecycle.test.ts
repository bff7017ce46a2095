/** A thread's object over time: it sleeps and wakes, is renamed, is deleted, and is nobody else's. */

import { evictDurableObject, listDurableObjectIds, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { ask, problemOf } from "../http/ask.ts";
import { EventStream } from "../http/event-stream.ts";
import { somebody } from "../http/somebody.ts";
import { eventually } from "./client.ts";
import { beginThread, type Conversation } from "./conversation.ts";
import { type HeldModel, holdModel, objectEnv } from "./held-model.ts";
import { savedMessages, stateOf } from "./thread-state.ts";

let model: HeldModel;
beforeAll(async () => {
  model = await holdModel();
});

function failNextTransaction({ object }: Conversation): Promise<void> {
  return runInDurableObject(object, (_, { storage }) => {
    vi.spyOn(storage, "transactionSync").mockImplementationOnce(() => {
      throw new Error("The disk is full.");
    });
  });
}

describe("a thread that sleeps", () => {
  it("wakes at a frame on the socket it had, and knows whose it is and where it stood", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const first = await client.say("before the night");
    (await model.turn("before the night")).end("Good night.");
    await client.completed(first.run_id);
    await thread.settled();
    await evictDurableObject(thread.object);

    const second = await client.say("after the night");
    (await model.turn("after the night")).end("Good morning.");
    await client.completed(second.run_id);
    expect(client.events.map(({ seq }) => seq)).toEqual(client.events.map((_, index) => index + 1));
    const { request } = await model.turn("after the night");
    expect(request.messages.slice(1)).toMatchObject([
      { content: "before the night" },
      { content: "Good night." },
      { content: "after the night" },
    ]);
  });

  it("answers the plain ping without waking, and has no alarm but for its sockets' tokens", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    await evictDurableObject(thread.object);
    client.sendRaw('{"type":"ping"}');

    await client.frame("pong");
    expect(await thread.alarm()).toBe(false);
  });

  it("is not kept awake by whom it failed to answer", async () => {
    const thread = await beginThread();
    await failNextTransaction(thread);
    const renamed = await thread.ask("", { method: "PATCH", body: { title: "Costs" } });
    expect(renamed.status).toBe(503);

    await evictDurableObject(thread.object);
  });
});

it("a client that comes back after a death does not put off the alarm that stands for the run", async () => {
  const thread = await beginThread();
  const { run_id } = await (await thread.connect()).say("outlives its object");
  await model.turn("outlives its object");
  await thread.die();
  await thread.connect();

  const { unfinished, alarm } = await stateOf(thread);
  expect({ unfinished, hasAlarm: alarm !== null }).toEqual({
    unfinished: [run_id],
    hasAlarm: true,
  });
});

it("a thread that carried on after a death has no alarm left once it is done", async () => {
  const thread = await beginThread();
  const client = await thread.connect();
  const { run_id } = await client.say("dies once");
  await model.turn("dies once");
  await thread.die();
  const again = await thread.connect();
  (await model.turn("dies once", 2)).end("Done.");
  await again.completed(run_id);

  await eventually(async () => expect(await stateOf(thread)).toMatchObject({ alarm: null }));
});

describe("a thread that is renamed", () => {
  it("tells every connection, as an event with a place in the log", async () => {
    const thread = await beginThread();
    const [one, two] = [await thread.connect(), await thread.connect()];
    const stream = new EventStream(await thread.ask("/events"));
    const body = { title: "Renamed", metadata: { colour: "red" } };
    expect((await thread.ask("", { method: "PATCH", body })).status).toBe(200);

    const event = await one.frame("thread_updated");
    expect(event).toMatchObject({ seq: 1, context: { run_id: null }, data: body });
    expect(await two.frame("thread_updated")).toEqual(event);
    await stream.until(({ type }) => type === "thread_updated");
    expect(stream.frames.at(-1)).toEqual(event);
    await stream.leave();
  });
});

it("a journal keeps its newest events alone, though nothing is ever said", async () => {
  const thread = await beginThread();
  const client = await thread.connect();
  const rename = (title: string) => thread.ask("", { method: "PATCH", body: { title } });
  await rename("First");
  await runInDurableObject(thread.object, (_, { storage }) => {
    storage.sql.exec("INSERT INTO journal (seq, events) SELECT 6000, events FROM journal");
  });
  await rename("Next");
  // What the user's feed does not know yet is kept.
  await eventually(async () => expect(await stateOf(thread)).toMatchObject({ alarm: null }));
  await rename("Last");

  expect((await client.frame("thread_updated", ({ data }) => data.title === "Last")).seq).toBe(
    6002,
  );
  expect(await thread.rowCounts()).toMatchObject({ events: 3 });
});

describe("a thread that is deleted", () => {
  it("closes its sockets with 4404, ends its streams, and is missing from then on", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const stream = new EventStream(await thread.ask("/events"));
    const { run_id } = await client.say("to be forgotten");
    (await model.turn("to be forgotten")).end("Forgotten.");
    await client.completed(run_id);
    expect((await thread.ask("", { method: "DELETE" })).status).toBe(204);

    expect(await client.closed).toBe(4404);
    const { command, problem } = (await client.frame("error")).data;
    expect([command, problem.code]).toEqual([null, "not_found"]);
    await stream.toEnd();
    const { access_token: token } = thread.owner;
    for (const response of [
      await thread.ask(""),
      await thread.ask("", { method: "DELETE" }),
      await thread.ask("", { method: "PATCH", body: { title: "Back" } }),
      await thread.ask("/messages"),
      await thread.ask("/messages", { body: { content: "anybody?" } }),
      await thread.ask("/events"),
      await thread.ask("/ticket", { method: "POST" }),
      await thread.ask("/socket", { headers: { upgrade: "websocket" } }),
      await ask(`/api/runs/${run_id}`, { token }),
      await ask(`/api/runs/${run_id}/cancel`, { method: "POST", token }),
    ]) {
      expect(await problemOf(response)).toMatchObject({ status: 404, code: "not_found" });
    }
  });

  it("in the middle of a run stops the model, and leaves nothing behind", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    await client.say("cut off");
    const turn = await model.turn("cut off");
    turn.write("Half an");
    await client.frame("message_delta");
    expect((await thread.ask("", { method: "DELETE" })).status).toBe(204);

    expect(await client.closed).toBe(4404);
    await eventually(async () => expect(turn.ended).toBe(true));
    expect(client.events.map(({ type }) => type)).not.toContain("agent_completed");
    expect(await thread.alarm()).toBe(false);
    const { results } = await env.DB.prepare("SELECT id FROM messages WHERE thread_id = ?")
      .bind(thread.threadId)
      .all();
    expect(results).toEqual([]);
  });
});

it("a thread deleted while D1 refuses to forget it is gone at once, and there too when D1 is back", async () => {
  const thread = await beginThread();
  const client = await thread.connect();
  const { run_id } = await client.say("hard to forget");
  (await model.turn("hard to forget")).end("Remembered.");
  await client.completed(run_id);
  await env.DB.exec(
    "CREATE TRIGGER clinging BEFORE DELETE ON threads BEGIN SELECT missing FROM threads; END",
  );
  expect((await thread.ask("", { method: "DELETE" })).status).toBe(204);
  await thread.die();
  expect((await thread.ask("/messages", { body: { content: "anybody?" } })).status).toBe(404);

  await env.DB.exec("DROP TRIGGER clinging");
  expect(await thread.alarm()).toBe(true);
  expect((await thread.ask("")).status).toBe(404);
  expect(await savedMessages(thread)).toEqual([]);
});

it("a thread deleted while its rows are on their way to D1 is gone there as well", async () => {
  const thread = await beginThread();
  const client = await thread.connect();
  const { DB } = await objectEnv();
  const batch = DB.batch.bind(DB);
  let late = false;
  const slow = vi.spyOn(DB, "batch").mockImplementationOnce(async (statements) => {
    while (!late) await systemClock.sleep(2);
    return await batch(statements);
  });
  await client.say("on its way");
  const flushing = thread.alarm();
  await eventually(async () => expect(slow).toHaveBeenCalled());
  expect((await thread.ask("", { method: "DELETE" })).status).toBe(204);
  late = true;
  await flushing;
  await eventually(async () => expect(slow.mock.settledResults[0]?.type).toBe("fulfilled"));
  slow.mockRestore();

  const { results } = await env.DB.prepare("SELECT id FROM messages WHERE thread_id = ?")
    .bind(thread.threadId)
    .all();
  expect(results).toEqual([]);
});

it("another user's thread is missing at every door, and asking makes no object", async () => {
  const thread = await beginThread();
  const client = await thread.connect();
  const { run_id } = await client.say("private");
  (await model.turn("private")).end("Secret.");
  await client.completed(run_id);
  const { access_token: token } = await somebody();
  const before = (await listDurableObjectIds(env.THREADS)).length;
  const doors = (path: string, run: string) => [
    ask(path, { token }),
    ask(path, { token, method: "PATCH", body: { title: "Mine" } }),
    ask(path, { token, method: "DELETE" }),
    ask(`${path}/messages`, { token }),
    ask(`${path}/messages`, { token, body: { content: "hello" } }),
    ask(`${path}/events`, { token }),
    ask(`${path}/ticket`, { token, method: "POST" }),
    ask(`${path}/socket`, { token, headers: { upgrade: "websocket" } }),
    ask(`/ws?thread_id=${path.split("/").at(-1)}`, { token, headers: { upgrade: "websocket" } }),
    ask(`/api/runs/${run}`, { token }),
    ask(`/api/runs/${run}/cancel`, { token, method: "POST" }),
  ];
  const said = async (answers: Promise<Response>[]) =>
    (await Promise.all(answers.map(async (answer) => problemOf(await answer)))).map(
      ({ instance: _, request_id: __, ...problem }) => problem,
    );
  const foreign = await said(doors(thread.path, run_id));

  expect(foreign).toEqual(await said(doors("/api/threads/missing", "missing")));
  expect(new Set(foreign.map(({ status }) => status))).toEqual(new Set([404]));
  expect(await listDurableObjectIds(env.THREADS)).toHaveLength(before);
  expect((await thread.ask("")).status).toBe(200);
});

it("the object opens no socket to a request that the Worker did not make", async () => {
  const { object } = await beginThread();
  const response = await object.fetch("https://thread/socket", {
    headers: { upgrade: "websocket" },
  });

  expect(response.status).toBe(426);
});
