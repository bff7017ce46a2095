/** The history: rows that come late, twice, overtaken or for nobody, and what stands afterwards. */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { timestamp } from "../../../src/core/clock.ts";
import { RowsRefused } from "../../../src/core/outbox.ts";
import type { User } from "../../../src/protocol/entities.ts";
import { RunId, runIdOf, type ThreadId } from "../../../src/protocol/ids.ts";
import { History, HistoryRow } from "../../../src/store/history.ts";
import { Messages } from "../../../src/store/messages.ts";
import { Threads } from "../../../src/store/threads.ts";
import { message, saved, savedRun, thread } from "./conversation.ts";
import { countingDatabase } from "./counting-database.ts";
import { account, db } from "./people.ts";

let ada: User;
let eve: User;
let threadId: ThreadId;
let history: History;

beforeEach(async () => {
  [ada, eve] = await Promise.all([account(), account()]);
  threadId = (await thread(ada)).id;
  history = new History(db, ada.id);
});

const runId = RunId.parse("run 1");
const running = { id: runId, status: "running", started_at: timestamp(2) } as const;
const completed = { ...running, status: "completed", completed_at: timestamp(9) } as const;

describe("rows that belong to nobody", () => {
  it("never bring a deleted thread back, and do not hold up the rows beside them", async () => {
    const other = await thread(ada);
    await new Threads(db, ada.id).delete(threadId);

    await history.save([
      saved(message(threadId, 1)),
      savedRun(threadId, 1, { id: runId }),

      saved(message(other.id, 1)),
    ]);

    expect(await new Threads(db, ada.id).exists(threadId)).toBe(false);
    expect(await storedRun(ada)).toBeNull();
    expect(await listed(threadId)).toEqual([]);
    expect(await listed(other.id)).toEqual([message(other.id, 1)]);
  });

  it("never reach another user's thread", async () => {
    await history.save([saved(message(threadId, 1)), savedRun(threadId, 1, { id: runId })]);

    await new History(db, eve.id).save([
      saved(message(threadId, 1, { content: "Eve was here" }), 99),
      saved(message(threadId, 2)),
      savedRun(threadId, 99, { id: runId, status: "failed" }),
      named(threadId, "Eve's"),
    ]);

    expect(await listed(threadId)).toEqual([message(threadId, 1)]);
    expect(await runNow()).toMatchObject({ status: "queued" });
    expect(await new Threads(db, ada.id).get(threadId)).toMatchObject({ title: null });
    expect(await storedRun(eve)).toBeNull();
  });

  it("leave another user's run alone where both have the same id", async () => {
    const theirs = await thread(eve);
    await history.save([savedRun(threadId, 1, { id: runId })]);

    await new History(db, eve.id).save([savedRun(theirs.id, 9, { ...completed })]);

    expect(await runNow()).toMatchObject({ thread_id: threadId, status: "queued" });
    expect(await storedRun(eve)).toMatchObject({ thread_id: theirs.id });
  });
});

describe("a write that was overtaken", () => {
  it("does not undo the end of a message or of a run", async () => {
    const ended = message(threadId, 3, { role: "assistant", content: "The answer" });
    await history.save([saved(ended, 9), savedRun(threadId, 9, completed)]);

    await history.save([
      saved({ ...ended, status: "streaming", content: "The" }, 4),
      savedRun(threadId, 2, running),
    ]);

    expect(await listed(threadId)).toEqual([ended]);
    expect(await runNow()).toMatchObject(completed);
  });

  it("does not undo a newer one that stands before it in the same batch", async () => {
    await history.save([savedRun(threadId, 9, completed), savedRun(threadId, 2, running)]);

    expect(await runNow()).toMatchObject({ status: "completed" });
  });
});

describe("a title from the history", () => {
  it("is taken where the thread has none, and never replaces one", async () => {
    await history.save([named(threadId, "Costs")]);
    await history.save([named(threadId, "Something else")]);

    expect(await threadNow()).toMatchObject({ title: "Costs" });
  });
});

describe("a thread that is read", () => {
  it("moved last with its last message, and never back in time", async () => {
    await history.save([saved(message(threadId, 9, { created_at: "2126-01-01T00:00:00.000Z" }))]);
    expect(await threadNow()).toMatchObject({ updated_at: "2126-01-01T00:00:00.000Z" });

    const started = await new Threads(db, ada.id).create({}, timestamp(9));
    await history.save([saved(message(started.id, 11, { created_at: timestamp(1) }))]);
    expect(await new Threads(db, ada.id).get(started.id)).toMatchObject(started);
  });
});

describe("messages that a later one takes the place of", () => {
  const asked = (seq: number) => message(threadId, seq, { run_id: runIdOf(threadId, seq) });
  /** @param question the seq of the question that is answered. */
  const answered = (seq: number, question: number) =>
    message(threadId, seq, {
      run_id: runIdOf(threadId, question),
      role: "assistant",
      agent: "data",
    });
  const superseded = (threadOf: ThreadId, version = 20) =>
    HistoryRow.parse({
      kind: "supersession",
      version,
      thread_id: threadOf,
      message_id: "message 20",
      from_seq: 3,
      before_seq: 20,
    });

  it("no longer stand, questions asked in the range and their answers alone", async () => {
    const stands = [asked(1), asked(20), answered(21, 20)];
    const late = answered(8, 1);
    const gone = [asked(3), asked(4), answered(9, 3)];
    await history.save([...stands, late, ...gone].map((each) => saved(each)));

    await history.save([superseded(threadId)]);
    await history.save([superseded(threadId)]);

    expect(await listed(threadId)).toEqual([...stands, late].toSorted((a, b) => a.seq - b.seq));
    const all = await listed(threadId, "include");
    const marked = all.filter(({ superseded_by }) => superseded_by === "message 20");
    expect(marked.map(({ seq }) => seq)).toEqual([3, 4, 9]);
  });

  it("are answers too whose question the history refused", async () => {
    await history.save([saved(answered(9, 3))]);
    await history.save([superseded(threadId)]);
    expect(await listed(threadId)).toEqual([]);
  });

  it("are never another user's", async () => {
    await history.save([saved(asked(3))]);
    await new History(db, eve.id).save([superseded(threadId)]);
    expect(await listed(threadId)).toHaveLength(1);
  });
});

