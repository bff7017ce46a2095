/** While D1 is away: chat goes on, the list of messages stays whole, and history catches up afterwards. */

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { RunId } from "../../../src/protocol/ids.ts";
import { ask } from "../http/ask.ts";
import { eventually } from "./client.ts";
import { beginThread, type Conversation } from "./conversation.ts";
import { type HeldModel, holdModel, objectEnv } from "./held-model.ts";
import { fillJournal } from "./long-journal.ts";

let model: HeldModel;
beforeAll(async () => {
  model = await holdModel();
});

/** Has every write to the history fail, as one transaction; what is saved can still be read. */
async function breakHistory(): Promise<void> {
  await env.DB.exec(
    "CREATE TRIGGER outage BEFORE INSERT ON messages BEGIN SELECT missing FROM messages; END",
  );
}

async function restoreHistory(): Promise<void> {
  await env.DB.exec("DROP TRIGGER IF EXISTS outage");
}

afterEach(async () => {
  vi.restoreAllMocks();
  await restoreHistory();
  model = await holdModel();
});

const Saved = z.array(z.object({ content: z.string(), status: z.string() }));

/** @returns what D1 itself holds, without what the object adds. */
async function saved(thread: Conversation) {
  const query = "SELECT content, status FROM messages WHERE thread_id = ? ORDER BY seq";
  const { results } = await env.DB.prepare(query).bind(thread.threadId).all();
  return Saved.parse(results);
}

const told = async (thread: Conversation) =>
  (await thread.messages()).map(({ content, status }) => ({ content, status }));

describe("while the history cannot be written", () => {
  it("chat goes on and says so, the messages are listed, and afterwards each is saved once", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    await breakHistory();
    const conversation = [];
    const runs = [];
    for (const [question, answer] of [
      ["first", "One."],
      ["second", "Two."],
    ] as const) {
      const { run_id } = await client.say(question);
      (await model.turn(question)).end(answer);
      const { data } = await client.completed(run_id);
      expect(data).toMatchObject({ status: "completed", persisted: false });
      runs.push(run_id);
      conversation.push({ content: question, status: "complete" });
      conversation.push({ content: answer, status: "complete" });
    }

    expect(await saved(thread)).toEqual([]);
    expect(await told(thread)).toEqual(conversation);
    expect(await thread.alarm()).toBe(true);
    expect(await saved(thread)).toEqual([]);
    await restoreHistory();
    await thread.settled();
    expect(await saved(thread)).toEqual(conversation);
    expect(await told(thread)).toEqual(conversation);
    for (const run of runs) expect(await thread.run(run)).toMatchObject({ status: "completed" });
  });

  it("a message over HTTP is accepted, and its answer is listed while it is written", async () => {
    const thread = await beginThread();
    await breakHistory();
    const response = await thread.ask("/messages", { body: { content: "over HTTP" } });
    expect(response.status).toBe(202);
    const turn = await model.turn("over HTTP");
    turn.write("Being written");

    await eventually(async () =>
      expect(await told(thread)).toEqual([
        { content: "over HTTP", status: "complete" },
        { content: "Being written", status: "streaming" },
      ]),
    );
    turn.end(".");
    await restoreHistory();
    await thread.settled();
    expect(await saved(thread)).toEqual([
      { content: "over HTTP", status: "complete" },
      { content: "Being written.", status: "complete" },
    ]);
  });

  it("a death loses nothing of what was to be saved", async () => {
    const thread = await beginThread();
    const client = await thread.connect();
    await breakHistory();
    const { run_id } = await client.say("kept");
    (await model.turn("kept")).end("Kept too.");
    await client.completed(run_id);
    await thread.die();
    await restoreHistory();

    await thread.settled();
    expect(await saved(thread)).toEqual([
      { content: "kept", status: "complete" },
      { content: "Kept too.", status: "complete" },
    ]);
    expect(await thread.run(run_id)).toMatchObject({
      id: RunId.parse(run_id),
      final_response: "Kept too.",
    });
  });
});

it("the journal keeps what the history does not have yet, and is trimmed when it has", async () => {
  const thread = await beginThread();
  const client = await thread.connect();
  await breakHistory();
  const { run_id } = await client.say("long awaited");
  (await model.turn("long awaited")).end("Still here.");
  await client.completed(run_id);
  await runInDurableObject(thread.object, (_, { storage }) => {
    fillJournal(storage.sql, 6_000);
  });
  const rename = (title: string) => thread.ask("", { method: "PATCH", body: { title } });
  await rename("while it is away");
  expect(await thread.rowCounts()).toMatchObject({ events: 6_001 });

  await restoreHistory();
  await thread.settled();
  await rename("afterwards");
  expect(await thread.rowCounts()).toMatchObject({ events: 5_001 });
});

it("a D1 that is silent holds nobody up: the run ends, and says that it is not saved yet", async () => {
  const thread = await beginThread();
  const client = await thread.connect();
  const { DB } = await objectEnv();
  const silence = vi.spyOn(DB, "batch").mockReturnValue(new Promise(() => undefined));
  const { run_id } = await client.say("anybody there?");
  (await model.turn("anybody there?")).end("Yes.");
  expect((await client.completed(run_id)).data.persisted).toBe(false);

  silence.mockRestore();
  await thread.die();
  await thread.settled();
  expect(await saved(thread)).toHaveLength(2);
  expect(await thread.run(run_id)).toMatchObject({ status: "completed" });
});

it("a write that was carried out though it seemed to fail is not doubled", async () => {
  const thread = await beginThread();
  const client = await thread.connect();
  const { DB } = await objectEnv();
  const batch = DB.batch.bind(DB);
  const lost = vi.spyOn(DB, "batch").mockImplementation(async (statements) => {
    await batch(statements);
    throw new Error("the answer was lost");
  });
  const { run_id } = await client.say("heard twice?");
  (await model.turn("heard twice?")).end("Once.");
  expect((await client.completed(run_id)).data.persisted).toBe(false);

  lost.mockRestore();
  await thread.settled();
  expect(await saved(thread)).toEqual([
    { content: "heard twice?", status: "complete" },
    { content: "Once.", status: "complete" },
  ]);
  const run = await ask(`/api/runs/${run_id}`, { token: thread.owner.access_token });
  expect(await run.json()).toMatchObject({ status: "completed", final_response: "Once." });
});
