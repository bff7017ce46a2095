/** A run outlives the death of its Thread object: carried on, ended once, every event told once. */

import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { portsOf } from "../../../src/thread/ports.ts";
import { insertRun } from "../../../src/thread/run-insert.ts";
import { RunColumns } from "../../../src/thread/run-row.ts";
import { ask } from "../http/ask.ts";
import { eventually } from "./client.ts";
import { beginThread } from "./conversation.ts";
import { type HeldModel, holdModel, objectEnv } from "./held-model.ts";

afterEach(() => {
  vi.useRealTimers();
});

let model: HeldModel;
beforeAll(async () => {
  model = await holdModel();
});

/** Longer than what a turn writes stays unsaved, in milliseconds. */
const A_MOMENT = 6_000;

describe("a run whose object dies", () => {
  it("is given up as failed after three deaths at one step, with its events complete and its words kept", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const { run_id } = await client.say("dies thrice");
    const turn = await model.turn("dies thrice", 1);
    turn.write("Half ");
    await client.frame("message_delta");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + A_MOMENT });
    turn.write("an answer");
    await eventually(async () => expect((await thread.rowCounts()).drafts).toBe(1));
    vi.useRealTimers();
    for (const attempt of [2, 3]) {
      await thread.die();
      expect(await thread.alarm()).toBe(true);
      await model.turn("dies thrice", attempt);
    }
    await thread.die();
    expect(await thread.alarm()).toBe(true);

    const after = await thread.connect();
    const { data } = await after.completed(run_id);
    expect(data).toMatchObject({
      status: "failed",
      final_response: "Half an answer",
      problem: { code: "run_interrupted" },
    });
    expect(model.turns("dies thrice")).toHaveLength(3);
    expect(after.events.map(({ type }) => type)).toEqual([
      "message_accepted",
      "agent_started",
      "agent_thinking",
      "thread_updated",
      "agent_fallback",
      "agent_fallback",
      "agent_fallback",
      "agent_thinking",
      "agent_completed",
    ]);
    await thread.settled();
    expect(await thread.run(run_id)).toMatchObject({
      status: "failed",
      problem: { code: "run_interrupted" },
    });
  });

  it("is carried on by the alarm with no client there, and ends once", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const { run_id } = await client.say("carries on");
    (await model.turn("carries on")).write("Lost ");
    await client.frame("message_delta");
    await thread.die();
    await client.closed;

    expect(await thread.alarm()).toBe(true);
    (await model.turn("carries on", 2)).end("The answer.");
    await thread.settled();
    expect(await thread.run(run_id)).toMatchObject({
      status: "completed",
      final_response: "The answer.",
    });
    expect((await thread.messages()).map(({ content }) => content)).toEqual([
      "carries on",
      "The answer.",
    ]);
    const after = await thread.connect();
    await after.completed(run_id);
    const types = after.events.map(({ type }) => type);
    expect(types.filter((type) => type === "agent_started")).toHaveLength(1);
    expect(types.filter((type) => type === "agent_completed")).toHaveLength(1);
  });

  it("is carried on by the next connection, which sees the lost text replaced", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const { run_id } = await client.say("seen again");
    (await model.turn("seen again")).write("A first try");
    await client.frame("message_delta");
    await thread.die();

    const again = await thread.connect();
    (await model.turn("seen again", 2)).end("The second.");
    await again.completed(run_id);
    expect(again.view.messages.at(-1)).toMatchObject({ text: "The second.", status: "complete" });
    expect(again.events.map(({ seq }) => seq)).toEqual(again.events.map((_, index) => index + 1));
  });

  it("does no finished step again, and runs again the tool it was in, which only reads", async () => {
    const tool = portsOf(await objectEnv()).tools.find(({ readOnly }) => readOnly);
    if (tool === undefined) throw new Error("there is no tool to call");
    const execute = vi.spyOn(tool, "execute").mockReturnValueOnce(new Promise(() => undefined));
    const thread = await beginThread();
    const client = await thread.connect();
    const { run_id } = await client.say("use a tool");
    const turn = await model.turn("use a tool");
    turn.call(tool.name, {});
    turn.end();
    await client.frame("tool_executing");
    await eventually(async () => expect(execute).toHaveBeenCalledTimes(1));
    await thread.die();
    expect(await thread.alarm()).toBe(true);
    const second = await model.turn("use a tool", 2);
    second.end("Read.");

    const after = await thread.connect();
    await after.completed(run_id);
    expect(second.request.messages.at(-1)).toMatchObject({ role: "tool", callId: "call-1" });
    expect(execute).toHaveBeenCalledTimes(2);
    const types = after.events.map(({ type }) => type);
    expect(types.filter((type) => type === "tool_executing")).toHaveLength(1);
    expect(types.filter((type) => type === "tool_completed")).toHaveLength(1);
    execute.mockRestore();
  });

  it("shows who connects what its finished turns wrote, and goes on from there", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const { run_id } = await client.say("in two turns");
    const first = await model.turn("in two turns");
    first.write("I look it up.");
    first.call("no_such_tool", {});
    first.end();
    (await model.turn("in two turns", 2)).write("Lost.");
    await client.frame("message_delta", ({ text }) => text.includes("Lost."));
    await thread.die();

    const again = await thread.connect();
    expect((await again.frame("connection_ready")).data.live_run_id).toBe(run_id);
    (await model.turn("in two turns", 3)).write("Found.");
    await again.frame("message_delta", ({ text }) => text.includes("Found."));
    expect(again.view.messages.at(-1)?.text).toBe("I look it up.\n\nFound.");
    again.send({ type: "cancel" });
    await again.completed(run_id);
  });

  it("is taken up by the next request, whatever that wants", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const { run_id } = await client.say("anybody there?");
    await model.turn("anybody there?");
    await thread.die();
    expect(await thread.run(run_id)).toMatchObject({ status: "running" });

    (await model.turn("anybody there?", 2)).end("Yes.");
    await eventually(async () =>
      expect(await thread.run(run_id)).toMatchObject({ final_response: "Yes." }),
    );
  });

  it("can be stopped by the next request", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const { run_id } = await client.say("stop after all");
    (await model.turn("stop after all")).write("Lost.");
    await thread.die();
    const { access_token: token } = thread.owner;
    await ask(`/api/runs/${run_id}/cancel`, { method: "POST", token });

    await eventually(async () =>
      expect(await thread.run(run_id)).toMatchObject({ status: "cancelled" }),
    );
  });

  it("between its outcome and its last event keeps that outcome, and asks the model no more", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const { run_id } = await client.say("nearly done");
    const turn = await model.turn("nearly done");
    const { DB } = await objectEnv();
    const batch = vi.spyOn(DB, "batch").mockReturnValue(new Promise(() => undefined));
    const { steps: before } = await thread.rowCounts();
    turn.end("Decided.");
    // The outcome is there; D1 may be asked before it is, for what was accepted.
    await eventually(async () => {
      expect((await thread.rowCounts()).steps).toBeGreaterThan(before ?? 0);
      expect(batch).toHaveBeenCalled();
    });
    await thread.die();
    batch.mockRestore();

    expect(await thread.alarm()).toBe(true);
    const after = await thread.connect();
    const { data } = await after.completed(run_id);
    expect(data).toMatchObject({ status: "completed", final_response: "Decided." });
    expect(model.turns("nearly done")).toHaveLength(1);
  });
});

it("an attempt that another one has taken the run from writes nothing any more", async () => {
  const thread = await beginThread();
  const client = await thread.connect();
  const { run_id } = await client.say("two hold me");
  const stale = await model.turn("two hold me");
  await runInDurableObject(thread.object, (_, { storage }) => {
    // As another life writes it that takes the run up: the first that was to be said of it beside its commit.
    const commit = storage.sql.exec("SELECT note -> 'begun' AS columns FROM journal LIMIT 1").one();
    const columns = RunColumns.parse(JSON.parse(String(commit.columns)));
    insertRun(storage.sql, { ...columns, content: "two hold me", attempt: 1 });
  });
  const before = await thread.rowCounts();
  stale.end("From the grave.");
  await eventually(async () => expect(stale.ended).toBe(true));
  await client.frame("message_delta");
  expect(await thread.rowCounts()).toMatchObject({ events: before.events, steps: before.steps });

  await thread.alarm();
  (await model.turn("two hold me", 2)).end("From the living.");
  const { data } = await client.completed(run_id);
  expect(data).toMatchObject({ status: "completed", final_response: "From the living." });
  expect(client.view.messages.at(-1)?.text).toBe("From the living.");
});
