/** The event log: every event its place, and nobody who resumes ever meets a silent gap. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { threadLog } from "../../../src/core/thread-log.ts";
import type { NewEvent } from "../../../src/protocol/events.ts";
import { Epoch, RunId, ThreadId, UserId } from "../../../src/protocol/ids.ts";
import { FakeClock } from "./fake-clock.ts";
import { MemoryEvents } from "./memory-events.ts";

const OTHER_EPOCH = Epoch.parse("epoch-0");

function thought(reasoning = "The figures are read first, since the answer rests on them alone.") {
  return {
    run_id: RunId.parse("run"),
    agent: "supervisor",
    type: "agent_thinking",
    data: { reasoning, source: "loop" },
  } as const satisfies NewEvent;
}

/** A log that was given so many events, and forgot the oldest of them. */
function logOf(events: number, { trimmed = 0, maxReplay = 100 } = {}) {
  const store = new MemoryEvents();
  const clock = new FakeClock();
  const userId = UserId.parse("user");
  const threadId = ThreadId.parse("thread");
  const log = threadLog({ store, liveSeq: () => store.live, clock, userId, threadId, maxReplay });
  log.append(Array.from({ length: events }, () => thought()));
  store.trim(trimmed);
  const at = (after: number) => ({ epoch: log.epoch, after });
  return { log, store, clock, at };
}

const seqs = (events: readonly { readonly seq: number }[]) => events.map(({ seq }) => seq);

describe("an append", () => {
  test("of an event that breaks its schema throws", () => {
    const { log } = logOf(0);
    expect(() => log.append([thought("too short")])).toThrow();
  });

  test("names whose event it is, and where and when it happened", () => {
    const { log, clock } = logOf(0);
    const [event] = log.append([thought()]);
    expect(event?.context).toEqual({
      user_id: "user",
      thread_id: "thread",
      run_id: "run",
      agent: "supervisor",
      timestamp: new Date(clock.now()).toISOString(),
    });
  });

  test("keeps exactly what it returns", () => {
    const { log, store } = logOf(0);
    const returned = log.append([thought(), thought()]);
    expect(store.kept).toEqual(returned);
  });

  test("goes on from the last seq ever given, also where every event was trimmed", () => {
    const { log } = logOf(3, { trimmed: 3 });
    expect(seqs(log.append([thought(), thought()]))).toEqual([4, 5]);
    expect(log.lastSeq).toBe(5);
  });

  test("in any batches gives a gapless seq from 1", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5), { maxLength: 10 }), (batches) => {
        const { log, store } = logOf(0);
        for (const size of batches) log.append(Array.from({ length: size }, () => thought()));
        expect(seqs(store.kept)).toEqual(store.kept.map((_, index) => index + 1));
        expect(log.lastSeq).toBe(batches.reduce((sum, size) => sum + size, 0));
      }),
    );
  });
});

describe("a resume that cannot be recovered", () => {
  test("is one from another epoch, even at a position this log has", () => {
    const { log } = logOf(5);
    expect(log.resume({ epoch: OTHER_EPOCH, after: 3 })).toEqual({
      recovered: false,
      after: 5,
      events: [],
    });
  });

  test("is one from a position that was never given", () => {
    const { log, at } = logOf(5);
    expect(log.resume(at(6))).toMatchObject({ recovered: false, after: 5 });
    expect(log.resume(at(-1))).toMatchObject({ recovered: false, after: 5 });
  });

  test("is one from before the oldest event that is kept", () => {
    const { log, at } = logOf(5, { trimmed: 2 });
    expect(log.resume(at(1))).toMatchObject({ recovered: false });
    expect(log.resume(null)).toMatchObject({ recovered: false });
  });

  test("is one that lags by more events than a replay gives", () => {
    const { log, at } = logOf(5, { maxReplay: 3 });
    expect(log.resume(at(1))).toMatchObject({ recovered: false });
    expect(log.resume(at(2))).toMatchObject({ recovered: true });
  });

  test("gets the run that is under way from its first event", () => {
    const { log, store } = logOf(5);
    store.live = 3;
    const { recovered, after, events } = log.resume({ epoch: OTHER_EPOCH, after: 5 });
    expect({ recovered, after, seqs: seqs(events) }).toEqual({
      recovered: false,
      after: 2,
      seqs: [3, 4, 5],
    });
  });

  test("gets as much of a long run under way as is kept, and as one replay gives", () => {
    const trimmed = logOf(5, { trimmed: 3 });
    trimmed.store.live = 2;
    expect(trimmed.log.resume({ epoch: OTHER_EPOCH, after: 0 })).toMatchObject({ after: 3 });
    const long = logOf(5, { maxReplay: 2 });
    long.store.live = 1;
    expect(long.log.resume({ epoch: OTHER_EPOCH, after: 0 })).toMatchObject({ after: 3 });
  });
});

describe("a resume", () => {
  test("from the last position gives nothing, also where everything was trimmed", () => {
    const { log, at } = logOf(5, { trimmed: 5 });
    expect(log.resume(at(5))).toEqual({ recovered: true, after: 5, events: [] });
  });

  test("from just before the oldest event that is kept is recovered", () => {
    const { log, at } = logOf(5, { trimmed: 2 });
    expect(seqs(log.resume(at(2)).events)).toEqual([3, 4, 5]);
  });

  test("that names no position wants the thread from its beginning", () => {
    expect(logOf(0).log.resume(null)).toEqual({ recovered: true, after: 0, events: [] });
    const { recovered, after, events } = logOf(2).log.resume(null);
    expect({ recovered, after, seqs: seqs(events) }).toEqual({
      recovered: true,
      after: 0,
      seqs: [1, 2],
    });
  });
});

const anyCut = fc.record({
  events: fc.nat(12),
  trimmed: fc.nat(12),
  maxReplay: fc.nat(12),
  after: fc.nat(14),
  live: fc.option(fc.integer({ min: 1, max: 12 })),
});

test("for any log and any cut, what was seen and what is replayed are the log, or the gap is told", () => {
  fc.assert(
    fc.property(anyCut, (cut) => {
      const { log, store, at } = logOf(cut.events, cut);
      store.live = cut.live !== null && cut.live <= cut.events ? cut.live : null;
      const whole = Array.from({ length: cut.events }, (_, index) => index + 1);
      const { recovered, after, events } = log.resume(at(cut.after));
      const replayed = seqs(events);
      expect(replayed.length).toBeLessThanOrEqual(cut.maxReplay);
      expect(replayed).toEqual(whole.slice(after));
      if (recovered) {
        expect([...whole.slice(0, cut.after), ...replayed]).toEqual(whole);
      } else {
        const bridgeable =
          cut.after <= cut.events &&
          cut.after >= Math.min(cut.trimmed, cut.events) &&
          cut.events - cut.after <= cut.maxReplay;
        expect(bridgeable).toBe(false);
      }
    }),
    { numRuns: 1_000 },
  );
});
