/** Editing and answering anew: the conversation goes on from before what is replaced, for everybody who sees it. */
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { AcceptedMessage, MessagePage } from "../../../src/protocol/api.ts";
import type { Message } from "../../../src/protocol/entities.ts";
import { problemOf } from "../http/ask.ts";
import { ABSENT_DATABASE } from "./absent-database.ts";
import { type Client, fieldsOf } from "./client.ts";
import { beginThread, type Conversation } from "./conversation.ts";
import { type HeldModel, type HeldTurn, holdModel } from "./held-model.ts";

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
  await restoreHistory();
  model = await holdModel();
});

/** Says something, and has it answered. */
async function exchange(question: string, answer: string, more: object = {}) {
  const accepted = await client.say(question, more);
  (await model.turn(question)).end(answer);
  await client.completed(accepted.run_id);
  return accepted;
}

/** @returns what the model was told of the conversation, but for its instructions. */
function told({ request }: HeldTurn): string[] {
  return request.messages.flatMap((message) =>
    message.role === "system" || message.role === "tool" ? [] : [message.content],
  );
}

async function listed(superseded = "exclude"): Promise<Message[]> {
  const response = await thread.ask(`/messages?limit=100&superseded=${superseded}`);
  return MessagePage.parse(await response.json()).data;
}

const contents = (messages: readonly { readonly content: string }[]) =>
  messages.map(({ content }) => content);

const shown = ({ view }: Client) => view.messages.map(({ text }) => text);

/** Has every write to the history fail, as one transaction. */
async function breakHistory(): Promise<void> {
  await env.DB.exec(
    "CREATE TRIGGER outage BEFORE INSERT ON messages BEGIN SELECT missing FROM messages; END",
  );
}

async function restoreHistory(): Promise<void> {
  await env.DB.exec("DROP TRIGGER IF EXISTS outage");
}

describe("a message that can't be replaced is refused, and nothing changes", () => {
  async function refusals(replaces: string): Promise<void> {
    const before = [await thread.rowCounts(), await listed("include")];
    const body = { content: "instead", replaces };
    const overSocket = (await client.refused({ type: "user_message", ...body })).problem;
    const overHttp = await problemOf(await thread.ask("/messages", { body }));

    for (const problem of [overSocket, overHttp]) {
      expect(problem).toMatchObject({ code: "invalid_fields", status: 422 });
      expect(fieldsOf(problem)).toEqual(["replaces"]);
    }
    expect([await thread.rowCounts(), await listed("include")]).toEqual(before);
  }

  it("for an id that nobody has", () => refusals("made-up"));

  it("for a message of another thread", async () => {
    const other = await beginThread(thread.owner);
    const stranger = await other.connect();
    await refusals((await stranger.say("elsewhere")).message_id);
    (await model.turn("elsewhere")).end("There.");
  });

  it("for an answer", async () => {
    const { run_id } = await exchange("asked", "An answer.");
    await thread.settled();
    await refusals((await thread.run(run_id)).answer_id);
  });

  it("for one that was replaced already, and for one that went with it", async () => {
    const first = await exchange("first", "One.");
    const second = await exchange("second", "Two.");
    await exchange("first, better", "One!", { replaces: first.message_id });
    await thread.settled();
    await refusals(first.message_id);
    await refusals(second.message_id);
  });
});

