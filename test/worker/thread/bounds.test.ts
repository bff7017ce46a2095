/** A thread under more than anybody should give it: long, flooded, asked for the impossible. */
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { estimateTokenCount } from "tokenx";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { AcceptedMessage } from "../../../src/protocol/api.ts";
import { PING_FRAME } from "../../../src/protocol/frames.ts";
import { Runner } from "../../../src/thread/runner.ts";
import { fieldsOf } from "./client.ts";
import { beginThread, type Conversation } from "./conversation.ts";
import { type HeldModel, holdModel } from "./held-model.ts";
import { fillJournal } from "./long-journal.ts";
import { stateOf } from "./thread-state.ts";

let model: HeldModel;
beforeAll(async () => {
  model = await holdModel();
});

afterEach(async () => {
  vi.restoreAllMocks();
  model = await holdModel();
});

const MESSAGES = 10_000;
const EVENTS = 30_100;
/** What the product promises to keep and to read: events, exchanges, and characters of them. */
const BOUNDS = { events: 5_000, tokens: 32_000 };

/** Answers one question, and then has the thread look as if it had answered ten thousand. */
async function longThread(): Promise<Conversation> {
  const thread = await beginThread();
  const client = await thread.connect();
  const { run_id } = await client.say("the first of many");
  (await model.turn("the first of many")).end("An answer.");
  await client.completed(run_id);
  await thread.settled();
  client.close();
  await runInDurableObject(thread.object, (_, { storage: { sql } }) => {
    const numbers = "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < ?)";
    sql.exec(
      `${numbers} INSERT INTO runs (accepted_seq, message_id, answer_id, content, agent, model, status,
         accepted_at, started_seq, started_at, ended_seq, ended_at, answer, usage)
       SELECT i * 3 + 10, 'message-' || i, 'answer-' || i, 'Question ' || i, agent, model, status,
         accepted_at, i * 3 + 11, started_at, i * 3 + 12, ended_at, printf('%.*c', 4000, 'x'), usage
       FROM n, (SELECT * FROM runs LIMIT 1)`,
      MESSAGES,
    );
    fillJournal(sql, EVENTS);
  });
  return thread;
}

describe("a thread of ten thousand messages", () => {
  it("tells who comes that it reaches back no further, instead of all of it", async () => {
    const thread = await longThread();
    const client = await thread.connect();
    const { data } = await client.frame("connection_ready");
    client.sendRaw('{ "type": "ping" }');
    await client.frame("pong");

    expect(data).toMatchObject({ recovered: false, last_seq: EVENTS, replay_after: EVENTS });
    expect(client.frames.map(({ type }) => type)).toEqual(["connection_ready", "pong"]);
  });

  it("gives the model its latest part alone, answers, and trims its journal", async () => {
    const thread = await longThread();
    const client = await thread.connect();
    const { run_id } = await client.say("and one more");
    const turn = await model.turn("and one more");
    turn.end("One more.");
    await client.completed(run_id);

    const { messages } = turn.request;
    const before = messages.slice(1, -1);
    expect(before.length).toBeGreaterThan(0);
    const tokens = before.reduce((sum, { content }) => sum + estimateTokenCount(content), 0);
    expect(tokens).toBeLessThanOrEqual(BOUNDS.tokens);
    expect(before.at(-2)).toMatchObject({ role: "user", content: `Question ${MESSAGES}` });
    // What the history and the user's feed still lacked by then is kept until the next change.
    await thread.settled();
    expect((await thread.ask("", { method: "PATCH", body: { title: "Long" } })).status).toBe(200);
    const { journal } = await stateOf(thread);
    expect(journal).toHaveLength(BOUNDS.events + 1);
    expect(journal.at(-1)?.seq).toBe(client.view.lastSeq);
  });
});

it("one message sent a hundred times at once, through every door, makes one run", async () => {
  const thread = await beginThread();
  const clients = [await thread.connect(), await thread.connect()];
  const message = { content: "a hundred times", client_message_id: "mine" };
  const posts = Array.from({ length: 100 }, async (_, index) => {
    const client = clients[index % 4];
    if (client !== undefined) return (await client.say(message.content, message)).run_id;
    const response = await thread.ask("/messages", { body: message });
    return AcceptedMessage.parse(await response.json()).run_id;
  });
  const runs = await Promise.all(posts);

  expect(new Set(runs).size).toBe(1);
  expect(await thread.rowCounts()).toMatchObject({ runs: 1 });
  (await model.turn("a hundred times")).end("Once.");
  await clients[0]?.completed(runs[0] ?? "");
  expect(model.turns("a hundred times")).toHaveLength(1);
});

it("a frame of a mebibyte is refused, and the socket that sent it goes on", async () => {
  const thread = await beginThread();
  const client = await thread.connect();
  const content = "x".repeat(1_048_576);
  const { problem } = await client.refused({ type: "user_message", content });

  expect(problem.code).toBe("too_large");
  expect(await thread.rowCounts()).toMatchObject({ events: 0, runs: 0, outbox: 0 });
  const { run_id } = await client.say("something shorter");
  (await model.turn("something shorter")).end("Better.");
  await client.completed(run_id);
});

it("ten thousand pings are answered without waking the thread", async () => {
  const thread = await beginThread();
  const client = await thread.connect();
  await evictDurableObject(thread.object);
  const wakes = vi.spyOn(Runner.prototype, "ensure");
  const pings = 10_000;
  for (let n = 0; n < pings; n += 1) client.sendRaw(PING_FRAME);
  await vi.waitFor(
    () => expect(client.frames.filter(({ type }) => type === "pong")).toHaveLength(pings),
    { timeout: 10_000, interval: 20 },
  );
  expect(wakes).not.toHaveBeenCalled();

  await client.refused({ type: "wake up" });
  expect(wakes).toHaveBeenCalled();
});

describe("a position that cannot be", () => {
  it.each([-1, 1.5, 2 ** 53, "1", null])("as %j is refused, and changes nothing", async (after) => {
    const thread = await beginThread();
    const client = await thread.connect();
    const { epoch } = (await client.frame("connection_ready")).data;
    const { problem } = await client.refused({ type: "resume", after, epoch });

    expect(problem.code).toBe("invalid_fields");
    expect(fieldsOf(problem)).toEqual(["after"]);
    expect(client.frames.filter(({ type }) => type === "connection_ready")).toHaveLength(1);
  });

  it("because it is still to come, is told to be none", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    const { epoch } = (await client.frame("connection_ready")).data;
    client.send({ type: "resume", after: 7, epoch });
    const { data } = await client.frame("connection_ready", undefined, client.frames.length);

    expect(data).toMatchObject({ recovered: false, replay_after: 0 });
  });
});
