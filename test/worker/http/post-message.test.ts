/** A message over HTTP: refused with its reasons, accepted at once, or followed to its answer. */
import { runInDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { AcceptedMessage } from "../../../src/protocol/api.ts";
import { isLogged } from "../../../src/protocol/frames.ts";
import { MAX_MESSAGE_LENGTH, MAX_QUEUED_RUNS, MAX_SOCKETS } from "../../../src/protocol/limits.ts";
import { eventually, fieldsOf } from "../thread/client.ts";
import { beginThread, type Conversation } from "../thread/conversation.ts";
import { type HeldModel, holdModel } from "../thread/held-model.ts";
import { ask, problemOf } from "./ask.ts";
import { EventStream } from "./event-stream.ts";
import { FORBIDDEN_FIELDS } from "./forbidden-fields.ts";

let model: HeldModel;
beforeAll(async () => {
  model = await holdModel();
});

const post = (thread: Conversation, body: object, headers = {}) =>
  thread.ask("/messages", { body, headers });

const follow = async (thread: Conversation, body: object) =>
  new EventStream(await post(thread, body, { accept: "text/event-stream" }));

describe("a message is refused", () => {
  it.each([
    ["without content", {}, "content"],
    ["with an empty content", { content: "" }, "content"],
    ["with a blank content", { content: " \n" }, "content"],
    ["with a content too long", { content: "x".repeat(MAX_MESSAGE_LENGTH + 1) }, "content"],
    ["with a content that is no text", { content: 1 }, "content"],
    ["to an unknown agent", { content: "hello", agent: "nobody" }, "agent"],
    ["to an unknown model", { content: "hello", model: "gpt-0" }, "model"],
    ["with an empty id", { content: "hello", client_message_id: "" }, "client_message_id"],
  ])("%s, and nothing changes", async (_, body, field) => {
    const thread = await beginThread();
    const problem = await problemOf(await post(thread, body));

    expect(problem).toMatchObject({ status: 422, code: "invalid_fields" });
    expect(fieldsOf(problem)).toEqual([field]);
    expect(await thread.rowCounts()).toMatchObject({ runs: 0, events: 0, outbox: 0 });
  });

  it.each(FORBIDDEN_FIELDS)(
    "that brings %s along: history and ids are the server's",
    async (field) => {
      const thread = await beginThread();
      const problem = await problemOf(await post(thread, { content: "hello", [field]: "mine" }));

      expect(problem).toMatchObject({ status: 422, code: "invalid_fields" });
      expect(fieldsOf(problem)).toEqual([field]);
      expect(await thread.rowCounts()).toMatchObject({ runs: 0, events: 0, outbox: 0 });
    },
  );

  it.each([
    ["that is no JSON", '{"content":', "application/json", "malformed_body"],
    [
      "of another type",
      "content=hello",
      "application/x-www-form-urlencoded",
      "unsupported_media_type",
    ],
  ])("as a body %s", async (_, body, type, code) => {
    const thread = await beginThread();
    const response = await thread.ask("/messages", { body, headers: { "content-type": type } });

    expect((await problemOf(response)).code).toBe(code);
    expect(await thread.rowCounts()).toMatchObject({ runs: 0 });
  });

  it("where its id was used for another one", async () => {
    const thread = await beginThread();
    await post(thread, { content: "one", client_message_id: "mine" });
    const problem = await problemOf(
      await post(thread, { content: "another", client_message_id: "mine" }),
    );

    expect(problem).toMatchObject({ status: 409, code: "idempotency_conflict" });
    expect(fieldsOf(problem)).toEqual(["client_message_id"]);
    (await model.turn("one")).end("Done.");
  });

  it("where too many wait, with a word when to come back", async () => {
    const thread = await beginThread();
    for (let n = 0; n < MAX_QUEUED_RUNS; n += 1) await post(thread, { content: "wait" });
    const response = await post(thread, { content: "one too many" });

    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await problemOf(response)).toMatchObject({ status: 429, code: "queue_full" });
  });

  it("without a token", async () => {
    const { path } = await beginThread();
    const response = await ask(`${path}/messages`, { body: { content: "hello" } });

    expect(await problemOf(response)).toMatchObject({ status: 401, code: "unauthenticated" });
  });
});

