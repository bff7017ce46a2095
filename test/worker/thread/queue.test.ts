/** The thread's queue: each message once, one run at a time, in order, bounded, and cancelled at will. */
import { runInDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { LoggedEvent } from "../../../src/protocol/events.ts";
import { MAX_QUEUED_RUNS } from "../../../src/protocol/limits.ts";
import { portsOf } from "../../../src/thread/ports.ts";
import { beginThread } from "./conversation.ts";
import { type HeldModel, holdModel, objectEnv } from "./held-model.ts";

let model: HeldModel;
beforeAll(async () => {
  model = await holdModel();
});

const ofRun = (runId: string) => (event: LoggedEvent) => event.context.run_id === runId;

describe("a message with a client_message_id", () => {
  it("that comes thrice makes one run, and gets the same answer each time", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const witness = await thread.connect();
    const mine = { client_message_id: "mine" };
    const first = await client.say("once", mine);
    const second = await client.say("once", mine);
    (await model.turn("once")).end("Done.");
    await client.completed(first.run_id);
    const third = await client.say("once", mine);

    expect([second, third]).toEqual([first, first]);
    await witness.completed(first.run_id);
    expect(witness.events.filter(({ type }) => type === "message_accepted")).toHaveLength(1);
    expect(await thread.rowCounts()).toMatchObject({ runs: 1 });
    expect(model.turns("once")).toHaveLength(1);
  });

  it("that comes again when the journal no longer has it is pointed to the history", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const { run_id } = await client.say("long ago", { client_message_id: "mine" });
    (await model.turn("long ago")).end("Done.");
    await client.completed(run_id);
    await runInDurableObject(thread.object, (_, { storage }) => {
      storage.sql.exec("DELETE FROM journal WHERE seq <= 4");
    });
    const from = client.frames.length;
    client.send({ type: "user_message", content: "long ago", client_message_id: "mine" });
    const { data } = await client.frame("connection_ready", undefined, from);

    expect(data.recovered).toBe(false);
    expect(client.frames).toHaveLength(from + 1);
  });

  it("that comes twenty times at once, over HTTP, makes one run", async () => {
    const thread = await beginThread();
    const body = { content: "at once", client_message_id: "mine" };
    const post = async () => (await thread.ask("/messages", { body })).json();
    const answers = await Promise.all(Array.from({ length: 20 }, post));

    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await thread.rowCounts()).toMatchObject({ runs: 1 });
    (await model.turn("at once")).end("Done.");
  });

  it.each([
    ["content", { content: "another" }],
    ["agent", { content: "the first", agent: "data" }],
  ])("is refused where another %s came under it before", async (_, other) => {
    const thread = await beginThread();
    const client = await thread.connect();
    await client.say("the first", { client_message_id: "mine" });
    const refusal = await client.refused({
      type: "user_message",
      client_message_id: "mine",
      ...other,
    });

    expect(refusal).toMatchObject({
      client_message_id: "mine",
      problem: { code: "idempotency_conflict", errors: [{ field: "client_message_id" }] },
    });
    expect(await thread.rowCounts()).toMatchObject({ runs: 1 });
    (await model.turn("the first")).end("Done.");
  });
});

describe("the queue", () => {
  it(`takes ${MAX_QUEUED_RUNS} runs, refuses the next, and has room again when one ends`, async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const accepted = [];
    for (let n = 0; n < MAX_QUEUED_RUNS; n += 1) accepted.push(await client.say(`number ${n}`));
    const before = await thread.rowCounts();
    const refusal = await client.refused({ type: "user_message", content: "one too many" });

    expect(accepted.map((data) => data.queue_position)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(refusal.problem).toMatchObject({ code: "queue_full", retry_after: expect.any(Number) });
    expect(await thread.rowCounts()).toMatchObject({ runs: before.runs, outbox: before.outbox });
    (await model.turn("number 0")).end("Done.");
    await client.completed(accepted[0]?.run_id ?? "");
    expect((await client.say("one more")).queue_position).toBe(MAX_QUEUED_RUNS - 1);
  });

  it("runs one at a time, in the order of the messages", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const questions = ["first", "second", "third"];
    const runs = [];
    for (const question of questions) runs.push((await client.say(question)).run_id);
    for (const [index, question] of questions.entries()) {
      const turn = await model.turn(question);
      for (const later of questions.slice(index + 1)) expect(model.turns(later)).toEqual([]);
      turn.end(`The ${question} answer.`);
    }
    await client.completed(runs[2] ?? "");

    const ends = client.events.flatMap(({ type, context }) =>
      type === "agent_started" || type === "agent_completed" ? [[type, context.run_id]] : [],
    );
    expect(ends).toEqual(
      runs.flatMap((run) => [
        ["agent_started", run],
        ["agent_completed", run],
      ]),
    );
    expect(client.events.map(({ seq }) => seq)).toEqual(client.events.map((_, index) => index + 1));
    expect((await model.turn("third")).request.messages.slice(1)).toMatchObject([
      { content: "first" },
      { content: "The first answer." },
      { content: "second" },
      { content: "The second answer." },
      { content: "third" },
    ]);
  });
});

