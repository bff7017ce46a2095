/** Text that was shown and became void while its reader was away: the reader is told as it comes back. */
import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import { eventually } from "./client.ts";
import { beginThread } from "./conversation.ts";
import { Follower } from "./follower.ts";
import { type HeldModel, holdModel } from "./held-model.ts";

/** Longer than what a turn writes stays unsaved, in milliseconds. */
const A_MOMENT = 6_000;

afterEach(() => {
  vi.useRealTimers();
});

let model: HeldModel;
beforeAll(async () => {
  model = await holdModel();
});

/** Somebody who was shown the beginning of an answer, and left. */
async function shown(question: string) {
  const thread = await beginThread();
  const reader = new Follower(thread);
  await reader.connect();
  await reader.client?.say(question);
  const turn = await model.turn(question);
  turn.write("Void. ");
  await reader.client?.frame("message_delta");
  reader.disconnect();
  const text = () => reader.view.messages.at(-1)?.text;
  expect(text()).toBe("Void. ");
  return { thread, reader, turn, text };
}

it("text that a death took back is gone for who comes back before any new one is written", async () => {
  const { thread, reader, text } = await shown("lost by a death");
  await thread.die();
  await thread.alarm();
  await model.turn("lost by a death", 2);
  await reader.connect();
  await reader.client?.answers();

  expect(text()).toBe("");
});

it("text that a broken stream took back is gone for who comes back before any new one is written", async () => {
  const { thread, reader, turn, text } = await shown("lost by a broken stream");
  const other = await thread.connect();
  turn.restart();
  await other.frame("agent_fallback");
  await reader.connect();
  await reader.client?.answers();

  expect(text()).toBe("");
});

it("text that a broken stream took back is no part of an answer that is given up, though the run dies at the break", async () => {
  const question = "dies as its stream breaks";
  const thread = await beginThread();
  const client = await thread.connect();
  const { run_id } = await client.say(question);
  const turn = await model.turn(question);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + A_MOMENT });
  turn.write("Void. ");
  await eventually(async () => expect((await thread.rowCounts()).drafts).toBe(1));
  vi.useRealTimers();
  const dying = await runInDurableObject(thread.object, (_, { storage }) =>
    vi.spyOn(storage, "transactionSync").mockImplementationOnce(() => {
      throw new Error("The disk is full.");
    }),
  );
  turn.restart();
  await eventually(async () => expect(dying).toHaveBeenCalled());
  await thread.object.cancelRun(run_id);

  expect((await client.completed(run_id)).data).toMatchObject({
    status: "cancelled",
    final_response: "",
  });
});
