/**
 * The bytes that the product sends, as they were when somebody last looked at them: a change of what
 * is told, of its order or of its shape is seen in the review of golden/conversation.jsonl. Where it
 * is meant, run this test with `-u`.
 */
import { expect, it } from "vitest";
import { beginThread } from "./conversation.ts";
import { holdModel } from "./held-model.ts";
import { Recorder } from "./recorder.ts";

it("a conversation with tools, an answer, a cancel and a refusal is told as ever, byte for byte", async () => {
  const model = await holdModel();
  const thread = await beginThread();
  const recorder = new Recorder(await thread.ask("/socket", { headers: { upgrade: "websocket" } }));
  const client = await thread.connect();

  const { run_id } = await client.say("What did we spend?", { client_message_id: "mine" });
  const calls = await model.turn("What did we spend?");
  calls.call("usage_summary", { window: { from: "2026-01-01", to: "2026-02-01" } });
  calls.end();
  const wrong = await model.turn("What did we spend?", 2);
  wrong.call("cost_breakdown", { dimensions: ["planet"] });
  wrong.end();
  const answer = await model.turn("What did we spend?", 3);
  answer.write("Nothing ");
  await client.frame("message_delta");
  answer.end("is recorded — none 🚀.");
  await client.completed(run_id);

  const stopped = await client.say("And by team?");
  (await model.turn("And by team?")).write("By te");
  await client.frame("message_delta", ({ text }) => text === "By te");
  recorder.send({ type: "cancel", run_id: stopped.run_id });
  await client.completed(stopped.run_id);
  recorder.send({ type: "user_message", content: "Another.", client_message_id: "mine" });

  await expect(await recorder.until("error")).toMatchFileSnapshot("golden/conversation.jsonl");
});
