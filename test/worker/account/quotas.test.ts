/** A user's quotas: what is refused at which limit, what counts, and what survives what. */
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { newId, systemClock } from "../../../src/core/clock.ts";
import { succeeded } from "../../../src/core/outcome.ts";
import type { Spend } from "../../../src/core/quota.ts";
import { Grant } from "../../../src/durable/grant.ts";
import { OrganizationId, ThreadId } from "../../../src/protocol/ids.ts";
import { type LimitName, TIER_LIMITS } from "../../../src/protocol/tiers.ts";
import { TellingThread, type UserFeed, userFeed } from "./user-feed.ts";

const FREE = TIER_LIMITS.free;
/** The middle of a minute and of a day, so that no window ends while a test is at work. */
const NOON = Date.parse("2026-11-21T12:00:30.000Z");
const NOBODY = { scopes: [], tier: "free", organizationId: null, voucherId: "voucher" } as const;
const sender = Grant.parse(NOBODY);

afterEach(() => {
  vi.restoreAllMocks();
});

/** Stops the clock of the objects at a moment. */
function at(time: number): void {
  vi.spyOn(systemClock, "now").mockReturnValue(time);
}

/** Says something in a thread that is idle. @returns the limit that refuses it, or null. */
async function say(
  { object }: UserFeed,
  { threadId = ThreadId.parse(newId()), waiting = 0, by = sender } = {},
): Promise<LimitName | null> {
  const outcome = await object.reserve({ threadId, waiting, sender: by });
  if (outcome.ok) return null;
  expect(outcome.problem).toMatchObject({ code: "quota_exceeded", status: 429 });
  expect(outcome.problem.retry_after).toBeGreaterThan(0);
  return outcome.problem.limit?.name ?? null;
}

async function used({ object }: UserFeed, name: LimitName, by = sender): Promise<number> {
  const { limits } = succeeded(await object.limits(by));
  return limits.find((limit) => limit.name === name)?.used ?? Number.NaN;
}

/** Has a run end that spent so much. */
async function spend(
  feed: UserFeed,
  { tokens, usd }: Omit<Spend, "runs">,
  at = new Date(NOON).toISOString(),
) {
  const thread = new TellingThread(feed);
  const used = { input_tokens: tokens, cost_usd: usd, at };
  await thread.tell(thread.started(1), thread.spent(2, 1, used));
  return thread;
}

describe("messages", () => {
  it("of which a hundred come at once are taken up to the limit, not one more", async () => {
    const feed = await userFeed();
    at(NOON);
    const thread = new TellingThread(feed);
    const { threadId } = thread;
    const answers = await Promise.all(Array.from({ length: 100 }, () => say(feed, { threadId })));

    expect(answers.filter((limit) => limit === null)).toHaveLength(FREE.messages);
    expect(new Set(answers)).toEqual(new Set([null, "messages"]));
  });

  it("are taken again in the next minute", async () => {
    const feed = await userFeed();
    at(NOON);
    const threadId = ThreadId.parse(newId());
    for (let n = 0; n < FREE.messages; n += 1) await say(feed, { threadId });
    at(NOON + 29_999);
    expect(await say(feed, { threadId })).toBe("messages");
    at(NOON + 30_000);
    expect(await say(feed, { threadId })).toBeNull();
  });
});

describe("runs at once", () => {
  it("are as many as the tier allows, over all threads, however many are asked for at once", async () => {
    const feed = await userFeed();
    at(NOON);
    const answers = await Promise.all(Array.from({ length: 20 }, () => say(feed)));

    expect(answers.filter((limit) => limit === null)).toHaveLength(FREE.live_runs);
    expect(new Set(answers)).toEqual(new Set([null, "live_runs"]));
  });

  it("count from their beginning to their end, though the object sleeps in between", async () => {
    const feed = await userFeed();
    at(NOON);
    const threads = Array.from({ length: FREE.live_runs }, () => new TellingThread(feed));
    for (const thread of threads) await thread.tell(thread.started(1));
    await evictDurableObject(feed.object);
    expect(await say(feed)).toBe("live_runs");
    const [first] = threads;
    await first?.tell(first.ended(2, 1));
    expect(await say(feed)).toBeNull();
  });

  it("that were reserved and never began hold no place for long", async () => {
    const feed = await userFeed();
    at(NOON);
    for (let n = 0; n < FREE.live_runs; n += 1) await say(feed);
    expect(await say(feed)).toBe("live_runs");
    at(NOON + 10_000);
    expect(await say(feed)).toBeNull();
  });

  it("are replaced in their own thread: what ended a moment ago holds no place against it", async () => {
    const feed = await userFeed();
    at(NOON);
    const threads = Array.from({ length: FREE.live_runs }, () => new TellingThread(feed));
    for (const thread of threads) await thread.tell(thread.started(1));

    expect(await say(feed, { threadId: threads[0]?.threadId })).toBeNull();
  });

  it("let as many wait behind them as the tier allows, over all threads", async () => {
    const feed = await userFeed();
    at(NOON);
    const [one, two] = [ThreadId.parse(newId()), ThreadId.parse(newId())];
    await say(feed, { threadId: one, waiting: FREE.queued_runs });
    expect(await used(feed, "queued_runs")).toBe(FREE.queued_runs);
    expect(await say(feed, { threadId: two, waiting: 1 })).toBe("queued_runs");
    await feed.object.announce({ ...new TellingThread(feed).source(one), queued: 3 }, []);
    expect(await say(feed, { threadId: two, waiting: 1 })).toBeNull();
    expect(await used(feed, "queued_runs")).toBe(4);
  });
});

