/** The announcer: whatever fails and however often it forgets, the feed gets every notice once, in order. */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { AccountRpc, NoticeSource, ThreadNotice } from "../../../src/account/rpc.ts";
import { LoggedEvent } from "../../../src/protocol/events.ts";
import { ThreadId } from "../../../src/protocol/ids.ts";
import { Announcer, noticeOf } from "../../../src/thread/announcer.ts";
import { FakeClock } from "../core/fake-clock.ts";
import { MemoryEvents } from "../core/memory-events.ts";
import { memoryLog } from "../core/memory-log.ts";

type Failure = "before" | "after" | null;

/** A feed as the Account object keeps it, that fails as a test wants: before it takes a delivery, or after. */
class MemoryFeed implements Pick<AccountRpc, "announce"> {
  readonly taken: ThreadNotice[] = [];
  readonly deliveries: number[] = [];
  failure: Failure = null;

  get seqs(): number[] {
    return this.taken.map(({ seq }) => seq);
  }

  async announce(_source: NoticeSource, notices: readonly ThreadNotice[]): Promise<number> {
    this.deliveries.push(notices.length);
    if (this.failure === "before") throw new Error("away");
    const upTo = this.taken.at(-1)?.seq ?? 0;
    this.taken.push(...notices.filter(({ seq }) => seq > upTo));
    if (this.failure === "after") throw new Error("the answer was lost");
    return this.taken.at(-1)?.seq ?? 0;
  }
}

const TOLD = ["agent_started", "agent_completed", "thread_updated"];

const DATA = {
  agent_started: { agent_type: "data", model: "demo", message_id: "answer", plan: [] },
  agent_thinking: { reasoning: "Because of what was asked, ".repeat(3), source: "loop" },
  agent_completed: {
    status: "failed",
    message_id: "answer",
    final_response: "",
    results: {
      findings: [],
      grounding: { citations: [], unverified: [] },
      outcome: null,
      report: null,
    },
    usage: {
      model_calls: 0,
      input_tokens: 0,
      cached_input_tokens: 0,
      output_tokens: 0,
      reasoning_tokens: 0,
      cost_usd: null,
      estimated: false,
    },
    duration_ms: 1,
    model: "demo",
    persisted: true,
  },
  thread_updated: { title: "Costs", metadata: { team: "ml" } },
};
type Type = keyof typeof DATA;

function eventOf(type: Type, seq: number): LoggedEvent {
  const run_id = type === "thread_updated" ? null : "run";
  const timestamp = "2026-01-01T00:00:00Z";
  const context = { user_id: "user", thread_id: "thread", run_id, agent: "data", timestamp };
  return LoggedEvent.parse({ type, seq, context, data: DATA[type] });
}

/** A thread that can forget all it does not store, as an object does when it dies. */
class World {
  readonly clock = new FakeClock();
  readonly feed = new MemoryFeed();
  readonly journal = new MemoryEvents();
  readonly log = memoryLog();
  readonly deletion: { decidedAt: number | null } = { decidedAt: null };
  announcer = this.#announcer();

  die(): void {
    this.announcer = this.#announcer();
  }

  /** @returns the promise of the flush it leads to, where it does. */
  commit(...types: Type[]): Promise<boolean> | false {
    const last = this.journal.lastSeq();
    const events = types.map((type, index) => eventOf(type, last + 1 + index));
    this.journal.insert(events);
    return this.announcer.hear(events) && this.announcer.flush();
  }

  /** Waits for the alarm, as often as one stands. */
  async settle(): Promise<void> {
    for (let due = this.announcer.dueAt; due !== null; due = this.announcer.dueAt) {
      await this.clock.advance(Math.max(0, due - this.clock.now()));
      await this.announcer.flush();
    }
  }

  /** The seqs of all that is to be told. */
  get all(): number[] {
    const told = this.journal.kept.filter(({ type }) => TOLD.includes(type)).map(({ seq }) => seq);
    return this.deletion.decidedAt === null ? told : [...told, this.journal.lastSeq() + 1];
  }

  #announcer(): Announcer {
    return new Announcer({
      threadId: ThreadId.parse("thread"),
      journal: this.journal,
      deletion: this.deletion,
      queued: () => 0,
      account: () => this.feed,
      clock: this.clock,
      log: this.log,
    });
  }
}

describe("of what happens in a thread its user's feed is told", () => {
  it("that a run began, by which agent and model", () => {
    expect(noticeOf(eventOf("agent_started", 4))).toEqual({
      type: "run_started",
      seq: 4,
      run_id: "run",
      agent: "data",
      timestamp: "2026-01-01T00:00:00Z",
      data: { run_id: "run", agent: "data", model: "demo" },
    });
  });

  it("that it ended, and how", () => {
    const data = { run_id: "run", status: "failed" };
    expect(noticeOf(eventOf("agent_completed", 9))).toMatchObject({ type: "run_ended", data });
  });

  it("what the thread is called now, and not how it is labelled", () => {
    const data = { title: "Costs" };
    expect(noticeOf(eventOf("thread_updated", 1))).toHaveProperty("data", data);
  });

  it("nothing of what was thought and said", () => {
    expect(noticeOf(eventOf("agent_thinking", 5))).toBeNull();
  });
});

