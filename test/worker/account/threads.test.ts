/** What threads tell their user's feed: each run's start and end and each change, once, through every failure. */
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { Account } from "../../../src/account/account-object.ts";
import type { FeedEvent } from "../../../src/protocol/account-feed.ts";
import type { Credentials } from "../../../src/protocol/api.ts";
import { Thread } from "../../../src/protocol/entities.ts";
import { ask } from "../http/ask.ts";
import { somebody } from "../http/somebody.ts";
import { eventually } from "../thread/client.ts";
import { beginThread, Conversation } from "../thread/conversation.ts";
import { type HeldModel, holdModel } from "../thread/held-model.ts";
import { workAlarm } from "../thread/thread-state.ts";
import { UserFeed } from "./user-feed.ts";

let model: HeldModel;
beforeAll(async () => {
  model = await holdModel();
});

afterEach(async () => {
  vi.restoreAllMocks();
  await env.DB.exec("DROP TRIGGER IF EXISTS outage");
  model = await holdModel();
});

/** A thread that has its title already, of somebody new where nobody is named, and the feed it tells. */
async function begin(somebodyKnown?: Credentials) {
  const owner = somebodyKnown ?? (await somebody());
  const body = { title: "Costs" };
  const response = await ask("/api/threads", { token: owner.access_token, body });
  const thread = new Conversation(owner, Thread.parse(await response.json()));
  return { thread, feed: new UserFeed(owner) };
}

/** Says something and has it answered. @returns the run's id. */
async function converse(thread: Conversation, question: string) {
  const client = await thread.connect();
  const { run_id } = await client.say(question);
  (await model.turn(question)).end("An answer.");
  await client.completed(run_id);
  client.close();
  return run_id;
}

const rename = (thread: Conversation, title: string) =>
  thread.ask("", { method: "PATCH", body: { title } });

const gist = (events: readonly FeedEvent[]) => events.map(gistOf);

function gistOf({ type, data, context }: FeedEvent): string {
  if (type === "run_started") return `started ${data.run_id}`;
  if (type === "run_ended") return `${data.status} ${data.run_id}`;
  if (type === "thread_updated") return `renamed ${data.title}`;
  return `deleted ${context.thread_id}`;
}

/** Has the feed fail at every delivery. */
function breakFeed() {
  return vi.spyOn(Account.prototype, "announce").mockRejectedValue(new Error("away"));
}

/** Rings the alarm until the thread has told everything and needs no waking any more. */
async function delivered(thread: Conversation): Promise<void> {
  await eventually(async () => {
    await thread.alarm();
    const alarm = await runInDurableObject(thread.object, (_, state) => workAlarm(state));
    expect(alarm).toBeNull();
  });
}

