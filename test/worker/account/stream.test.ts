/** The feed's stream: who is let in, where it resumes, and that it tells its own user alone. */
import { evictDurableObject } from "cloudflare:test";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { AccountLimits } from "../../../src/protocol/account.ts";
import { MAX_SOCKETS } from "../../../src/protocol/limits.ts";
import { formatEventId } from "../../../src/protocol/sse.ts";
import { ask, problemOf } from "../http/ask.ts";
import { fieldsOf } from "../thread/client.ts";
import { TellingThread, type UserFeed, userFeed } from "./user-feed.ts";

let feed: UserFeed;
let thread: TellingThread;

/** A feed with a run that ended, one under way, a rename, and a thread that was deleted in a run. */
beforeAll(async () => {
  feed = await userFeed();
  thread = new TellingThread(feed);
  const other = new TellingThread(feed);
  await thread.tell(thread.started(2), thread.ended(9, 2));
  await other.tell(other.started(2));
  await thread.tell(thread.renamed(10, "Costs"), thread.started(12));
  await other.tell(other.deleted(5));
});

describe("the stream is refused", () => {
  it.each(["", "x", "1", "epoch.", "epoch.-1", "epoch.1e3", ".1"])(
    "to the Last-Event-ID %j, by name",
    async (id) => {
      const problem = await problemOf(await feed.ask("", { "last-event-id": id }));

      expect(problem).toMatchObject({ status: 422, code: "invalid_fields" });
      expect(fieldsOf(problem)).toEqual(["Last-Event-ID"]);
    },
  );

  it.each([
    ["after=-1&epoch=e", "after"],
    ["after=1.5&epoch=e", "after"],
    ["after=many&epoch=e", "after"],
    ["after=9007199254740992&epoch=e", "after"],
    ["after=1", "epoch"],
  ])("to the query %s", async (query, field) => {
    const problem = await problemOf(await feed.ask(`?${query}`));

    expect(problem.status).toBe(422);
    expect(fieldsOf(problem)).toEqual([field]);
  });

  it("without a token, and to one in the address", async () => {
    const { access_token } = feed.owner;
    for (const query of ["", `?token=${access_token}`, `?ticket=${access_token}`]) {
      expect(await problemOf(await ask(`/api/events/stream${query}`))).toMatchObject({
        status: 401,
      });
    }
  });

  it("to one connection too many, until another leaves", async () => {
    const crowd = await userFeed();
    const streams = await Promise.all(Array.from({ length: MAX_SOCKETS }, () => crowd.listen()));
    expect(await problemOf(await crowd.ask())).toMatchObject({ status: 429, code: "rate_limited" });

    await Promise.all(streams.map((stream) => stream.leave()));
    await expect.poll(async () => (await crowd.ask()).status).toBe(200);
  });

  it("by the object to a request that the Worker did not make", async () => {
    const headers = { upgrade: "websocket" };
    const response = await feed.object.fetch("https://object/socket", { headers });
    expect(response.status).toBe(426);
    // Until it is read, the object counts as busy, and nobody could have it sleep.
    await response.text();
  });
});

