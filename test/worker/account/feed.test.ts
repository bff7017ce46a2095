/** The feed itself: each notice once, in order, with a seq of its own, whatever happens in between. */
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { MAX_REPLAY } from "../../../src/protocol/limits.ts";
import { TellingThread, type UserFeed, userFeed } from "./user-feed.ts";

const titles = async (feed: UserFeed) =>
  (await feed.events()).map((event) =>
    event.type === "thread_updated" ? event.data.title : event.type,
  );

const Written = z.object({ count: z.number() });

/** @returns how many rows the object has in its tables. */
function rows(feed: UserFeed, table: "journal" | "marks"): Promise<number> {
  return runInDurableObject(feed.object, (_, { storage }) => {
    return Written.parse(storage.sql.exec(`SELECT count(*) AS count FROM ${table}`).one()).count;
  });
}

/** Tells so many renames of a thread, from a seq on. */
async function fill(thread: TellingThread, count: number, from = 1): Promise<void> {
  for (let seq = from; seq < from + count; seq += 100) {
    const batch = Math.min(100, from + count - seq);
    await thread.tell(
      ...Array.from({ length: batch }, (_, index) => thread.renamed(seq + index, "filler")),
    );
  }
}

describe("the feed", () => {
  it("tells whose it is, which thread and run, and when, at a place of its own", async () => {
    const feed = await userFeed();
    const thread = new TellingThread(feed);
    await thread.tell(thread.started(7));

    expect(await feed.events()).toEqual([
      {
        type: "run_started",
        seq: 1,
        context: {
          user_id: feed.owner.user.id,
          thread_id: thread.threadId,
          run_id: `${thread.threadId}.7`,
          agent: null,
          timestamp: "2026-11-21T12:00:00.000Z",
        },
        data: { run_id: `${thread.threadId}.7`, agent: "data", model: "demo" },
      },
    ]);
  });

  it("counts without gaps across all threads, in the order in which they told", async () => {
    const feed = await userFeed();
    const [one, two] = [new TellingThread(feed), new TellingThread(feed)];
    await one.tell(one.renamed(3, "a"));
    await two.tell(two.renamed(90, "b"), two.renamed(95, "c"));
    await one.tell(one.renamed(4, "d"));

    expect(await titles(feed)).toEqual(["a", "b", "c", "d"]);
    expect((await feed.events()).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });

  it("takes a notice once, however often and in whatever pieces it is delivered", async () => {
    const feed = await userFeed();
    const thread = new TellingThread(feed);
    const notices = [1, 4, 9, 16].map((seq) => thread.renamed(seq, `at ${seq}`));
    for (let end = 0; end <= notices.length; end += 1) {
      expect(await thread.tell(...notices.slice(0, end))).toBe(notices[end - 1]?.seq ?? 0);
      expect(await thread.tell(...notices.slice(Math.max(0, end - 2), end))).toBe(
        notices[end - 1]?.seq ?? 0,
      );
    }

    expect(await titles(feed)).toEqual(["at 1", "at 4", "at 9", "at 16"]);
  });

  it.each([
    ["sleeps", (feed: UserFeed) => evictDurableObject(feed.object)],
    ["dies", (feed: UserFeed) => feed.die()],
  ])("knows what it has when it %s in between", async (_, interrupt) => {
    const feed = await userFeed();
    const thread = new TellingThread(feed);
    await thread.tell(thread.renamed(1, "a"), thread.renamed(2, "b"));
    await interrupt(feed);
    expect(await thread.tell()).toBe(2);
    await interrupt(feed);
    await thread.tell(thread.renamed(2, "b"), thread.renamed(3, "c"));
    await interrupt(feed);

    expect(await titles(feed)).toEqual(["a", "b", "c"]);
  });

  it("takes a hundred deliveries of one notice at once as one", async () => {
    const feed = await userFeed();
    const thread = new TellingThread(feed);
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => thread.tell(thread.renamed(5, "once"))),
    );

    expect(new Set(answers)).toEqual(new Set([5]));
    expect(await titles(feed)).toEqual(["once"]);
  });

  it("begins anew with a thread whose journal began anew", async () => {
    const feed = await userFeed();
    const thread = new TellingThread(feed);
    await thread.tell(thread.renamed(5, "before"));

    expect(await thread.tellAs("later")).toBe(0);
    expect(await thread.tellAs("later", thread.renamed(2, "after"))).toBe(2);
    expect(await titles(feed)).toEqual(["before", "after"]);
  });

  it("hears nothing more of a thread that was deleted, and tells of the deletion once", async () => {
    const feed = await userFeed();
    const thread = new TellingThread(feed);
    await thread.tell(thread.renamed(1, "a"), thread.deleted(2));

    for (const epoch of [thread.epoch, "later"]) {
      const upTo = await thread.tellAs(epoch, thread.started(8), thread.deleted(9));
      expect(upTo).toBe(Number.MAX_SAFE_INTEGER);
    }
    expect(await titles(feed)).toEqual(["a", "thread_deleted"]);
  });

  it("writes one row a delivery, and none for one that says nothing new", async () => {
    const feed = await userFeed();
    const thread = new TellingThread(feed);
    await thread.tell(thread.renamed(1, "a"), thread.renamed(2, "b"), thread.renamed(3, "c"));
    await thread.tell(thread.renamed(3, "c"));
    await thread.tell();

    expect([await rows(feed, "journal"), await rows(feed, "marks")]).toEqual([1, 0]);
  });
});

describe("a long feed", () => {
  it("keeps its newest events alone, and says where the gap can't be bridged", async () => {
    const feed = await userFeed();
    const thread = new TellingThread(feed);
    await fill(thread, 2 * MAX_REPLAY + 100);
    const first = await feed.listen();
    const { epoch, last_seq, ...ready } = await first.ready();

    expect({ last_seq, ...ready }).toMatchObject({
      last_seq: 2 * MAX_REPLAY + 100,
      recovered: false,
      replay_after: last_seq,
    });
    await first.leave();
    expect(await rows(feed, "journal")).toBeLessThanOrEqual((2 * MAX_REPLAY) / 100);
    for (const [after, recovered] of [
      [last_seq - MAX_REPLAY - 1, false],
      [last_seq - MAX_REPLAY, true],
      [last_seq - 1, true],
    ] as const) {
      const stream = await feed.listen(`?after=${after}&epoch=${epoch}`);
      expect((await stream.ready()).recovered).toBe(recovered);
      expect(await stream.upTo(last_seq)).toHaveLength(recovered ? last_seq - after : 0);
      await stream.leave();
    }
  });

  it("tells nothing again of threads it has long forgotten", async () => {
    const feed = await userFeed();
    const [old, gone, busy] = Array.from({ length: 3 }, () => new TellingThread(feed));
    if (!old || !gone || !busy) throw new Error("three threads");
    await old.tell(old.renamed(1, "a"));
    await old.tell(old.renamed(2, "b"));
    await gone.tell(gone.deleted(1));
    await fill(busy, 4 * MAX_REPLAY);
    await feed.die();

    expect(await rows(feed, "marks")).toBe(3);
    expect(await old.tell(old.renamed(1, "a"), old.renamed(2, "b"))).toBe(2);
    expect(await gone.tell(gone.renamed(7, "ghost"))).toBe(Number.MAX_SAFE_INTEGER);
    expect(await old.tell(old.renamed(3, "c"))).toBe(3);
    const stream = await feed.listen();
    expect((await stream.ready()).last_seq).toBe(4 * MAX_REPLAY + 4);
    await stream.leave();
  });
});