describe("two titles that come together", () => {
  it("leave the thread the older one's", async () => {
    await history.save([
      { ...named(threadId, "The second question"), version: 10 },
      { ...named(threadId, "The first question"), version: 9 },
    ]);

    expect(await threadNow()).toMatchObject({ title: "The first question" });
  });
});

describe("rows of a user's own thread", () => {
  it("stand as they were sent, however often they come", async () => {
    const usage = {
      input_tokens: 10,
      cached_input_tokens: 2,
      output_tokens: 5,
      reasoning_tokens: 1,
      model_calls: 2,
      cost_usd: 0.000125,
      estimated: false,
    };
    const answer = message(threadId, 3, { role: "assistant", agent: "data", content: "42 calls" });
    const rows = [
      saved(message(threadId, 1)),
      saved(answer),
      savedRun(threadId, 9, { ...completed, answer_id: answer.id, usage }),
    ];

    await history.save(rows);
    await history.save(rows);

    expect(await listed(threadId)).toEqual([message(threadId, 1), answer]);
    expect(await runNow()).toMatchObject({ ...completed, usage });
  });

  it("take over a newer version, and an equal one", async () => {
    await history.save([savedRun(threadId, 2, running)]);
    await history.save([savedRun(threadId, 9, completed)]);
    expect(await runNow()).toMatchObject({ status: "completed" });

    await history.save([savedRun(threadId, 9, { ...completed, model: "another" })]);
    expect(await runNow()).toMatchObject({ model: "another" });
  });

  it("keep every whole text exactly", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: "binary" }), { maxLength: 20 }),
        async (texts) => {
          const { id } = await thread(ada);
          await history.save(
            texts.map((content, index) => saved(message(id, index + 1, { content }))),
          );
          expect((await listed(id)).map(({ content }) => content)).toEqual(texts);
        },
      ),
      { numRuns: 25 },
    );
  });

  it("are all saved where they are larger than one statement may be", async () => {
    const lengths = [900_000, 900_000, 1_200_000, 900_000, 10];
    const contents = lengths.map((length) => "x".repeat(length));

    await history.save(
      contents.map((content, index) => saved(message(threadId, index + 1, { content }))),
    );

    expect((await listed(threadId)).map(({ content }) => content.length)).toEqual(lengths);
  });

  it("cost a turn three rows written, also where they are told twice", async () => {
    const counted = countingDatabase();

    await new History(counted.database, ada.id).save([
      saved(message(threadId, 1)),
      savedRun(threadId, 1, { id: runId }),
      saved(message(threadId, 3), 9),
      savedRun(threadId, 9, completed),
    ]);

    expect(counted.written()).toBe(3);
  });

  it("are nothing at all where there are none", async () => {
    await expect(history.save([])).resolves.toBeUndefined();
  });
});

function named(thread_id: ThreadId, title: string): HistoryRow {
  return HistoryRow.parse({ kind: "thread", version: 1, thread_id, title });
}

async function listed(id: ThreadId, superseded: "exclude" | "include" = "exclude") {
  const page = new Messages(db, ada.id).list(id, { limit: 100, order: "asc", superseded });
  return (await page).data;
}

function runNow() {
  return storedRun(ada);
}

/** @returns the run as D1 itself holds it for a user, or null. */
async function storedRun(user: User) {
  const query = "SELECT * FROM runs WHERE user_id = ? AND id = ?";
  const row = await env.DB.prepare(query).bind(user.id, runId).first();
  const usage = z
    .string()
    .nullable()
    .parse(row?.usage ?? null);
  return row && { ...row, usage: usage && JSON.parse(usage) };
}

function threadNow() {
  return new Threads(db, ada.id).get(threadId);
}

describe("rows that D1 will never take", () => {
  afterEach(async () => {
    await env.DB.exec("DROP TRIGGER IF EXISTS failing");
  });

  const failing = (statement: string) =>
    env.DB.exec(`CREATE TRIGGER failing BEFORE INSERT ON messages BEGIN ${statement}; END`);

  it("for a constraint are told from an outage, and none beside them is saved", async () => {
    await failing("SELECT RAISE(ABORT, 'no')");
    const rows = [savedRun(threadId, 1, { id: runId }), saved(message(threadId, 1))];

    const saving = expect(history.save(rows)).rejects;
    await saving.toBeInstanceOf(RowsRefused);
    expect(await storedRun(ada)).toBeNull();
  });

  it("for their size are told from an outage", async () => {
    const content = "x".repeat(2_500_000);
    const saving = history.save([saved(message(threadId, 1, { content }))]);
    await expect(saving).rejects.toBeInstanceOf(RowsRefused);
  });

  it("are not those of a statement that fails for another reason: it may succeed later", async () => {
    await failing("SELECT missing FROM messages");
    const saving = history.save([saved(message(threadId, 1))]);
    await expect(saving).rejects.toMatchObject({ code: "unavailable" });
  });
});
