/** A thread's event stream: it begins at once, resumes by its ids, beats, and ends nothing but itself. */
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { isLogged } from "../../../src/protocol/frames.ts";
import { parseEventId } from "../../../src/protocol/position.ts";
import { fieldsOf } from "../thread/client.ts";
import { beginThread, type Conversation } from "../thread/conversation.ts";
import { type HeldModel, holdModel } from "../thread/held-model.ts";
import { ask, problemOf } from "./ask.ts";
import { EventStream } from "./event-stream.ts";

let model: HeldModel;
beforeAll(async () => {
  model = await holdModel();
});

afterEach(() => {
  vi.useRealTimers();
});

const listen = async (thread: Conversation, headers = {}, query = "") =>
  new EventStream(await thread.ask(`/events${query}`, { headers }));

const isOver = ({ type }: { type: string }) => type === "agent_completed";

/** A thread in which something was said and answered. */
async function answered(question: string) {
  const thread = await beginThread();
  const client = await thread.connect();
  const { run_id } = await client.say(question);
  (await model.turn(question)).end("An answer.");
  await client.completed(run_id);
  return { thread, client, run_id };
}

describe("a stream is refused", () => {
  it.each(["", "x", "1", "epoch.", "epoch.-1", "epoch.1e3", ".1", "epoch.99999999999999999"])(
    "to the Last-Event-ID %j, by name",
    async (id) => {
      const thread = await beginThread();
      const problem = await problemOf(
        await thread.ask("/events", { headers: { "last-event-id": id } }),
      );

      expect(problem).toMatchObject({ status: 422, code: "invalid_fields" });
      expect(fieldsOf(problem)).toEqual(["Last-Event-ID"]);
    },
  );

  it("to a position in the query that is none", async () => {
    const thread = await beginThread();
    const problem = await problemOf(await thread.ask("/events?after=-1&epoch=e"));

    expect(problem.status).toBe(422);
    expect(fieldsOf(problem)).toEqual(["after"]);
  });

  it("without a token, and to a ticket, which is for sockets", async () => {
    const thread = await beginThread();
    for (const query of ["", "?ticket=x"]) {
      expect(await problemOf(await ask(`${thread.path}/events${query}`))).toMatchObject({
        status: 401,
      });
    }
  });
});

describe("a stream", () => {
  it("begins at once with the welcome, and is kept by no cache", async () => {
    const thread = await beginThread();
    const response = await thread.ask("/events");
    const stream = new EventStream(response);
    await stream.until(({ type }) => type === "connection_ready");

    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("x-request-id")).toEqual(expect.any(String));
    await stream.leave();
  });

  it("names each event by its type, and gives logged ones alone an id: epoch and seq", async () => {
    const { thread, client } = await answered("names");
    const stream = await listen(thread);
    await stream.until(isOver);
    const ready = await client.frame("connection_ready");

    for (const { id, event, frame } of stream.events) {
      expect(event).toBe(frame.type);
      const position = id === undefined ? null : parseEventId(id);
      expect(position).toEqual(
        isLogged(frame) ? { epoch: ready.data.epoch, after: frame.seq } : null,
      );
    }
    expect(stream.frames.filter(isLogged)).toEqual(client.events);
    await stream.leave();
  });

  it("resumes after the Last-Event-ID, whatever the address says beside it", async () => {
    const { thread, client } = await answered("resumes");
    const whole = await listen(thread);
    await whole.until(isOver);
    await whole.leave();
    const ids = whole.events.flatMap(({ id }) => id ?? []);
    for (const [index, id] of ids.slice(0, -1).entries()) {
      const stream = await listen(thread, { "last-event-id": id }, "?after=0");
      await stream.until(isOver);
      expect(stream.frames.filter(isLogged)).toEqual(client.events.slice(index + 1));
      await stream.leave();
    }
  });

  it("says where it cannot resume", async () => {
    const { thread } = await answered("cannot");
    const stream = await listen(thread, { "last-event-id": "another.1" });
    await stream.until(({ type }) => type === "connection_ready");

    expect(stream.frames[0]).toMatchObject({ data: { recovered: false } });
    await stream.leave();
  });

  it("in the middle of an answer gives what is written so far", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    await client.say("so far");
    const turn = await model.turn("so far");
    turn.write("So far ");
    await client.frame("message_delta");
    const stream = await listen(thread);
    await stream.until(({ type }) => type === "message_delta");

    expect(stream.frames.at(-1)).toMatchObject({ offset: 0, text: "So far " });
    turn.end("so good.");
    await stream.until(isOver);
    await stream.leave();
  });

  it("beats while there is nothing to tell", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const stream = await listen(await beginThread());
    await stream.until(({ type }) => type === "connection_ready");
    vi.advanceTimersByTime(20_000);

    await stream.beat();
    await stream.leave();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("that is not read is let go, to resume by its last id, and the run goes on", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const stream = await listen(thread);
    const { run_id } = await client.say("unread");
    const turn = await model.turn("unread");
    turn.write("x".repeat(1024 * 1024));
    await client.frame("message_delta");
    turn.end();
    await client.completed(run_id);

    await stream.toEnd();
    expect(stream.frames.some(isOver)).toBe(false);
    const last = stream.events.findLast(({ id }) => id !== undefined)?.id;
    const again = await listen(thread, { "last-event-id": last });
    await again.until(isOver);
    await again.leave();
  });

  it("that is left cancels no run", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const stream = await listen(thread);
    const { run_id } = await client.say("left");
    const turn = await model.turn("left");
    await stream.until(({ type }) => type === "agent_started");
    await stream.leave();
    turn.write("Nobody ");
    turn.end("reads on.");

    expect((await client.completed(run_id)).data).toMatchObject({
      status: "completed",
      final_response: "Nobody reads on.",
    });
  });
});