describe("a thread tells its user's feed", () => {
  it("when a run begins and when it ends, as it happens", async () => {
    const { thread, feed } = await begin();
    const stream = await feed.listen();
    const client = await thread.connect();
    const { run_id } = await client.say("live");
    const turn = await model.turn("live");
    expect(await stream.next("run_started")).toMatchObject({
      context: { user_id: thread.owner.user.id, thread_id: thread.threadId, run_id },
      data: { run_id, agent: expect.any(String), model: expect.any(String) },
    });
    const during = await feed.listen();
    expect((await during.ready()).live_runs).toEqual([{ thread_id: thread.threadId, run_id }]);
    turn.end("An answer.");
    expect(await stream.next("run_ended")).toMatchObject({
      context: { thread_id: thread.threadId, run_id },
      data: { run_id, status: "completed" },
    });
    const after = await feed.listen();
    expect((await after.ready()).live_runs).toEqual([]);
    await Promise.all([stream, during, after].map((each) => each.leave()));
  });

  it("how a run ended that was cancelled", async () => {
    const { thread, feed } = await begin();
    const client = await thread.connect();
    const { run_id } = await client.say("stop it");
    await model.turn("stop it");
    client.send({ type: "cancel" });
    await client.completed(run_id);
    await delivered(thread);

    expect(gist(await feed.events())).toEqual([`started ${run_id}`, `cancelled ${run_id}`]);
  });

  it("of a new title, and of the thread's deletion, by which its live run is over", async () => {
    const { thread, feed } = await begin();
    const client = await thread.connect();
    await rename(thread, "Savings");
    const { run_id } = await client.say("cut off");
    await model.turn("cut off");
    const stream = await feed.listen();
    await stream.next("run_started");
    await thread.ask("", { method: "DELETE" });
    await stream.next("thread_deleted");

    expect(gist(stream.told)).toEqual([
      "renamed Savings",
      `started ${run_id}`,
      `deleted ${thread.threadId}`,
    ]);
    await stream.leave();
    const again = await feed.listen();
    expect((await again.ready()).live_runs).toEqual([]);
    await again.leave();
    expect(await thread.alarm()).toBe(false);
  });

  it("of the title that its first message gives it", async () => {
    const thread = await beginThread();
    const run = await converse(thread, "Where does it go?");
    await delivered(thread);

    expect(gist(await new UserFeed(thread.owner).events())).toEqual([
      `started ${run}`,
      "renamed Where does it go?",
      `completed ${run}`,
    ]);
  });

  it("in one order, whatever several threads do at once", async () => {
    const owner = await somebody();
    const feed = new UserFeed(owner);
    const threads = await Promise.all(["a", "b", "c"].map(async () => (await begin(owner)).thread));
    await Promise.all(threads.map((thread, index) => converse(thread, `at once ${index}`)));
    await Promise.all(threads.map(delivered));
    const events = await feed.events();

    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
    for (const { threadId } of threads) {
      const own = events.filter(({ context }) => context.thread_id === threadId);
      expect(own.map(({ type }) => type)).toEqual(["run_started", "run_ended"]);
    }
  });

  it("and nobody else's", async () => {
    const { thread } = await begin();
    const foreign = new UserFeed(await somebody());
    await converse(thread, "private");
    await delivered(thread);

    expect(await foreign.events()).toEqual([]);
  });
});

describe("while the feed is away", () => {
  it("runs go on, and it is told everything once when it is back", async () => {
    const { thread, feed } = await begin();
    const broken = breakFeed();
    const runs = [await converse(thread, "one"), await converse(thread, "two")];
    await rename(thread, "Savings");
    await eventually(async () => expect(broken).toHaveBeenCalled());
    broken.mockRestore();
    await delivered(thread);

    expect(gist(await feed.events())).toEqual([
      ...runs.flatMap((id) => [`started ${id}`, `completed ${id}`]),
      "renamed Savings",
    ]);
  });

  it("a death of the thread forgets nothing: the alarm stands, and tells it with no client there", async () => {
    const { thread, feed } = await begin();
    const broken = breakFeed();
    const run = await converse(thread, "dies with its secret");
    await thread.settled();
    await thread.die();
    broken.mockRestore();
    expect(await thread.alarm()).toBe(true);
    await delivered(thread);

    expect(gist(await feed.events())).toEqual([`started ${run}`, `completed ${run}`]);
  });

  it("a deletion is final at once, and told and carried out when the feed is back", async () => {
    const { thread, feed } = await begin();
    const run = await converse(thread, "secret");
    await delivered(thread);
    const broken = breakFeed();
    expect((await thread.ask("", { method: "DELETE" })).status).toBe(204);
    await thread.die();
    expect(await thread.object.readRun(run)).toBeNull();
    broken.mockRestore();
    await delivered(thread);

    expect(gist(await feed.events())).toEqual([
      `started ${run}`,
      `completed ${run}`,
      `deleted ${thread.threadId}`,
    ]);
    await evictDurableObject(thread.object);
    expect(await thread.rowCounts()).toMatchObject({ events: 0, runs: 0 });
  });

  it("the journal keeps what the feed does not have yet, and is trimmed when it has", async () => {
    const { thread, feed } = await begin();
    const broken = breakFeed();
    const run = await converse(thread, "long awaited");
    await thread.settled();
    await runInDurableObject(thread.object, (_, { storage }) => {
      storage.sql.exec(
        `INSERT INTO journal (seq, events, note)
         SELECT 6000, json_array(json_set(events, '$[#-1].seq', 6000) -> '$[#-1]'), note
         FROM journal ORDER BY seq DESC LIMIT 1`,
      );
    });
    await rename(thread, "While it is away");
    const kept = await thread.rowCounts();
    broken.mockRestore();
    await delivered(thread);
    await rename(thread, "Afterwards");

    expect((await thread.rowCounts()).events).toBeLessThan(kept.events ?? 0);
    expect(gist(await feed.events())).toEqual([
      `started ${run}`,
      `completed ${run}`,
      `completed ${run}`,
      "renamed While it is away",
      "renamed Afterwards",
    ]);
  });

  it("no thread that it failed keeps its object awake", async () => {
    const { thread, feed } = await begin();
    const broken = breakFeed();
    await rename(thread, "Savings");
    await eventually(async () => expect(broken).toHaveBeenCalled());
    await evictDurableObject(feed.object);
    broken.mockRestore();
    await delivered(thread);

    expect(gist(await feed.events())).toEqual(["renamed Savings"]);
  });

  it("nothing waits for a feed that is silent", async () => {
    const { thread, feed } = await begin();
    const silent = vi
      .spyOn(Account.prototype, "announce")
      .mockReturnValue(new Promise(() => undefined));
    const run = await converse(thread, "anybody there?");
    expect(await thread.run(run)).toMatchObject({ status: "completed" });
    silent.mockRestore();
    await thread.die();
    await delivered(thread);

    expect(gist(await feed.events())).toEqual([`started ${run}`, `completed ${run}`]);
  });
});

