/** Forks: a conversation's beginning in a thread of its own, and the first one as it was. */
import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { MessagePage } from "../../../src/protocol/api.ts";
import { type Message, Thread } from "../../../src/protocol/entities.ts";
import { ApexError } from "../../../src/protocol/errors.ts";
import { ask, problemOf } from "../http/ask.ts";
import { somebody } from "../http/somebody.ts";
import { type Client, fieldsOf } from "./client.ts";
import { beginThread, Conversation } from "./conversation.ts";
import { contents, exchange, fork, forked, threadsOf } from "./forks.ts";
import { type HeldModel, holdModel } from "./held-model.ts";
import { MeddledThreads } from "./meddled-threads.ts";
import { savedMessages, savedRuns, stateOf } from "./thread-state.ts";

let model: HeldModel;
let thread: Conversation;
let client: Client;
beforeAll(async () => {
  model = await holdModel();
});
beforeEach(async () => {
  thread = await beginThread();
  client = await thread.connect();
});

afterEach(async () => {
  vi.restoreAllMocks();
  model = await holdModel();
});

/** @returns what of a message is the same in a copy of it. */
function said({ role, content, agent, status, superseded_by, created_at }: Message) {
  return { role, content, agent, status, superseded_by, created_at };
}

describe("a fork is refused, and there is no thread more,", () => {
  afterEach(async () => {
    expect(await threadsOf(thread)).toHaveLength(1);
  });

  it.each(["made-up", "x".repeat(65), ""])("at the message %j, which nobody has", async (id) => {
    const problem = await problemOf(await fork(thread, { message_id: id }));
    expect(problem.code).toBe("invalid_fields");
    expect(fieldsOf(problem)).toEqual(["message_id"]);
  });

  it("at a message of another's thread", async () => {
    const other = await beginThread();
    const stranger = await other.connect();
    const { question } = await exchange(model, stranger, ["not yours", "Mine."]);
    const problem = await problemOf(await fork(thread, { message_id: question }));
    expect(problem.code).toBe("invalid_fields");
    expect(fieldsOf(problem)).toEqual(["message_id"]);
  });

  it("at a message that was replaced, and at its answer", async () => {
    const old = await exchange(model, client, ["old", "Old."]);
    await exchange(model, client, ["new", "New."], { replaces: old.question });
    for (const message_id of [old.question, old.answer]) {
      const problem = await problemOf(await fork(thread, { message_id }));
      expect(problem.code).toBe("invalid_fields");
      expect(fieldsOf(problem)).toEqual(["message_id"]);
    }
  });

  it("at a message whose run is live or waits, and the run is named", async () => {
    const live = await client.say("live");
    const waiting = await client.say("waiting");
    const { data } = await client.frame("agent_started");
    for (const [message_id, run_id] of [
      [live.message_id, live.run_id],
      [data.message_id, live.run_id],
      [waiting.message_id, waiting.run_id],
    ]) {
      const problem = await problemOf(await fork(thread, { message_id }));
      expect(problem).toMatchObject({ code: "thread_busy", active_run_id: run_id });
    }
    (await model.turn("live")).end("Done.");
    (await model.turn("waiting")).end("Done.");
    await client.completed(waiting.run_id);
  });

  it.each([
    [{ messages: [] }, ["messages"]],
    [{ id: "mine" }, ["id"]],
    [{ forked_from: null }, ["forked_from"]],
    [{ title: " " }, ["title"]],
    [{ metadata: { team: 7 } }, ["metadata.team"]],
  ])("with %j", async (forged, fields) => {
    const problem = await problemOf(await fork(thread, { message_id: "any", ...forged }));
    expect(problem.code).toBe("invalid_fields");
    expect(fieldsOf(problem)).toEqual(fields);
  });

  it("of a thread one does not have, or without a token", async () => {
    const { question } = await exchange(model, client, ["mine alone", "Yours."]);
    const eve = await somebody();
    const foreign = await fork(thread, { message_id: question }, { token: eve.access_token });
    expect((await problemOf(foreign)).code).toBe("not_found");
    const nobody = await ask(`${thread.path}/fork`, { body: { message_id: question } });
    expect((await problemOf(nobody)).code).toBe("unauthenticated");
    expect(await threadsOf({ owner: eve })).toEqual([]);
  });
});