describe("the day's budget", () => {
  it.each([
    ["tokens", { tokens: FREE.tokens, usd: 0 }],
    ["usd", { tokens: 0, usd: FREE.usd }],
  ] as const)(
    "of %s refuses messages when it is spent, until midnight in UTC",
    async (name, spent) => {
      const feed = await userFeed();
      at(NOON);
      await spend(feed, spent);
      expect(await say(feed)).toBe(name);
      at(Date.parse("2026-11-22T00:00:00.000Z"));
      expect(await say(feed)).toBeNull();
    },
  );

  it("counts a run once, though its end is told again, and survives every sleep", async () => {
    const feed = await userFeed();
    at(NOON);
    const spent = { tokens: 500, usd: 0.25 };
    const thread = await spend(feed, spent);
    await thread.tell(thread.spent(2, 1, { input_tokens: 500, cost_usd: 0.25 }));
    await evictDurableObject(feed.object);
    await thread.tell(thread.spent(2, 1, { input_tokens: 500, cost_usd: 0.25 }));
    await spend(feed, spent);

    expect([await used(feed, "tokens"), await used(feed, "usd")]).toEqual([1_000, 0.5]);
  });

  it("counts a run to the day on which it ended, however late that is told", async () => {
    const feed = await userFeed();
    at(NOON);
    await spend(feed, { tokens: 500, usd: 1 }, "2026-11-20T23:59:59.000Z");
    expect(await used(feed, "tokens")).toBe(0);
  });

  it("reserves a share for each run under way: many at once are refused before it is spent", async () => {
    const feed = await userFeed();
    at(NOON);
    await spend(feed, { tokens: 10, usd: FREE.usd / 2 });
    expect(await say(feed)).toBeNull();
    expect(await say(feed)).toBe("usd");
  });

  it("costs no row of its own: what a run spent stands beside its event in the feed", async () => {
    const feed = await userFeed();
    at(NOON);
    await spend(feed, { tokens: 1, usd: 0.1 });
    const thread = new TellingThread(feed);
    await thread.tell(thread.started(1));
    const written = await runInDurableObject(feed.object, async (account, { storage }) => {
      const { sql } = storage;
      const exec = sql.exec.bind(sql);
      const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
      vi.spyOn(sql, "exec").mockImplementation((query, ...bindings) => {
        const cursor = exec(query, ...bindings);
        cursors.push(cursor);
        return cursor;
      });
      const put = vi.spyOn(storage.kv, "put");
      const { threadId } = thread;
      await account.reserve({ threadId, waiting: 0, sender });
      await account.admit(sender);
      const ended = thread.spent(2, 1, { input_tokens: 1, cost_usd: 0.1 });
      await account.announce(thread.source(threadId), [ended]);
      expect(put).not.toHaveBeenCalled();
      return cursors.reduce((sum, { rowsWritten }) => sum + rowsWritten, 0);
    });
    expect(written).toBe(1);
  });
});

describe("a team", () => {
  const organizationId = () => OrganizationId.parse(newId());

  it("spends one budget: what one member spent refuses the other", async () => {
    at(NOON);
    const by = { ...sender, organizationId: organizationId() };
    const [ada, bob] = [await userFeed(), await userFeed()];
    for (const member of [ada, bob]) await member.join(by.organizationId);
    expect(await say(ada, { by })).toBeNull();
    await spend(ada, { tokens: 1, usd: FREE.usd });

    expect(await say(bob, { by })).toBe("usd");
    expect(await used(bob, "usd", by)).toBe(FREE.usd);
    expect(await say(bob)).toBeNull();
  });

  it("is told the same twice without counting it twice, and knows it after every sleep", async () => {
    at(NOON);
    const by = { ...sender, organizationId: organizationId() };
    const [ada, bob] = [await userFeed(), await userFeed()];
    for (const member of [ada, bob]) await member.join(by.organizationId);
    await spend(ada, { tokens: 100, usd: 1 });
    for (let n = 0; n < 3; n += 1) await ada.object.limits(by);
    await spend(bob, { tokens: 10, usd: 0.5 });
    await evictDurableObject(ada.object);

    expect(await used(bob, "tokens", by)).toBe(110);
    expect(await used(ada, "usd", by)).toBe(1.5);
  });
});

describe("requests", () => {
  it("of which thousands come at once are admitted up to the limit, not one more", async () => {
    const feed = await userFeed();
    at(NOON);
    const answers = await Promise.all(
      Array.from({ length: FREE.requests + 50 }, () => feed.object.admit(sender)),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(FREE.requests);
    at(NOON + 30_000);
    expect(await feed.object.admit(sender)).toMatchObject({
      ok: true,
      value: { name: "requests", remaining: FREE.requests - 1 },
    });
  });
});

it("who has ended is neither admitted nor heard nor connected, and others are", async () => {
  const { object } = await userFeed();
  const threadId = ThreadId.parse(newId());
  await object.endVouchers(["voucher"]);
  const ended = { ok: false, problem: { status: 401, code: "session_ended" } };

  expect(await object.admit(sender)).toMatchObject(ended);
  expect(await object.reserve({ threadId, waiting: 0, sender })).toMatchObject(ended);
  expect(await object.openSocket(threadId, 1, sender)).toMatchObject(ended);
  expect(await object.admit({ ...sender, voucherId: "another" })).toMatchObject({ ok: true });
});
