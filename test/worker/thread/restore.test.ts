/** A database that was brought back to an earlier state has lost what was said since: its threads tell it again. */
import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, expect, it } from "vitest";
import { newId } from "../../../src/core/clock.ts";
import { Credentials, RestoredHistory } from "../../../src/protocol/api.ts";
import { ask, problemOf } from "../http/ask.ts";
import { beginThread, type Conversation } from "./conversation.ts";
import { type HeldModel, holdModel } from "./held-model.ts";

let model: HeldModel;
let operator: string;
let thread: Conversation;
beforeAll(async () => {
  const body = { email: `${newId()}@example.com`, permissions: ["operator"] };
  const response = await ask("/api/auth/dev-login", { body });
  operator = Credentials.parse(await response.json()).access_token;
});

/** A thread with a title, in which three things were said, and one of them anew. */
beforeEach(async () => {
  model = await holdModel();
  thread = await beginThread();
  await thread.ask("", { method: "PATCH", body: { title: "Costs", metadata: { team: "a" } } });
  const client = await thread.connect();
  async function exchange(question: string, more: object = {}) {
    const accepted = await client.say(question, more);
    (await model.turn(question)).end(`Answer to ${question}`);
    await client.completed(accepted.run_id);
    return accepted;
  }
  await exchange("first");
  const { message_id: replaces } = await exchange("mistyped");
  await exchange("typed", { replaces });
  client.close();
  await thread.settled();
});

/** All that D1 has of the thread, table by table; not under which event of a run's end it was told of it. */
async function kept() {
  const rowsOf = async (table: string, column: string) => {
    const query = `SELECT * FROM ${table} WHERE ${column} = ? ORDER BY id`;
    const { results } = await env.DB.prepare(query).bind(thread.threadId).all();
    return results.map(({ version: _, ...row }) => row);
  };
  const [messages, runs] = [
    await rowsOf("messages", "thread_id"),
    await rowsOf("runs", "thread_id"),
  ];
  const [row] = await rowsOf("threads", "id");
  return { messages, runs, title: row?.title, metadata: row?.metadata };
}

const lose = (table: string, rest: string) =>
  env.DB.prepare(`DELETE FROM ${table} WHERE ${rest}`).bind(thread.threadId).run();

const pathOf = ({ owner, threadId }: Pick<Conversation, "owner" | "threadId">) =>
  `/api/operator/threads/${owner.user.id}/${threadId}/restore`;

const restore = (token = operator) => ask(pathOf(thread), { method: "POST", token });

async function restored(): Promise<number> {
  const response = await restore();
  expect(response.status).toBe(202);
  await thread.settled();
  return RestoredHistory.parse(await response.json()).runs;
}

it("what was said since is missing, and comes back whole", async () => {
  const before = await kept();
  expect(before.messages).toHaveLength(6);
  await lose("messages", "thread_id = ? AND seq > 2");
  await lose("runs", "thread_id = ?");
  expect((await thread.messages()).map(({ content }) => content)).not.toContain("typed");

  expect(await restored()).toBe(3);
  expect(await kept()).toEqual(before);
  expect((await thread.messages()).map(({ content }) => content)).toContain("typed");
});

it("a message that was replaced since is so again", async () => {
  const before = await kept();
  await env.DB.prepare("UPDATE messages SET superseded_by = NULL WHERE thread_id = ?")
    .bind(thread.threadId)
    .run();
  await restored();
  expect(await kept()).toEqual(before);
});

it("a thread that was made since is there again, with its title", async () => {
  const before = await kept();
  await lose("threads", "id = ?");
  expect((await thread.ask("")).status).toBe(404);

  await restored();
  expect(await kept()).toEqual(before);
  expect((await thread.ask("")).status).toBe(200);
});

it("what is still there is not changed, and goes on as before", async () => {
  const before = await kept();
  await restored();
  expect(await kept()).toEqual(before);

  const client = await thread.connect();
  const { run_id } = await client.say("more");
  (await model.turn("more")).end("More.");
  await client.completed(run_id);
  client.close();
  await thread.settled();
  expect((await kept()).messages).toHaveLength(8);
});

it("a thread that was deleted, or never was, is not made, and nobody but an operator asks", async () => {
  expect((await problemOf(await restore(thread.owner.access_token))).code).toBe("not_found");
  expect((await thread.ask("", { method: "DELETE" })).status).toBe(204);
  expect((await problemOf(await restore())).code).toBe("not_found");
  const nowhere = pathOf({ owner: thread.owner, threadId: (await beginThread()).threadId });
  const answer = await ask(nowhere, { method: "POST", token: operator });
  expect((await problemOf(answer)).code).toBe("not_found");
  expect((await kept()).messages).toEqual([]);
});
