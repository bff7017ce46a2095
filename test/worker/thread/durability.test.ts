/** What outlives the death of a Thread object: the message, the run, the cancel, and every event once. */
import { beforeAll, describe, expect, it } from "vitest";
import { beginThread } from "./conversation.ts";
import { type HeldModel, holdModel } from "./held-model.ts";

let model: HeldModel;
beforeAll(async () => {
  model = await holdModel();
});

describe("a run whose object dies", () => {
  it("is given up as failed after three deaths at one step, with its events complete", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const { run_id } = await client.say("dies thrice");
    (await model.turn("dies thrice", 1)).write("Half ");
    await client.frame("message_delta");
    for (const attempt of [2, 3]) {
      await thread.die();
      expect(await thread.alarm()).toBe(true);
      await model.turn("dies thrice", attempt);
    }
    await thread.die();
    expect(await thread.alarm()).toBe(true);

    const after = await thread.connect();
    const completed = await after.completed(run_id);
    expect(completed.data).toMatchObject({
      status: "failed",
      problem: { code: "run_interrupted" },
    });
    expect(model.turns("dies thrice")).toHaveLength(3);
    expect(after.events.map(({ type }) => type)).toEqual([
      "message_accepted",
      "agent_started",
      "agent_thinking",
      "agent_fallback",
      "agent_fallback",
      "agent_fallback",
      "agent_thinking",
      "agent_completed",
    ]);
  });

  it("is carried on by the alarm with no client, and ends once", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const { run_id } = await client.say("carries on");
    (await model.turn("carries on")).write("Lost ");
    await client.frame("message_delta");
    await thread.die();
    expect(await client.closed).toBe(1006);

    expect(await thread.alarm()).toBe(true);
    (await model.turn("carries on", 2)).end("The answer.");
    await thread.settled();

    expect(await thread.run(run_id)).toMatchObject({
      status: "completed",
      final_response: "The answer.",
    });
    const after = await thread.connect();
    await after.completed(run_id);
    expect(after.events.filter(({ type }) => type === "agent_completed")).toHaveLength(1);
    expect(after.events.filter(({ type }) => type === "agent_started")).toHaveLength(1);
    expect((await thread.messages()).map(({ content }) => content)).toEqual([
      "carries on",
      "The answer.",
    ]);
  });
});