describe("the feed tells each notice once", () => {
  it("though the answer to a delivery was lost", async () => {
    const { thread, feed } = await begin();
    const { announce } = Account.prototype;
    const lost = vi.spyOn(Account.prototype, "announce").mockImplementation(async function (
      this: Account,
      ...told
    ) {
      await announce.apply(this, told);
      throw new Error("the answer was lost");
    });
    const runs = [await converse(thread, "heard?"), await converse(thread, "heard now?")];
    await eventually(async () => expect(lost).toHaveBeenCalled());
    lost.mockRestore();
    await delivered(thread);

    expect(gist(await feed.events())).toEqual(
      runs.flatMap((id) => [`started ${id}`, `completed ${id}`]),
    );
  });

  it("though its own object dies again and again", async () => {
    const { thread, feed } = await begin();
    const runs: string[] = [];
    for (const question of ["first", "second", "third"]) {
      const client = await thread.connect();
      const { run_id } = await client.say(question);
      runs.push(run_id);
      await feed.die();
      const turn = await model.turn(question);
      await feed.die();
      turn.end("An answer.");
      await feed.die();
      await client.completed(run_id);
      client.close();
    }
    await delivered(thread);

    expect(gist(await feed.events())).toEqual(
      runs.flatMap((id) => [`started ${id}`, `completed ${id}`]),
    );
  });

  it("though the thread dies in a run, and sleeps between runs", async () => {
    const { thread, feed } = await begin();
    const runs: string[] = [];
    for (const question of ["dies once", "dies twice"]) {
      const client = await thread.connect();
      const { run_id } = await client.say(question);
      runs.push(run_id);
      await model.turn(question);
      await thread.die();
      await thread.alarm();
      (await model.turn(question, 2)).end("An answer.");
      await thread.settled();
      await evictDurableObject(thread.object);
    }
    await delivered(thread);

    expect(gist(await feed.events())).toEqual(
      runs.flatMap((id) => [`started ${id}`, `completed ${id}`]),
    );
  });

  it("and wakes no feed for a thread that has nothing to tell", async () => {
    const { thread } = await begin();
    await converse(thread, "told already");
    await delivered(thread);
    await evictDurableObject(thread.object);
    const told = vi.spyOn(Account.prototype, "announce");
    const client = await thread.connect();
    await client.frame("connection_ready");
    await thread.messages();

    expect(await thread.alarm()).toBe(false);
    expect(told).not.toHaveBeenCalled();
  });
});

it("a D1 that is away makes no difference to the feed", async () => {
  const { thread, feed } = await begin();
  await env.DB.exec(
    "CREATE TRIGGER outage BEFORE INSERT ON messages BEGIN SELECT missing FROM messages; END",
  );
  const stream = await feed.listen();
  const run = await converse(thread, "without D1");
  await stream.next("run_ended");

  expect(gist(stream.told)).toEqual([`started ${run}`, `completed ${run}`]);
  await stream.leave();
});
