/** The history: rows that come late, twice, overtaken or for nobody, and what stands afterwards. */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { timestamp } from "../../../src/core/clock.ts";
import { RowsRefused } from "../../../src/core/outbox.ts";
import type { Run, User } from "../../../src/protocol/entities.ts";
import { RunId, type ThreadId } from "../../../src/protocol/ids.ts";
import { openDatabase } from "../../../src/store/database.ts";
import { History, HistoryRow } from "../../../src/store/history.ts";
import { Messages } from "../../../src/store/messages.ts";
import { Runs } from "../../../src/store/runs.ts";
import { Threads } from "../../../src/store/threads.ts";
import { message, saved, savedRun, thread } from "./conversation.ts";
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
      moved(threadId, timestamp(5)),
      saved(message(other.id, 1)),
    ]);

    expect(await new Threads(db, ada.id).exists(threadId)).toBe(false);
    expect(await new Runs(db, ada.id).get(runId)).toBeNull();
    expect(await listed(threadId)).toEqual([]);
    expect(await listed(other.id)).toEqual([message(other.id, 1)]);
  });

  it("never reach another user's thread", async () => {
    await history.save([saved(message(threadId, 1)), savedRun(threadId, 1, { id: runId })]);

    await new History(db, eve.id).save([
      saved(message(threadId, 1, { content: "Eve was here" }), 99),
      saved(message(threadId, 2)),
      savedRun(threadId, 99, { id: runId, status: "failed" }),
      moved(threadId, timestamp(5), "Eve's"),
    ]);

    expect(await listed(threadId)).toEqual([message(threadId, 1)]);
    expect(await runNow()).toMatchObject({ status: "queued" });
    expect(await new Threads(db, ada.id).get(threadId)).toMatchObject({ title: null });
    expect(await new Runs(db, eve.id).get(runId)).toBeNull();
  });

  it("leave another user's run alone where both have the same id", async () => {
    const theirs = await thread(eve);
    await history.save([savedRun(threadId, 1, { id: runId })]);

    await new History(db, eve.id).save([savedRun(theirs.id, 9, { ...completed })]);

    expect(await runNow()).toMatchObject({ thread_id: threadId, status: "queued" });
    expect(await new Runs(db, eve.id).get(runId)).toMatchObject({ thread_id: theirs.id });
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

  it("does not move a thread back in time", async () => {
    await history.save([moved(threadId, timestamp(9)), moved(threadId, timestamp(5))]);
    await history.save([moved(threadId, timestamp(7))]);

    expect(await threadNow()).toMatchObject({ updated_at: timestamp(9) });
  });
});

describe("a title from the history", () => {
  it("is taken where the thread has none, and never replaces one", async () => {
    await history.save([moved(threadId, timestamp(5)), moved(threadId, timestamp(6), "Costs")]);
    expect(await threadNow()).toMatchObject({ title: "Costs", updated_at: timestamp(6) });

    await history.save([moved(threadId, timestamp(7), "Something else")]);
    expect(await threadNow()).toMatchObject({ title: "Costs", updated_at: timestamp(7) });
  });
});

describe("two titles that come together", () => {
  it("leave the thread the older one's", async () => {
    await history.save([
      { ...moved(threadId, timestamp(6), "The second question"), version: 10 },
      { ...moved(threadId, timestamp(5), "The first question"), version: 9 },
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
    expect(await runNow()).toMatchObject({ ...completed, usage, final_response: "42 calls" });
  });

  it("take over a newer version, and an equal one", async () => {
    await history.save([savedRun(threadId, 2, running)]);
    await history.save([savedRun(threadId, 9, completed)]);
    expect(await runNow()).toMatchObject({ status: "completed" });

    await history.save([savedRun(threadId, 9, { ...completed, model: "another" })]);
    expect(await runNow()).toMatchObject({ model: "another" });
  });

  it("tell what a run answered only once it has ended", async () => {
    const answer = message(threadId, 3, { role: "assistant", status: "streaming" });
    await history.save([
      saved(answer),
      savedRun(threadId, 4, { ...running, answer_id: answer.id }),
    ]);

    expect(await runNow()).toMatchObject({ status: "running", final_response: null });
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

  it("cost a turn six rows written", async () => {
    let written = 0;
    const counting = new Proxy(env.DB, {
      get(target, property) {
        if (property !== "batch") return Reflect.get(target, property, target).bind(target);
        return async (statements: D1PreparedStatement[]) => {
          const results = await target.batch(statements);
          for (const { meta } of results) written += meta.rows_written;
          return results;
        };
      },
    });
    const counted = new History(openDatabase(counting), ada.id);

    await counted.save([
      saved(message(threadId, 1)),
      savedRun(threadId, 1, { id: runId }),
      moved(threadId, timestamp(5), "Costs"),
    ]);
    await counted.save([
      saved(message(threadId, 3), 9),
      savedRun(threadId, 9, completed),
      moved(threadId, timestamp(9)),
    ]);

    expect(written).toBe(6);
  });

  it("are nothing at all where there are none", async () => {
    await expect(history.save([])).resolves.toBeUndefined();
  });
});

function moved(thread_id: ThreadId, updated_at: string, title?: string): HistoryRow {
  return HistoryRow.parse({ kind: "thread", version: 1, thread_id, updated_at, title });
}

async function listed(id: ThreadId) {
  return (
    await new Messages(db, ada.id).list(id, { limit: 100, order: "asc", superseded: "exclude" })
  ).data;
}

function runNow(): Promise<Run | null> {
  return new Runs(db, ada.id).get(runId);
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
    expect(await new Runs(db, ada.id).get(runId)).toBeNull();
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
