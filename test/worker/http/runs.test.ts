/** Runs over HTTP: how they stand, how they are stopped, and that they are their user's alone. */

import { beforeAll, describe, expect, it, vi } from "vitest";
import { portsOf } from "../../../src/thread/ports.ts";
import { beginThread } from "../thread/conversation.ts";
import { type HeldModel, holdModel, objectEnv } from "../thread/held-model.ts";
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
    const { data, seq } = await client.completed(run_id);
    expect(await response.json()).toMatchObject({
      id: run_id,
      status: "cancelled",
      final_response: "Written so far",
      usage: { model_calls: 1, estimated: true },
      last_seq: seq,
    });
    expect(data).toMatchObject({ status: "cancelled", final_response: "Written so far" });
    expect(await thread.run(run_id)).toMatchObject({
      status: "cancelled",
      final_response: "Written so far",
    });
  });

  it("that has ended is not ended again", async () => {
    const { client, turn, run_id, cancel } = await liveRun("over");
    turn.end(".");
    const { seq } = await client.completed(run_id);
    const response = await cancel();

    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({
      status: "completed",
      last_seq: seq,
      final_response: "Written so far.",
    });
    expect(client.events.filter(({ type }) => type === "agent_completed")).toHaveLength(1);
  });

  it("that waits is to end in its turn: its cancel waits for nobody", async () => {
    const { thread, client, turn, run_id } = await liveRun("goes first");
    const behind = await client.say("waits");
    const { access_token: token } = thread.owner;
    const path = `/api/runs/${behind.run_id}/cancel`;
    const response = await ask(path, { method: "POST", token });

    expect(await response.json()).toMatchObject({ status: "queued", last_seq: null });
    turn.end(".");
    expect((await client.completed(run_id)).data.status).toBe("completed");
    expect((await client.completed(behind.run_id)).data.status).toBe("cancelled");
  });

  it("that does not end in time is answered for all the same, as it stands", async () => {
    const { stream } = portsOf(await objectEnv()).model;
    vi.mocked(stream).mockImplementationOnce(async function* () {
      yield { type: "text", text: "Deaf to every signal" };
      await new Promise(() => undefined);
    });
    const thread = await beginThread();
    const client = await thread.connect();
    const { run_id } = await client.say("can you hear me");
    await client.frame("message_delta");
    const { access_token: token } = thread.owner;
    const response = await ask(`/api/runs/${run_id}/cancel`, { method: "POST", token });

    expect(await response.json()).toMatchObject({ status: "running", last_seq: null });
    await thread.die();
    await thread.settled();
    expect(await thread.run(run_id)).toMatchObject({ status: "cancelled" });
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
