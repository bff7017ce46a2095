/** What the history refuses for good: it holds up nothing, is not lost, and an operator can send it again. */
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../../src/core/clock.ts";
import { Credentials, DeadLetters } from "../../../src/protocol/api.ts";
import { ask, problemOf } from "../http/ask.ts";
import { eventually } from "./client.ts";
import { beginThread, type Conversation } from "./conversation.ts";
import { type HeldModel, holdModel } from "./held-model.ts";

let model: HeldModel;
let operator: string;
beforeAll(async () => {
  model = await holdModel();
  const body = { email: `${newId()}@example.com`, permissions: ["operator"] };
  const response = await ask("/api/auth/dev-login", { body });
  operator = Credentials.parse(await response.json()).access_token;
});

/** Has the history refuse every message that says "poison", as a constraint would. */
async function refusePoison(): Promise<void> {
  await env.DB.exec(
    "CREATE TRIGGER refusal BEFORE INSERT ON messages WHEN NEW.content LIKE '%poison%' BEGIN SELECT RAISE(ABORT, 'refused'); END",
  );
}

async function allowAll(): Promise<void> {
  await env.DB.exec("DROP TRIGGER IF EXISTS refusal");
}

afterEach(allowAll);

const pathOf = ({ owner, threadId }: Conversation) =>
  `/api/operator/threads/${owner.user.id}/${threadId}/dead-letters`;

async function deadLetters(thread: Conversation): Promise<DeadLetters> {
  return DeadLetters.parse(await (await ask(pathOf(thread), { token: operator })).json());
}

let questions = 0;

/** A thread whose first message the history refused, and whose answer it took. */
async function poisoned() {
  await refusePoison();
  const thread = await beginThread();
  const client = await thread.connect();
  const question = `poison question ${++questions}`;
  const { run_id, message_id } = await client.say(question);
  (await model.turn(question)).end("A harmless answer.");
  const completed = await client.completed(run_id);
  await thread.settled();
  return { thread, question, run_id, message_id, completed };
}

describe("a message that the history refuses for good", () => {
  it("holds up nothing behind it, and is set aside with its reason", async () => {
    const { thread, run_id, message_id, completed } = await poisoned();

    expect(completed.data).toMatchObject({ status: "completed", persisted: false });
    expect(await thread.run(run_id)).toMatchObject({
      status: "completed",
      final_response: "A harmless answer.",
    });
    expect(await deadLetters(thread)).toEqual({
      data: [
        {
          id: 1,
          kind: "message",
          subject_id: message_id,
          version: 1,
          characters: expect.any(Number),
          reason: expect.stringMatching(/^SQLITE_CONSTRAINT/),
          refused_at: expect.any(String),
        },
      ],
      total: 1,
    });
  });

  it("is still in the list of messages, in its place", async () => {
    const { thread, question } = await poisoned();

    expect((await thread.messages()).map(({ content }) => content)).toEqual([
      question,
      "A harmless answer.",
    ]);
  });

  it("is saved when it is replayed and the history takes it, once and in its place", async () => {
    const { thread, question } = await poisoned();
    await allowAll();
    const replay = () => ask(`${pathOf(thread)}/replay`, { method: "POST", token: operator });
    const response = await replay();

    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ replayed: 1 });
    await thread.settled();
    expect(await deadLetters(thread)).toEqual({ data: [], total: 0 });
    expect((await thread.messages()).map(({ content }) => content)).toEqual([
      question,
      "A harmless answer.",
    ]);
    expect(await (await replay()).json()).toEqual({ replayed: 0 });
  });

  it("does not come back when it was edited, nor does its answer, replayed or not", async () => {
    const { thread, message_id } = await poisoned();
    const client = await thread.connect();
    const edit = await client.say("a better question", { replaces: message_id });
    (await model.turn("a better question")).end("A better answer.");
    await client.completed(edit.run_id);
    await thread.settled();
    const now = ["a better question", "A better answer."];
    expect((await thread.messages()).map(({ content }) => content)).toEqual(now);
    await allowAll();
    await ask(`${pathOf(thread)}/replay`, { method: "POST", token: operator });
    await thread.settled();

    expect(await deadLetters(thread)).toEqual({ data: [], total: 0 });
    expect((await thread.messages()).map(({ content }) => content)).toEqual(now);
  });

  it("and is replayed in vain is set aside again", async () => {
    const { thread } = await poisoned();
    await ask(`${pathOf(thread)}/replay`, { method: "POST", token: operator });
    await thread.settled();

    await eventually(async () => expect((await deadLetters(thread)).total).toBe(1));
  });
});

describe("the operator's routes", () => {
  it("are not there for anybody else, the thread's own user included", async () => {
    const thread = await beginThread();
    const { access_token: token } = thread.owner;
    for (const asked of [
      ask(pathOf(thread), { token }),
      ask(`${pathOf(thread)}/replay`, { method: "POST", token }),
    ]) {
      expect(await problemOf(await asked)).toMatchObject({ status: 404, code: "not_found" });
    }
  });

  it("know no thread that is not, or is another user's than named", async () => {
    const [thread, other] = await Promise.all([beginThread(), beginThread()]);
    const ids = [
      [thread.owner.user.id, "missing"],
      ["missing", thread.threadId],
      [other.owner.user.id, thread.threadId],
    ];
    for (const [user, id] of ids) {
      const path = `/api/operator/threads/${user}/${id}/dead-letters`;
      expect(await problemOf(await ask(path, { token: operator }))).toMatchObject({ status: 404 });
    }
  });

  it("say nothing of what was said", async () => {
    const { thread } = await poisoned();
    expect(JSON.stringify(await deadLetters(thread))).not.toContain("poison");
  });
});
