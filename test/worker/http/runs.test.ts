/** Runs over HTTP: how they stand, how they are stopped, and that they are their user's alone. */

import { beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../thread/client.ts";
import { beginThread } from "../thread/conversation.ts";
import { type HeldModel, holdModel } from "../thread/held-model.ts";
import { ask, problemOf } from "./ask.ts";
import { somebody } from "./somebody.ts";

let model: HeldModel;
beforeAll(async () => {
  model = await holdModel();
});

/** A run that is under way, and has written something. */
async function liveRun(question: string) {
  const thread = await beginThread();
  const client = await thread.connect();
  const { run_id } = await client.say(question);
  const turn = await model.turn(question);
  turn.write("Written so far");
  await client.frame("message_delta");
  await eventually(async () => expect((await thread.rowCounts()).outbox).toBe(0));
  const { access_token: token } = thread.owner;
  const cancel = () => ask(`/api/runs/${run_id}/cancel`, { method: "POST", token });
  return { thread, client, turn, run_id, cancel };
}

describe("a run that is not one's own", () => {
  it("is missing: it is neither shown nor stopped", async () => {
    const { thread, client, turn, run_id } = await liveRun("not yours");
    const { access_token: token } = await somebody();
    for (const id of [run_id, "missing", "x".repeat(65)]) {
      for (const asked of [
        ask(`/api/runs/${id}`, { token }),
        ask(`/api/runs/${id}/cancel`, { method: "POST", token }),
      ]) {
        expect(await problemOf(await asked)).toMatchObject({ status: 404, code: "not_found" });
      }
    }

    turn.end(".");
    await client.completed(run_id);
    expect(await thread.run(run_id)).toMatchObject({ status: "completed" });
  });

  it("is not told from one's own without a token", async () => {
    for (const asked of [ask("/api/runs/any"), ask("/api/runs/any/cancel", { method: "POST" })]) {
      expect(await problemOf(await asked)).toMatchObject({ status: 401, code: "unauthenticated" });
    }
  });
});

describe("a run", () => {
  it("is shown as it is now: while it runs, and when it has ended", async () => {
    const { thread, client, turn, run_id } = await liveRun("how do you stand");
    expect(await thread.run(run_id)).toMatchObject({
      id: run_id,
      thread_id: thread.threadId,
      status: "running",
      started_at: expect.any(String),
      completed_at: null,
      final_response: null,
    });
    turn.end(".");
    await client.completed(run_id);

    expect(await thread.run(run_id)).toMatchObject({
      status: "completed",
      completed_at: expect.any(String),
      final_response: "Written so far.",
      problem: null,
    });
  });

  it("that is stopped ends as cancelled, and keeps what was written", async () => {
    const { thread, client, run_id, cancel } = await liveRun("stop");
    const response = await cancel();

    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({ id: run_id });
    const { data } = await client.completed(run_id);
    expect(data).toMatchObject({ status: "cancelled", final_response: "Written so far" });
    expect(await thread.run(run_id)).toMatchObject({
      status: "cancelled",
      final_response: "Written so far",
    });
  });

  it("that has ended is not ended again", async () => {
    const { client, turn, run_id, cancel } = await liveRun("over");
    turn.end(".");
    await client.completed(run_id);
    const response = await cancel();

    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({
      status: "completed",
      final_response: "Written so far.",
    });
    expect(client.events.filter(({ type }) => type === "agent_completed")).toHaveLength(1);
  });

  it("that failed says why, and its thread goes on", async () => {
    const { thread, client, run_id } = await liveRun("fail");
    for (const attempt of [2, 3]) {
      await thread.die();
      await thread.alarm();
      await model.turn("fail", attempt);
    }
    await thread.die();
    await thread.settled();

    expect(await thread.run(run_id)).toMatchObject({
      status: "failed",
      problem: { code: "run_interrupted", detail: expect.any(String) },
    });
    const again = await thread.connect();
    const next = await again.say("and now?");
    (await model.turn("and now?")).end("Here.");
    expect((await again.completed(next.run_id)).data.status).toBe("completed");
    expect(await client.closed).not.toBe(1000);
  });
});