describe("the stream", () => {
  it("begins with where the feed stands and what is under way, and is kept by no cache", async () => {
    const response = await feed.ask();
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(response.headers.get("cache-control")).toBe("no-store");
    await response.body?.cancel();

    const stream = await feed.listen();
    expect(await stream.ready()).toMatchObject({
      last_seq: 6,
      recovered: true,
      replay_after: 0,
      live_runs: [{ thread_id: thread.threadId, run_id: `${thread.threadId}.12` }],
    });
    expect((await stream.upTo(6)).map(({ type }) => type)).toEqual([
      "run_started",
      "run_ended",
      "run_started",
      "thread_updated",
      "run_started",
      "thread_deleted",
    ]);
    await stream.leave();
  });

  it("resumes after every event, by header and by query, though the object slept or died", async () => {
    const all = await feed.events();
    const stream = await feed.listen();
    const { epoch } = await stream.ready();
    await stream.leave();
    for (let after = 0; after <= all.length; after += 1) {
      await (after % 2 ? feed.die() : evictDurableObject(feed.object));
      for (const resumed of [
        await feed.listen("?after=0", { "last-event-id": formatEventId(epoch, after) }),
        await feed.listen(`?after=${after}&epoch=${epoch}`),
      ]) {
        expect(await resumed.ready()).toMatchObject({ recovered: true, replay_after: after });
        expect(await resumed.upTo(all.length)).toEqual(all.slice(after));
        await resumed.leave();
      }
    }
  });

  it("says that it can't resume from the future, and from another epoch", async () => {
    const stream = await feed.listen();
    const { epoch } = await stream.ready();
    await stream.leave();
    for (const query of [`?after=7&epoch=${epoch}`, "?after=3&epoch=another"]) {
      const resumed = await feed.listen(query);
      expect(await resumed.ready()).toMatchObject({ recovered: false, replay_after: 6 });
      expect(resumed.told).toEqual([]);
      await resumed.leave();
    }
  });

  it("gives each event the id that resumes after it, and the welcome none", async () => {
    const stream = await feed.listen();
    await stream.upTo(6);
    const { epoch } = await stream.ready();

    expect(stream.events.map(({ id }) => id)).toEqual([
      undefined,
      ...[1, 2, 3, 4, 5, 6].map((seq) => formatEventId(epoch, seq)),
    ]);
    expect(stream.events.every(({ event, frame }) => event === frame.type)).toBe(true);
    await stream.leave();
  });

  it("tells two listeners the same, side by side, and goes on when the object wakes", async () => {
    const live = await userFeed();
    const source = new TellingThread(live);
    const streams = [await live.listen(), await live.listen()];
    await source.tell(source.started(1));
    await evictDurableObject(live.object);
    await source.tell(source.ended(3, 1), source.renamed(4, "Costs"));

    const [one, two] = await Promise.all(streams.map((stream) => stream.upTo(3)));
    expect(one?.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(two).toEqual(one);
    await Promise.all(streams.map((stream) => stream.leave()));
  });

  it("ends when the object dies, and the next one goes on where it was", async () => {
    const live = await userFeed();
    const source = new TellingThread(live);
    const stream = await live.listen();
    await source.tell(source.started(1));
    await stream.upTo(1);
    await live.die();
    await stream.toEnd();
    await source.tell(source.ended(3, 1));

    const id = stream.events.at(-1)?.id ?? "";
    const again = await live.listen("", { "last-event-id": id });
    expect((await again.upTo(2)).map(({ type }) => type)).toEqual(["run_ended"]);
    await again.leave();
  });
});

describe("a stream whose reader left without a word", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  async function connections({ owner }: UserFeed): Promise<number | undefined> {
    const answer = await ask("/api/account/limits", { token: owner.access_token });
    const { limits } = AccountLimits.parse(await answer.json());
    return limits.find(({ name }) => name === "sockets")?.used;
  }

  it("counts as a connection for a minute, and then no more", async () => {
    const feed = await userFeed();
    await (await feed.listen()).ready();
    expect(await connections(feed)).toBe(1);

    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 });
    expect(await connections(feed)).toBe(0);
  });
});

describe("another user", () => {
  it("hears nothing of it, whatever position is given", async () => {
    const [mine, foreign] = [await userFeed(), await userFeed()];
    const listening = await foreign.listen();
    const source = new TellingThread(mine);
    await source.tell(source.started(1));
    const stream = await mine.listen();
    const { epoch } = await stream.ready();
    await stream.leave();
    const own = new TellingThread(foreign);
    await own.tell(own.renamed(1, "Mine"));

    expect((await listening.upTo(1)).map(({ context }) => context.thread_id)).toEqual([
      own.threadId,
    ]);
    const guess = await foreign.listen(`?after=0&epoch=${epoch}`);
    expect(await guess.ready()).toMatchObject({ recovered: false, live_runs: [] });
    expect((await guess.ready()).epoch).not.toBe(epoch);
    await Promise.all([listening.leave(), guess.leave()]);
  });
});
