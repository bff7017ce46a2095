/** What waits outlives the death of its Thread object too: messages, cancels, and the journal's order. */
import { beforeAll, describe, expect, it } from "vitest";
import { AcceptedMessage } from "../../../src/protocol/api.ts";
import { beginThread } from "./conversation.ts";
import { type HeldModel, holdModel } from "./held-model.ts";

let model: HeldModel;
beforeAll(async () => {
  model = await holdModel();
});

describe("what was accepted before a death", () => {
  it("is answered after it, though nobody asks again", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    await client.say("runs first");
    await model.turn("runs first");
    const body = { content: "waits its turn", client_message_id: "mine" };
    const accepted = await (await thread.ask("/messages", { body })).json();
    const { run_id } = AcceptedMessage.parse(accepted);
    await thread.die();

    expect(await thread.alarm()).toBe(true);
    (await model.turn("runs first", 2)).end("Done.");
    (await model.turn("waits its turn")).end("Done too.");
    await thread.settled();
    expect(await thread.run(run_id)).toMatchObject({
      status: "completed",
      final_response: "Done too.",
    });
    expect(await (await thread.ask("/messages", { body })).json()).toEqual(accepted);
  });

  it("and cancelled before it stays cancelled", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    await client.say("goes on");
    await model.turn("goes on");
    const { run_id } = await client.say("is not wanted");
    client.send({ type: "cancel", run_id });
    client.sendRaw('{ "type": "ping" }');
    await client.frame("pong");
    await thread.die();

    expect(await thread.alarm()).toBe(true);
    (await model.turn("goes on", 2)).end("Done.");
    const after = await thread.connect();
    const { data } = await after.completed(run_id);
    expect(data.status).toBe("cancelled");
    expect(model.turns("is not wanted")).toEqual([]);
  });
});

it("a journal goes on after a death where it stopped: same epoch, next number", async () => {
  const thread = await beginThread();
  const client = await thread.connect();
  const { run_id } = await client.say("before");
  (await model.turn("before")).end("Done.");
  await client.completed(run_id);
  const ready = await client.frame("connection_ready");
  await thread.die();

  const again = await thread.connect(`?after=${client.view.lastSeq}&epoch=${ready.data.epoch}`);
  expect((await again.frame("connection_ready")).data).toMatchObject({
    recovered: true,
    epoch: ready.data.epoch,
  });
  await again.say("after");
  expect(again.events[0]?.seq).toBe(client.view.lastSeq + 1);
  (await model.turn("after")).end("Done.");
});