describe("an edit of a message that was answered", () => {
  it("gives the model the conversation before it, and neither it nor what followed", async () => {
    await exchange("before", "Kept.");
    const { message_id } = await exchange("mistyped", "What?");
    await exchange("after", "Gone.");
    const edit = await client.say("typed", { replaces: message_id });
    const turn = await model.turn("typed");
    turn.end("I see.");
    await client.completed(edit.run_id);
    await exchange("next", "Fine.");

    expect(edit.replaces).toEqual({ message_id, seq: expect.any(Number) });
    expect(told(turn)).toEqual(["before", "Kept.", "typed"]);
    expect(told(await model.turn("next"))).toEqual(["before", "Kept.", "typed", "I see.", "next"]);
    const counts = ["before", "Kept.", "typed", "I see.", "next", "Fine."];
    expect(contents(await listed())).toEqual(counts);
    expect(shown(client)).toEqual(counts);
  });

  it("over HTTP does the same, and is taken once however often it is sent", async () => {
    const { message_id } = await exchange("mistyped again", "What?");
    const body = {
      content: "typed again",
      replaces: message_id,
      client_message_id: "edit-1",
    };
    const answers = [];
    for (let n = 0; n < 2; n += 1) {
      const response = await thread.ask("/messages", { body });
      expect(response.status).toBe(202);
      answers.push(AcceptedMessage.parse(await response.json()));
    }
    const overSocket = await client.say("typed again", body);
    (await model.turn("typed again")).end("I see.");
    await client.completed(overSocket.run_id);

    const [first, again] = answers;
    expect(again).toEqual(first);
    expect(overSocket).toMatchObject({ message_id: first?.message_id, run_id: first?.run_id });
    expect(model.turns("typed again")).toHaveLength(1);
    expect(contents(await listed())).toEqual(["typed again", "I see."]);
  });

  it("with the same words has the answer made anew", async () => {
    await exchange("earlier", "Said.");
    const { message_id } = await exchange("again please", "A poor answer.");
    const { run_id } = await client.say("again please", { replaces: message_id });
    const turn = await model.turn("again please", 2);
    turn.end("A better answer.");
    await client.completed(run_id);

    expect(told(turn)).toEqual(["earlier", "Said.", "again please"]);
    expect(shown(client)).toEqual(["earlier", "Said.", "again please", "A better answer."]);
  });

  it("can be edited again, and each version says what took its place", async () => {
    const first = await exchange("version 1", "One.");
    const second = await exchange("version 2", "Two.", { replaces: first.message_id });
    const third = await exchange("version 3", "Three.", { replaces: second.message_id });
    await thread.settled();

    expect(contents(await listed())).toEqual(["version 3", "Three."]);
    const all = await listed("include");
    expect(all.map(({ content, superseded_by }) => [content, superseded_by])).toEqual([
      ["version 1", second.message_id],
      ["One.", second.message_id],
      ["version 2", third.message_id],
      ["Two.", third.message_id],
      ["version 3", null],
      ["Three.", null],
    ]);
  });

  it("ends all that waits behind it, and another thread of the same user goes on", async () => {
    const { message_id } = await exchange("long ago", "Yes.");
    const other = await beginThread(thread.owner);
    const elsewhere = await other.connect();
    const undisturbed = await elsewhere.say("undisturbed");
    const live = await client.say("live behind it");
    await model.turn("live behind it");
    const waiting = await client.say("waiting behind it");
    const edit = await client.say("not so long ago", { replaces: message_id });
    (await model.turn("not so long ago")).end("No.");
    await client.completed(edit.run_id);
    (await model.turn("undisturbed")).end("Quite.");

    for (const { run_id } of [live, waiting]) {
      expect((await client.completed(run_id)).data.status).toBe("cancelled");
    }
    expect(model.turns("waiting behind it")).toEqual([]);
    const { data } = await elsewhere.completed(undisturbed.run_id);
    expect(data).toMatchObject({ status: "completed", final_response: "Quite." });
    expect(contents(await other.messages())).toEqual(["undisturbed", "Quite."]);
  });
});

describe("an edit of what is not done yet", () => {
  it("ends the live run as cancelled, and then runs itself", async () => {
    await exchange("at first", "Well.");
    const live = await client.say("too hasty");
    const turn = await model.turn("too hasty");
    turn.write("Half an answ");
    await client.frame("message_delta", ({ text }) => text === "Half an answ");
    const edit = await client.say("well considered", { replaces: live.message_id });
    const next = await model.turn("well considered");
    next.end("A whole one.");
    await client.completed(edit.run_id);

    expect(turn.ended).toBe(true);
    expect((await client.completed(live.run_id)).data.status).toBe("cancelled");
    const ends = client.events.filter(({ type }) => type === "agent_completed");
    expect(ends.map(({ context }) => context.run_id).slice(1)).toEqual([live.run_id, edit.run_id]);
    expect(told(next)).toEqual(["at first", "Well.", "well considered"]);
    expect(shown(client)).toEqual(["at first", "Well.", "well considered", "A whole one."]);
    await thread.settled();
    expect(contents(await listed())).toEqual(shown(client));
  });

  it("takes a waiting message out with those after it, and leaves those before it alone", async () => {
    const live = await client.say("goes on");
    const turn = await model.turn("goes on");
    const waiting = await client.say("waits");
    const replaced = await client.say("to be edited");
    const after = await client.say("after that");
    const edit = await client.say("edited", { replaces: replaced.message_id });
    turn.end("On and on.");
    (await model.turn("waits")).end("Waited.");
    const next = await model.turn("edited");
    next.end("Done.");
    await client.completed(edit.run_id);

    const statuses = [];
    for (const { run_id } of [live, waiting, replaced, after, edit]) {
      statuses.push((await client.completed(run_id)).data.status);
    }
    expect(statuses).toEqual(["completed", "completed", "cancelled", "cancelled", "completed"]);
    expect(model.turns("to be edited")).toEqual([]);
    expect(told(next)).toEqual(["goes on", "On and on.", "waits", "Waited.", "edited"]);
    await thread.settled();
    // Messages are in the order of their events: a question is there before its turn has come.
    const counts = ["goes on", "waits", "edited", "On and on.", "Waited.", "Done."];
    expect(contents(await listed()).toSorted()).toEqual(counts.toSorted());
    expect(shown(client)).toEqual(contents(await listed()));
  });

  it("is not undone by a death right behind it", async () => {
    const live = await client.say("dies");
    await model.turn("dies");
    const edit = await client.say("lives", { replaces: live.message_id });
    await thread.die();
    await thread.alarm();
    (await model.turn("lives")).end("On.");
    await thread.settled();

    expect(await thread.run(live.run_id)).toMatchObject({ status: "cancelled" });
    expect(await thread.run(edit.run_id)).toMatchObject({ status: "completed" });
    expect(contents(await listed())).toEqual(["lives", "On."]);
  });
});

