/** Resuming: exactly what was missed, in order, then live; and where that cannot be, a word about it. */
import { runInDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { project } from "../../../src/protocol/projection.ts";
import { EMPTY_THREAD } from "../../../src/protocol/thread-view.ts";
import { writtenOf } from "../../../src/protocol/written.ts";
import type { Client } from "./client.ts";
import { beginThread, type Conversation } from "./conversation.ts";
import { type HeldModel, holdModel } from "./held-model.ts";

let model: HeldModel;
beforeAll(async () => {
  model = await holdModel();
});

async function epochOf(client: Client): Promise<string> {
  return (await client.frame("connection_ready")).data.epoch;
}

/** A thread in which one question was answered, and a client that heard all of it. */
async function answered(): Promise<{ thread: Conversation; client: Client; epoch: string }> {
  const thread = await beginThread();
  const client = await thread.connect();
  const question = `answered in ${thread.threadId}`;
  const { run_id } = await client.say(question);
  const turn = await model.turn(question);
  turn.write("One ");
  await client.frame("message_delta");
  turn.end("answer.");
  await client.completed(run_id);
  return { thread, client, epoch: await epochOf(client) };
}

describe("a client that lost its connection", () => {
  it("after any frame gets the rest, each event once, and sees the same as one that never did", async () => {
    const { thread, client, epoch } = await answered();
    const log = client.events;
    for (let cut = 1; cut < client.frames.length; cut += 1) {
      const before = client.frames.slice(0, cut);
      const view = before.reduce(project, EMPTY_THREAD);
      const again = await thread.connect(`?after=${view.lastSeq}&epoch=${epoch}`);
      const ready = await again.frame("connection_ready");
      expect(ready.data).toMatchObject({ recovered: true, replay_after: view.lastSeq });
      await again.frame("agent_completed");

      expect(again.events).toEqual(log.slice(view.lastSeq));
      expect(again.frames.reduce(project, view)).toEqual(client.view);
      again.close();
    }
  });

  it("in the middle of an answer gets what is written so far, and then the rest", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const { run_id } = await client.say("in the middle");
    const turn = await model.turn("in the middle");
    turn.write("What is written ");
    await client.frame("message_delta");
    const late = await thread.connect();
    const snapshot = await late.frame("message_delta");

    expect(snapshot).toMatchObject({ offset: 0, text: "What is written " });
    expect((await late.frame("connection_ready")).data.live_run_id).toBe(run_id);
    expect(late.view.messages.at(-1)).toMatchObject({
      text: "What is written ",
      status: "streaming",
    });
    turn.end("and the rest.");
    await Promise.all([client.completed(run_id), late.completed(run_id)]);
    const { text } = late.view.messages.at(-1) ?? {};
    expect(text).toBe("What is written and the rest.");
    expect(late.view).toEqual(client.view);
  });

  it("gets the rest alone of an answer that it has in part", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const { run_id } = await client.say("in part");
    const turn = await model.turn("in part");
    turn.write("What is known ");
    await client.frame("message_delta");
    const known = client.frames.reduce(project, EMPTY_THREAD);
    turn.write("and what was missed ");
    await client.frame("message_delta", ({ text }) => text.startsWith("and"));

    const { id, text } = known.messages.at(-1) ?? expect.fail("no answer");
    const position = `after=${known.lastSeq}&epoch=${await epochOf(client)}`;
    const again = await thread.connect(`?${position}&written=${writtenOf(id, text)}`);
    const rest = await again.frame("message_delta");
    expect(rest).toMatchObject({ offset: text.length, text: "and what was missed " });
    const asked = { after: known.lastSeq, epoch: await epochOf(client) };
    again.send({ type: "resume", ...asked, written: writtenOf(id, text.slice(0, 5)) });
    await again.frame("message_delta", (delta) => delta.offset === 5);

    // The model's stream breaks: what was shown of it is void, and written otherwise.
    turn.restart();
    turn.write("Something else ");
    await client.frame("message_delta", (delta) => delta.text.includes("Something else"));
    const anew = await thread.connect(`?${position}&written=${writtenOf(id, text)}`);
    expect(await anew.frame("message_delta")).toMatchObject({ offset: 0, text: "Something else " });
    turn.end("entirely.");
    await Promise.all([client, again, anew].map((each) => each.completed(run_id)));
    for (const each of [again, anew]) {
      expect(each.frames.reduce(project, known)).toEqual(client.view);
    }
  });

  it("may ask for what it missed on the socket it has", async () => {
    const { thread, client, epoch } = await answered();
    const again = await thread.connect(`?after=${client.view.lastSeq}&epoch=${epoch}`);
    await again.frame("connection_ready");
    again.send({ type: "resume", after: 2, epoch });
    await again.frame("agent_completed");

    expect(again.events).toEqual(client.events.slice(2));
  });

  it("and never saw anything gets the thread from its beginning", async () => {
    const { thread, client } = await answered();
    const fresh = await thread.connect();
    await fresh.frame("agent_completed");

    expect(fresh.events).toEqual(client.events);
    expect(fresh.view).toEqual(client.view);
  });
});

describe("a position that cannot be bridged is said to be so", () => {
  it.each([
    ["of another epoch", "after=1&epoch=another"],
    ["that was never given", "after=4000&epoch={epoch}"],
  ])("where it is one %s", async (_, query) => {
    const { thread, client, epoch } = await answered();
    const again = await thread.connect(`?${query.replace("{epoch}", epoch)}`);
    const { data } = await again.frame("connection_ready");

    expect(data).toMatchObject({ recovered: false, replay_after: client.view.lastSeq });
    expect(again.view.stale).toBe(true);
  });

  it("where the events after it are no longer kept", async () => {
    const { thread, client, epoch } = await answered();
    await runInDurableObject(thread.object, (_, { storage }) => {
      storage.sql.exec("DELETE FROM journal WHERE seq <= 4");
    });
    const missed = await (await thread.connect(`?after=2&epoch=${epoch}`)).frame(
      "connection_ready",
    );
    const bridged = await thread.connect(`?after=4&epoch=${epoch}`);
    await bridged.frame("agent_completed");

    expect(missed.data.recovered).toBe(false);
    expect(bridged.events).toEqual(client.events.slice(4));
  });

  it("with the live run from its beginning, for that no history has yet", async () => {
    const { thread, client } = await answered();
    const { run_id } = await client.say("live");
    const turn = await model.turn("live");
    turn.write("Written ");
    await client.frame("message_delta", ({ text }) => text === "Written ");
    const again = await thread.connect("?after=1&epoch=another");
    const { data } = await again.frame("connection_ready");
    await again.frame("message_delta");

    expect(data).toMatchObject({ recovered: false, live_run_id: run_id });
    expect(again.events[0]).toMatchObject({ type: "message_accepted", data: { run_id } });
    expect(again.view.messages.at(-1)).toMatchObject({ text: "Written ", status: "streaming" });
    turn.end("to its end.");
    await again.completed(run_id);
  });
});