describe("an announcer", () => {
  it("has nothing to do for a thread in which nothing happened", () => {
    expect(new World().announcer.dueAt).toBeNull();
  });

  it("asks the feed after waking what it has, and tells the rest", async () => {
    const world = new World();
    await world.commit("agent_started");
    world.feed.failure = "before";
    await world.commit("agent_completed");
    world.die();
    world.feed.failure = null;
    expect(world.announcer.dueAt).toBe(world.clock.now());
    await world.settle();

    expect(world.feed.seqs).toEqual([1, 2]);
    expect(world.feed.deliveries.slice(-2)).toEqual([0, 1]);
  });

  it("disturbs nobody for events that the feed is not told", async () => {
    const world = new World();
    await world.commit("agent_started");
    const before = world.feed.deliveries.length;
    expect(world.commit("agent_thinking", "agent_thinking")).toBe(false);

    expect(world.announcer.dueAt).toBeNull();
    expect(world.announcer.upTo).toBe(3);
    expect(world.feed.deliveries).toHaveLength(before);
  });

  it("waits longer with each failure, a minute at most, and asks nothing meanwhile", async () => {
    const world = new World();
    world.feed.failure = "before";
    await world.commit("agent_started");
    const pauses = [];
    for (let tries = 1; tries < 12; tries += 1) {
      const { dueAt } = world.announcer;
      if (dueAt === null) throw new Error("it gave up");
      pauses.push(dueAt - world.clock.now());
      const { length } = world.feed.deliveries;
      expect(await world.announcer.flush()).toBe(false);
      expect(world.feed.deliveries).toHaveLength(length);
      await world.clock.advance(dueAt - world.clock.now());
      expect(await world.announcer.flush()).toBe(false);
    }

    expect(pauses[0]).toBeLessThanOrEqual(500);
    expect(Math.min(...pauses.slice(8))).toBeGreaterThanOrEqual(30_000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(60_000);
    expect(world.log.records[0]).toMatchObject({ event: "feed.postponed" });
  });

  it("delivers a hundred at a time, and what is committed meanwhile behind them", async () => {
    const world = new World();
    world.journal.insert(
      Array.from({ length: 250 }, (_, index) => eventOf("thread_updated", index + 1)),
    );
    const flushed = world.announcer.flush();
    const joined = world.commit("agent_started");
    expect(await Promise.all([flushed, joined])).toEqual([true, true]);

    expect(world.feed.deliveries).toEqual([0, 100, 100, 51]);
    expect(world.feed.seqs).toEqual(world.all);
  });

  it("tells of a deletion last, after all that went before", async () => {
    const world = new World();
    world.feed.failure = "before";
    await world.commit("agent_started", "agent_thinking");
    world.deletion.decidedAt = Date.UTC(2026, 5, 1);
    world.die();
    world.feed.failure = null;
    await world.settle();

    expect(world.feed.taken).toMatchObject([
      { type: "run_started", seq: 1 },
      { type: "thread_deleted", seq: 3, timestamp: "2026-06-01T00:00:00.000Z" },
    ]);
    expect(world.announcer.dueAt).toBeNull();
  });
});

const action = fc.oneof(
  fc.record({
    do: fc.constant("commit" as const),
    types: fc.array(fc.constantFrom<Type>("agent_started", "agent_thinking", "agent_completed"), {
      minLength: 1,
      maxLength: 4,
    }),
  }),
  fc.record({
    do: fc.constant("fail" as const),
    how: fc.constantFrom<Failure>("before", "after", null),
  }),
  fc.record({ do: fc.constantFrom("die" as const, "alarm" as const, "delete" as const) }),
);

test("whatever fails, and whenever it dies: each notice once, in order, and an alarm until then", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 30 }), async (actions) => {
      const world = new World();
      for (const next of actions) {
        if (next.do === "fail") world.feed.failure = next.how;
        if (next.do === "die") world.die();
        if (next.do === "commit" && world.deletion.decidedAt === null)
          await world.commit(...next.types);
        if (next.do === "delete") world.deletion.decidedAt ??= world.clock.now();
        if (next.do === "alarm" && world.announcer.dueAt !== null) {
          await world.clock.advance(Math.max(0, world.announcer.dueAt - world.clock.now()));
          await world.announcer.flush();
        }
        const { upTo, dueAt } = world.announcer;
        const { seqs } = world.feed;
        expect(seqs).toEqual(world.all.slice(0, seqs.length));
        expect(seqs).toEqual(expect.arrayContaining(world.all.filter((seq) => seq <= upTo)));
        if (seqs.length < world.all.length) expect(dueAt).not.toBeNull();
      }
      world.feed.failure = null;
      await world.settle();
      expect(world.feed.seqs).toEqual(world.all);
    }),
  );
});