describe("a fork", () => {
  it("copies what counts up to the message's exchange, whole, and leaves the source as it is", async () => {
    await exchange(model, client, ["one", "First."]);
    const mistyped = await exchange(model, client, ["tow", "What?"]);
    const two = await exchange(model, client, ["two", "Second."], { replaces: mistyped.question });
    await exchange(model, client, ["three", "Third."]);
    await thread.settled();
    const before = [await thread.messages(), await stateOf(thread)];
    const copies = [await forked(thread, { message_id: two.question })];
    copies.push(await forked(thread, { message_id: two.answer }));
    const source = await thread.messages();

    for (const copy of copies) {
      const messages = await copy.messages();
      expect(messages.map(said)).toEqual(source.slice(0, 4).map(said));
      expect(messages.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
      expect(new Set([...messages, ...source].map(({ id }) => id))).toHaveLength(10);
      expect(await savedMessages(copy)).toMatchObject(messages.map(({ id }) => ({ id })));
      expect((await savedRuns(copy)).map(({ status }) => status)).toEqual([
        "completed",
        "completed",
      ]);
    }
    expect([await thread.messages(), await stateOf(thread)]).toEqual(before);
  });

  it("is told by its thread, its address and the list; title and labels are the source's or one's own", async () => {
    const { question } = await exchange(model, client, ["call me this", "Yes."]);
    await thread.settled();
    await thread.ask("", { method: "PATCH", body: { metadata: { team: "search" } } });
    const response = await fork(thread, { message_id: question });
    const inherited = Thread.parse(await response.json());
    const own = { title: "What if", metadata: { team: "ads" } };
    const named = Thread.parse(await (await fork(thread, { message_id: question, ...own })).json());

    expect(response.headers.get("Location")).toBe(`/api/threads/${inherited.id}`);
    const forked_from = { thread_id: thread.threadId, message_id: question };
    expect(inherited).toMatchObject({
      title: "call me this",
      metadata: { team: "search" },
      forked_from,
    });
    expect(named).toMatchObject({ ...own, forked_from });
    const listed = await threadsOf(thread);
    expect(listed.map(({ id }) => id)).toEqual([named.id, inherited.id, thread.threadId]);
    expect(listed.slice(0, 2)).toMatchObject([{ forked_from }, { forked_from }]);
  });

  it("keeps how each exchange ended, and counts nothing twice that was used", async () => {
    const failed = await client.say("will fail");
    (await model.turn("will fail")).fail(new ApexError("model_rejected", "No."));
    await client.completed(failed.run_id);
    const stopped = await client.say("will stop");
    (await model.turn("will stop")).write("Half");
    await client.frame("message_delta", ({ text }) => text === "Half");
    client.send({ type: "cancel", run_id: stopped.run_id });
    await client.completed(stopped.run_id);
    const copy = await forked(thread, { message_id: stopped.message_id });

    const source = await thread.messages();
    const messages = await copy.messages();
    expect(messages.map(said)).toEqual(source.map(said));
    expect(messages.map(({ status }) => status)).toEqual([
      "complete",
      "failed",
      "complete",
      "cancelled",
    ]);
    const runs = await Promise.all([1, 3].map((seq) => copy.run(`${copy.threadId}.${seq}`)));
    expect(runs).toMatchObject([
      { status: "failed", usage: null, problem: { code: "model_rejected" } },
      { status: "cancelled", usage: null, final_response: "Half" },
    ]);
  });

  it("goes on from there: its runs know the conversation, edits work, and the source hears nothing", async () => {
    await exchange(model, client, ["Who?", "Ada."]);
    const { answer } = await exchange(model, client, ["When?", "In winter."]);
    const copy = await forked(thread, { message_id: answer });
    const there = await copy.connect();
    const events = client.events.length;
    await exchange(model, there, ["Where?", "London."]);
    const [, , when] = await copy.messages();
    await exchange(model, there, ["Why?", "Curiosity."], { replaces: when?.id });

    const turn = await model.turn("Where?");
    expect(turn.request.messages.slice(1).map(({ content }) => content)).toEqual([
      "Who?",
      "Ada.",
      "When?",
      "In winter.",
      "Where?",
    ]);
    await copy.settled();
    expect(contents(await copy.messages())).toEqual(["Who?", "Ada.", "Why?", "Curiosity."]);
    expect(contents(await thread.messages())).toEqual(["Who?", "Ada.", "When?", "In winter."]);
    expect(client.events).toHaveLength(events);
  });

  it("has who connects from its beginning load the messages, and loses no event after that", async () => {
    const { question } = await exchange(model, client, ["before", "Yes."]);
    const copy = await forked(thread, { message_id: question });
    const first = await copy.connect();
    const { data } = await first.frame("connection_ready");
    expect(data).toMatchObject({ recovered: false, last_seq: 3, replay_after: 3 });
    expect(first.view.stale).toBe(true);
    await exchange(model, first, ["after", "Too."]);
    const back = await copy.connect(`?after=2&epoch=${data.epoch}`);
    expect((await back.frame("connection_ready")).data.recovered).toBe(true);
    await back.frame("agent_completed");

    const [named, ...rest] = back.events;
    expect(named).toMatchObject({ type: "thread_updated", seq: 3, data: { title: "before" } });
    expect(rest).toEqual(first.events);
    expect(rest.map(({ seq }) => seq)).toEqual(rest.map((_, index) => index + 4));
    const late = await copy.connect();
    expect((await late.frame("connection_ready")).data.recovered).toBe(false);
  });

  it("can be forked itself, and outlives its source", async () => {
    await exchange(model, client, ["one", "First."]);
    const { question } = await exchange(model, client, ["two", "Second."]);
    const copy = await forked(thread, { message_id: question });
    const [, answer] = await copy.messages();
    const again = await forked(copy, { message_id: answer?.id });
    await thread.ask("", { method: "DELETE" });
    await copy.ask("", { method: "DELETE" });

    expect(contents(await again.messages())).toEqual(["one", "First."]);
    expect((await copy.ask("/messages")).status).toBe(404);
  });
});

describe("a long thread", () => {
  /** Has the thread look as if it had answered so many questions. */
  async function lengthen(exchanges: number, characters: number): Promise<void> {
    await exchange(model, client, ["the first of many", "An answer."]);
    await runInDurableObject(thread.object, (_, { storage: { sql } }) => {
      sql.exec(
        `WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
         INSERT INTO runs (accepted_seq, message_id, answer_id, content, agent, model, status,
           accepted_at, started_seq, started_at, ended_seq, ended_at, answer, usage)
         SELECT i * 3 + 10, 'message-' || i, 'answer-' || i, 'Question ' || i, agent, model, status,
           accepted_at, i * 3 + 11, started_at, i * 3 + 12, ended_at, printf('%.*c', ?, 'x'), usage
         FROM n, (SELECT * FROM runs LIMIT 1)`,
        exchanges,
        characters,
      );
    });
  }

  it("of ten thousand messages is forked whole, in pages, and is listed before D1 has it all", async () => {
    await lengthen(5_000, 2_000);
    const pages: number[] = [];
    const watched = new MeddledThreads("takeFork", async (act, page) => {
      pages.push(JSON.stringify(page).length);
      return await act();
    });
    const response = await fork(thread, { message_id: "answer-5000" }, watched);
    expect(response.status).toBe(201);
    const copy = new Conversation(thread.owner, Thread.parse(await response.json()));
    const last = await copy.ask("/messages?order=desc&limit=2");
    const { data } = MessagePage.parse(await last.json());

    expect(data.map(({ seq }) => seq)).toEqual([10_000, 9_999]);
    expect(data[1]?.content).toBe("Question 5000");
    expect(pages).toHaveLength(50);
    expect(Math.max(...pages)).toBeLessThan(2_000_000);
    await vi.waitFor(
      async () => {
        await copy.alarm();
        expect((await savedRuns(copy)).length).toBe(5_000);
      },
      { timeout: 30_000, interval: 100 },
    );
    expect(new Set((await savedMessages(copy)).map(({ seq }) => seq))).toHaveLength(10_000);
    const middle = await forked(thread, { message_id: "message-2500" });
    expect((await middle.rowCounts()).runs).toBe(2_500);
  }, 60_000);

  it("that is longer than a fork may be is refused, but not at an earlier message", async () => {
    await lengthen(10_001, 1);
    const problem = await problemOf(await fork(thread, { message_id: "message-10001" }));
    expect(problem).toMatchObject({ code: "too_large", status: 413 });
    expect(await threadsOf(thread)).toHaveLength(1);
    expect((await fork(thread, { message_id: "message-200" })).status).toBe(201);
  });

  it("with more to say than a fork may carry is refused too", async () => {
    await lengthen(600, 90_000);
    const problem = await problemOf(await fork(thread, { message_id: "message-600" }));
    expect(problem.code).toBe("too_large");
  });
});