describe("a cancel", () => {
  it("of a run that waits gives its events complete, in its turn, without asking the model", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    await client.say("goes first");
    const { run_id } = await client.say("is cancelled");
    client.send({ type: "cancel", run_id });
    const { data: receipt } = await client.frame("cancel_accepted");
    expect(receipt).toEqual({ run_id, status: "queued", last_seq: null });
    (await model.turn("goes first")).end("Done.");
    const completed = await client.completed(run_id);

    expect(completed.data).toMatchObject({ status: "cancelled", final_response: "" });
    expect(client.events.filter(ofRun(run_id)).map(({ type }) => type)).toEqual([
      "message_accepted",
      "agent_started",
      "agent_thinking",
      "agent_thinking",
      "agent_completed",
    ]);
    expect(model.turns("is cancelled")).toEqual([]);
  });

  it.each([["by its id"], ["as the live one"]])(
    "of the live run, named %s, stops the model and keeps what was written",
    async (named) => {
      const thread = await beginThread();
      const client = await thread.connect();
      const { run_id } = await client.say(`stop ${named}`);
      const turn = await model.turn(`stop ${named}`);
      turn.write("Half an answer");
      await client.frame("message_delta");
      client.send({ type: "cancel", ...(named === "by its id" && { run_id }) });
      const { data: receipt } = await client.frame("cancel_accepted");
      const { data, seq } = await client.completed(run_id);

      expect(receipt).toEqual({ run_id, status: "cancelled", last_seq: seq });
      expect(data).toMatchObject({
        status: "cancelled",
        final_response: "Half an answer",
        usage: { model_calls: 1, output_tokens: 4, estimated: true },
      });
      expect(turn.ended).toBe(true);
      await thread.settled();
      expect(await thread.run(run_id)).toMatchObject({ status: "cancelled", problem: null });
      expect((await thread.messages())[1]).toMatchObject({
        status: "cancelled",
        content: "Half an answer",
      });
    },
  );

  it("in the middle of a tool call closes the call", async () => {
    const [tool] = portsOf(await objectEnv()).tools;
    if (tool === undefined) throw new Error("there is no tool to call");
    const execute = vi.spyOn(tool, "execute").mockReturnValue(new Promise(() => undefined));
    const thread = await beginThread();
    const client = await thread.connect();
    const { run_id } = await client.say("use a tool");
    const turn = await model.turn("use a tool");
    turn.call(tool.name, {});
    turn.end();
    const { data } = await client.frame("tool_executing");
    client.send({ type: "cancel" });
    const completed = await client.completed(run_id);

    expect(completed.data.status).toBe("cancelled");
    expect((await client.frame("tool_completed")).data).toMatchObject({
      call_id: data.call_id,
      status: "cancelled",
      problem: { code: "tool_cancelled" },
    });
    execute.mockRestore();
  });

  it("of a run that has ended changes nothing, and says where its events ended", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const { run_id } = await client.say("too late");
    (await model.turn("too late")).end("Done.");
    const { seq } = await client.completed(run_id);
    client.send({ type: "cancel", run_id });
    const { data } = await client.frame("cancel_accepted");

    expect(data).toEqual({ run_id, status: "completed", last_seq: seq });
    expect(client.events.at(-1)?.type).toBe("agent_completed");
    expect(await thread.run(run_id)).toMatchObject({ status: "completed" });
  });
});