describe("everybody who looks", () => {
  it("sees the same: two tabs, one that comes later, and one that missed the edit", async () => {
    const tab = await thread.connect();
    const absent = await thread.connect();
    const { message_id } = await exchange("old", "Old answer.");
    await absent.frame("agent_completed");
    const { epoch, lastSeq } = absent.view;
    absent.close();
    const { run_id } = await exchange("new", "New answer.", { replaces: message_id });
    await tab.completed(run_id);
    const late = await thread.connect();
    await late.completed(run_id);
    const back = await thread.connect(`?after=${lastSeq}&epoch=${epoch}`);
    await back.completed(run_id);

    const now = ["new", "New answer."];
    for (const person of [client, tab, late]) expect(shown(person)).toEqual(now);
    expect([...absent.frames, ...back.frames]).toContainEqual(
      expect.objectContaining({
        data: expect.objectContaining({ replaces: expect.objectContaining({ message_id }) }),
      }),
    );
    expect(contents(await listed())).toEqual(now);
  });
});

describe("the list of messages", () => {
  const NOW = ["kept", "Yes.", "edited", "New."];
  const ALL = [
    ["kept", false],
    ["Yes.", false],
    ["edit me", true],
    ["Old.", true],
    ["edited", false],
    ["New.", false],
  ];

  async function expectLists(editId: string): Promise<void> {
    expect(contents(await listed())).toEqual(NOW);
    const all = await listed("include");
    expect(all.map(({ content, superseded_by }) => [content, superseded_by === editId])).toEqual(
      ALL,
    );
  }

  it("leaves out what was replaced, or shows by what, before, in and after an outage and a death", async () => {
    await exchange("kept", "Yes.");
    const { message_id } = await exchange("edit me", "Old.");
    await thread.settled();
    await breakHistory();
    const edit = await exchange("edited", "New.", { replaces: message_id });
    await expectLists(edit.message_id);
    await thread.die();
    await expectLists(edit.message_id);
    await restoreHistory();
    await thread.settled();
    await expectLists(edit.message_id);
  });

  it("is the same from the thread itself, while D1 can't even be read", async () => {
    await exchange("kept", "Yes.");
    const { message_id } = await exchange("edit me", "Old.");
    const edit = await exchange("edited", "New.", { replaces: message_id });
    await thread.settled();
    const fromThread = async (query: string) => {
      const response = await thread.ask(`/messages?${query}`, { bindings: ABSENT_DATABASE });
      return MessagePage.parse(await response.json()).data;
    };

    expect(contents(await fromThread("limit=100"))).toEqual(NOW);
    const all = await fromThread("limit=100&superseded=include");
    expect(
      all.map(({ content, superseded_by }) => [content, superseded_by === edit.message_id]),
    ).toEqual(ALL);
  });

  it("pages through what counts alone, in both orders", async () => {
    await exchange("kept", "Yes.");
    const { message_id } = await exchange("edit me", "Old.");
    await exchange("edited", "New.", { replaces: message_id });
    await thread.settled();
    const pages = async (order: string) => {
      const seen: string[] = [];
      let next = "";
      do {
        const response = await thread.ask(`/messages?limit=1&order=${order}${next}`);
        const page = MessagePage.parse(await response.json());
        seen.push(...contents(page.data));
        next = page.next_cursor === null ? "" : `&cursor=${page.next_cursor}`;
      } while (next !== "" && seen.length < 10);
      return seen;
    };

    expect(await pages("asc")).toEqual(NOW);
    expect(await pages("desc")).toEqual(NOW.toReversed());
  });
});
