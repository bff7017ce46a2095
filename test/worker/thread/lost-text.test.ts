/** Text that was shown and became void while its reader was away: the reader is told as it comes back. */
import { beforeAll, expect, it } from "vitest";
import { beginThread } from "./conversation.ts";
import { Follower } from "./follower.ts";
import { type HeldModel, holdModel } from "./held-model.ts";

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
