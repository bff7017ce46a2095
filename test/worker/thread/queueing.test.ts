/** What becomes of a message in a busy thread: it waits, it is refused, or it interrupts, as it says. */
import { beforeAll, describe, expect, it } from "vitest";
import { MAX_QUEUED_RUNS } from "../../../src/protocol/limits.ts";
import { problemOf } from "../http/ask.ts";
import { beginThread } from "./conversation.ts";
import { type HeldModel, holdModel } from "./held-model.ts";

let model: HeldModel;
beforeAll(async () => {
  model = await holdModel();
});

const interrupt = { queueing: "interrupt" };

describe("a message that would rather be refused than wait", () => {
  it("is refused over the socket, names the run in its way, and changes nothing", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const { run_id } = await client.say("busy");
    await client.say("waits");
    await model.turn("busy");
    await client.frame("agent_thinking");
    const before = await thread.rowCounts();
    const { problem } = await client.refused({
      type: "user_message",
      content: "now or never",
      queueing: "reject",
    });

    expect(problem).toMatchObject({ code: "thread_busy", status: 409, active_run_id: run_id });
    expect(await thread.rowCounts()).toMatchObject({ runs: before.runs, events: before.events });
    (await model.turn("busy")).end("Done.");
    expect((await client.completed(run_id)).data.status).toBe("completed");
  });

  it("is refused over HTTP with 409, and taken once the thread is idle", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const { run_id } = await client.say("busy over HTTP");
    const body = { content: "over HTTP", queueing: "reject" };
    const problem = await problemOf(await thread.ask("/messages", { body }));
    expect(problem).toMatchObject({ status: 409, code: "thread_busy", active_run_id: run_id });

    (await model.turn("busy over HTTP")).end("Done.");
    await client.completed(run_id);
    expect((await thread.ask("/messages", { body })).status).toBe(202);
    (await model.turn("over HTTP")).end("Done.");
  });
});

describe("a message that interrupts", () => {
  it("ends what is live and what waits, in order and complete, and goes next", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const live = await client.say("is live");
    const turn = await model.turn("is live");
    turn.write("Half an answer");
    await client.frame("message_delta");
    const waiting = await client.say("waits in line");
    const next = await client.say("me first", interrupt);
    expect(next.queue_position).toBe(2);
    (await model.turn("me first")).end("Yes.");
    const { data } = await client.completed(next.run_id);

    expect(data).toMatchObject({ status: "completed", final_response: "Yes." });
    expect(turn.ended).toBe(true);
    expect(model.turns("waits in line")).toEqual([]);
    const ends = client.events.flatMap((event) =>
      event.type === "agent_started"
        ? [[event.context.run_id, "started"]]
        : event.type === "agent_completed"
          ? [[event.context.run_id, event.data.status]]
          : [],
    );
    expect(ends).toEqual([
      [live.run_id, "started"],
      [live.run_id, "cancelled"],
      [waiting.run_id, "started"],
      [waiting.run_id, "cancelled"],
      [next.run_id, "started"],
      [next.run_id, "completed"],
    ]);
  });

  it("again under its client_message_id interrupts nothing any more", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const mine = { ...interrupt, client_message_id: "mine" };
    const first = await client.say("just once", mine);
    await model.turn("just once");
    expect(await client.say("just once", mine)).toEqual(first);
    const behind = await client.say("behind it");
    expect(await client.say("just once", mine)).toEqual(first);

    (await model.turn("just once")).end("Once.");
    (await model.turn("behind it")).end("Undisturbed.");
    expect((await client.completed(first.run_id)).data.status).toBe("completed");
    expect((await client.completed(behind.run_id)).data.status).toBe("completed");
  });

  it("finds its place in a full queue", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    for (let n = 0; n < MAX_QUEUED_RUNS; n += 1) await client.say(`full ${n}`);
    const next = await client.say("make room", interrupt);
    (await model.turn("make room")).end("Made.");

    expect((await client.completed(next.run_id)).data.status).toBe("completed");
    const ended = client.events.filter(({ type }) => type === "agent_completed");
    expect(ended).toHaveLength(MAX_QUEUED_RUNS + 1);
  });

  it("and a death right behind it lose neither the message nor the interruption", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const live = await client.say("dies with it");
    await model.turn("dies with it");
    const next = await client.say("survives", interrupt);
    await thread.die();
    await thread.alarm();
    (await model.turn("survives")).end("I did.");
    await thread.settled();

    expect(await thread.run(live.run_id)).toMatchObject({ status: "cancelled" });
    expect(await thread.run(next.run_id)).toMatchObject({
      status: "completed",
      final_response: "I did.",
    });
  });
});