describe("a message is accepted", () => {
  it("with ids and the run's address, where the run is found at once", async () => {
    const thread = await beginThread();
    const response = await post(thread, { content: "a question" });
    const accepted = AcceptedMessage.parse(await response.json());

    expect(response.status).toBe(202);
    expect(accepted.thread_id).toBe(thread.threadId);
    const location = response.headers.get("location") ?? "";
    const run = await ask(location, { token: thread.owner.access_token });
    expect(await run.json()).toMatchObject({
      id: accepted.run_id,
      message_id: accepted.message_id,
      status: expect.stringMatching(/queued|running/),
      final_response: null,
    });
    (await model.turn("a question")).end("An answer.");
    await eventually(async () =>
      expect(await thread.run(accepted.run_id)).toMatchObject({
        status: "completed",
        final_response: "An answer.",
      }),
    );
  });

  it.each([["trace-7"], ["t".repeat(200)]])(
    "as often as it is said, though all its requests bear the id %s",
    async (id) => {
      const thread = await beginThread();
      const say = () => post(thread, { content: `again under ${id}` }, { "x-request-id": id });
      const answers = [await say(), await say()];
      for (const { status } of answers) expect(status).toBe(202);

      const [one, two] = await Promise.all(answers.map((answer) => answer.json()));
      expect(AcceptedMessage.parse(one).run_id).not.toBe(AcceptedMessage.parse(two).run_id);
    },
  );
});

describe("a message that is followed", () => {
  it("streams its run from the beginning to agent_completed, and ends there", async () => {
    const thread = await beginThread();
    const response = await post(thread, { content: "follow" }, { accept: "text/event-stream" });
    const stream = new EventStream(response);
    (await model.turn("follow")).end("Followed.");
    await stream.toEnd();

    expect(response.headers.get("content-type")).toContain("text/event-stream");
    expect(response.headers.get("cache-control")).toContain("no-store");
    const types = stream.frames.map(({ type }) => type);
    expect(types.slice(0, 3)).toEqual(["message_accepted", "agent_started", "agent_thinking"]);
    expect(types).toContain("message_delta");
    expect(types.at(-1)).toBe("agent_completed");
    expect(stream.frames.at(-1)).toMatchObject({ data: { final_response: "Followed." } });
  });

  it("tells nothing of other runs, not of those before and not of those behind", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    await client.say("before");
    await model.turn("before");
    const stream = await follow(thread, { content: "mine", client_message_id: "mine" });
    const behind = await client.say("behind");
    (await model.turn("before")).end("Not for the stream.");
    (await model.turn("mine")).end("For the stream.");
    (await model.turn("behind")).end("Neither for the stream.");
    await stream.toEnd();
    await client.completed(behind.run_id);

    const logged = stream.frames.filter(isLogged);
    expect(new Set(logged.map(({ context }) => context.run_id)).size).toBe(1);
    const texts = stream.frames.filter(({ type }) => type === "message_delta");
    expect(texts).toMatchObject([{ text: "For the stream." }]);
    expect(logged.at(-1)).toMatchObject({ data: { final_response: "For the stream." } });
  });

  it("and is sent again when all is over, is told whole again, and runs no second time", async () => {
    const thread = await beginThread();
    const body = { content: "twice", client_message_id: "mine" };
    const first = await follow(thread, body);
    (await model.turn("twice")).end("Once.");
    await first.toEnd();
    const second = await follow(thread, body);
    await second.toEnd();

    expect(second.frames.filter(isLogged)).toEqual(first.frames.filter(isLogged));
    expect(model.turns("twice")).toHaveLength(1);
  });

  it("again, when the journal no longer has it, is pointed to the history", async () => {
    const thread = await beginThread();
    const body = { content: "long ago", client_message_id: "mine" };
    const first = await follow(thread, body);
    (await model.turn("long ago")).end("Done.");
    await first.toEnd();
    await runInDurableObject(thread.object, (_, { storage }) => {
      storage.sql.exec("DELETE FROM journal WHERE seq <= 4");
    });
    const second = await follow(thread, body);
    await second.toEnd();

    expect(second.frames).toMatchObject([{ type: "connection_ready", data: { recovered: false } }]);
  });

  it("is accepted with its ids alone where no more connections are served", async () => {
    const thread = await beginThread();
    await Promise.all(Array.from({ length: MAX_SOCKETS }, () => thread.connect()));
    const response = await post(thread, { content: "full house" }, { accept: "text/event-stream" });

    expect(response.status).toBe(202);
    const { run_id } = AcceptedMessage.parse(await response.json());
    (await model.turn("full house")).end("All heard.");
    await eventually(async () =>
      expect(await thread.run(run_id)).toMatchObject({ final_response: "All heard." }),
    );
  });

  it("goes on when its reader leaves", async () => {
    const thread = await beginThread();
    const stream = await follow(thread, { content: "left alone" });
    await stream.until(({ type }) => type === "agent_started");
    const run = stream.frames.find(isLogged)?.context.run_id ?? "";
    await stream.leave();
    const turn = await model.turn("left alone");
    turn.write("Nobody ");
    turn.end("listens.");

    await eventually(async () =>
      expect(await thread.run(run)).toMatchObject({
        status: "completed",
        final_response: "Nobody listens.",
      }),
    );
  });
});
