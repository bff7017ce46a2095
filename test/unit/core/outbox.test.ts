/** The outbox: every row arrives, in order, however often the distant store goes away. */
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { Outbox, type OutboxSink, type OutboxStore } from "../../../src/core/outbox.ts";
import { FakeClock } from "./fake-clock.ts";
import { memoryLog } from "./memory-log.ts";

const down = new Error("D1 is away");

class Rows implements OutboxStore<string> {
  #rows: readonly { readonly id: number; readonly row: string }[] = [];
  #last = 0;

  add(...rows: readonly string[]): void {
    for (const row of rows) this.#rows = [...this.#rows, { id: ++this.#last, row }];
  }

  peek(limit: number) {
    return this.#rows.slice(0, limit);
  }

  removeThrough(id: number): void {
    this.#rows = this.#rows.filter((row) => row.id > id);
  }
}

/** An outbox whose store is as the given function says: it may throw, or take its time. */
function outboxOf(answer: () => Promise<void> | void = () => undefined) {
  const rows = new Rows();
  const clock = new FakeClock();
  const log = memoryLog();
  const batches: string[][] = [];
  const sink: OutboxSink<string> = async (batch) => {
    batches.push(batch.map(({ row }) => row));
    await answer();
  };
  return { rows, clock, log, batches, outbox: new Outbox(rows, sink, clock, log) };
}

/** Lets a sink fail so many times before it works. */
function failing(times: number) {
  let left = times;
  return () => {
    if (left-- > 0) throw down;
  };
}

describe("while the distant store is away", () => {
  test("a flush does not throw: it says that rows wait, and logs why", async () => {
    const { outbox, rows, log } = outboxOf(failing(1));
    rows.add("a");
    expect(await outbox.flush()).toBe(false);
    expect(rows.peek(9)).toHaveLength(1);
    expect(log.records).toMatchObject([{ event: "outbox.postponed", error: down }]);
  });

  test("a flush before the pause is over asks nobody", async () => {
    const { outbox, rows, batches, clock } = outboxOf(failing(1));
    rows.add("a");
    await outbox.flush();
    await clock.advance(249);
    expect(await outbox.flush()).toBe(false);
    expect(batches).toHaveLength(1);
  });

  test("the pauses grow from half a second to a minute, and no further", async () => {
    const { outbox, rows, clock } = outboxOf(failing(40));
    rows.add("a");
    for (let failures = 1; failures <= 40; failures += 1) {
      expect(await outbox.flush()).toBe(false);
      const pause = (outbox.dueAt ?? 0) - clock.now();
      const ceiling = Math.min(60_000, 500 * 2 ** (failures - 1));
      expect(pause).toBeGreaterThanOrEqual(ceiling / 2);
      expect(pause).toBeLessThanOrEqual(ceiling);
      await clock.advance(pause);
    }
    expect(await outbox.flush()).toBe(true);
  });

  test("the pauses begin anew after a success", async () => {
    let away = true;
    const { outbox, rows, clock } = outboxOf(() => {
      if (away) throw down;
    });
    rows.add("a");
    for (let failures = 1; failures <= 7; failures += 1) {
      await outbox.flush();
      await clock.advance(60_000);
    }
    away = false;
    expect(await outbox.flush()).toBe(true);
    rows.add("b");
    expect(outbox.dueAt).toBe(clock.now());
    away = true;
    await outbox.flush();
    expect((outbox.dueAt ?? 0) - clock.now()).toBeLessThanOrEqual(500);
  });
});

describe("while the rows themselves cannot be reached", () => {
  test("a flush does not throw, whichever half fails", async () => {
    const clock = new FakeClock();
    const log = memoryLog();
    const taken = async () => undefined;
    const broken = () => {
      throw new Error("The object was reset.");
    };
    const unreadable = { peek: broken, removeThrough: broken };
    const unremovable = { peek: () => [{ id: 1, row: "a" }], removeThrough: broken };
    expect(await new Outbox(unreadable, taken, clock, log).flush()).toBe(false);
    expect(await new Outbox(unremovable, taken, clock, log).flush()).toBe(false);
    expect(log.records).toHaveLength(2);
  });
});

describe("flushes at once", () => {
  test("share one flight, and all learn how it ended", async () => {
    const gate = Promise.withResolvers<void>();
    const { outbox, rows, batches } = outboxOf(() => gate.promise);
    rows.add("a");
    const flushes = [outbox.flush(), outbox.flush(), outbox.flush()];
    gate.resolve();
    expect(await Promise.all(flushes)).toEqual([true, true, true]);
    expect(batches).toEqual([["a"]]);
  });

  test("share a failure as well, and do not try again for it", async () => {
    const { outbox, rows, batches } = outboxOf(failing(1));
    rows.add("a");
    expect(await Promise.all([outbox.flush(), outbox.flush()])).toEqual([false, false]);
    expect(batches).toHaveLength(1);
  });

  test("forget no row that was added while one was under way", async () => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let batch = 0;
    const { outbox, rows, batches } = outboxOf(() => gates[batch++]?.promise);
    rows.add("a");
    const first = outbox.flush();
    rows.add("b");
    const joined = [outbox.flush(), outbox.flush()];
    gates[0]?.resolve();
    gates[1]?.resolve();
    expect(await Promise.all([first, ...joined])).toEqual([true, true, true]);
    expect(batches).toEqual([["a"], ["b"]]);
    expect(rows.peek(9)).toEqual([]);
  });

  test("share the next flight too, for a row that came at the very end of one", async () => {
    const { outbox, rows, batches } = outboxOf();
    rows.add("a");
    const peek = rows.peek.bind(rows);
    vi.spyOn(rows, "peek").mockImplementation((limit) => {
      const found = peek(limit);
      if (found.length === 0 && batches.length === 1) queueMicrotask(() => rows.add("late"));
      return found;
    });
    const flushes = [outbox.flush(), outbox.flush(), outbox.flush()];
    expect(await Promise.all(flushes)).toEqual([true, true, true]);
    expect(batches).toEqual([["a"], ["late"]]);
  });
});

describe("a flush", () => {
  test("of nothing asks nobody and is due never", async () => {
    const { outbox, batches } = outboxOf();
    expect(outbox.dueAt).toBeNull();
    expect(await outbox.flush()).toBe(true);
    expect(batches).toEqual([]);
  });

  test("of rows that never failed is due now", () => {
    const { outbox, rows, clock } = outboxOf();
    rows.add("a");
    expect(outbox.dueAt).toBe(clock.now());
  });

  test("takes at most fifty rows at a time", async () => {
    const { outbox, rows, batches } = outboxOf();
    rows.add(...Array.from({ length: 120 }, (_, index) => `row ${index}`));
    expect(await outbox.flush()).toBe(true);
    expect(batches.map(({ length }) => length)).toEqual([50, 50, 20]);
  });
});

test("whenever rows come and whenever the store fails, each row arrives at least once, in order", async () => {
  const happening = fc.record({ rows: fc.nat(70), fails: fc.boolean(), pause: fc.nat(90_000) });
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 12 }), async (happenings) => {
      let fails = false;
      const { outbox, rows, clock, batches } = outboxOf(() => {
        if (fails) throw down;
      });
      const arrived: string[] = [];
      let added = 0;
      for (const happening of happenings) {
        fails = happening.fails;
        for (let row = 0; row < happening.rows; row += 1) rows.add(`row ${added++}`);
        const tried = batches.length;
        await Promise.all([outbox.flush(), outbox.flush()]);
        if (!fails) arrived.push(...batches.slice(tried).flat());
        await clock.advance(happening.pause);
      }
      fails = false;
      await clock.advance(60_000);
      const tried = batches.length;
      expect(await outbox.flush()).toBe(true);
      arrived.push(...batches.slice(tried).flat());
      expect(arrived).toEqual(Array.from({ length: added }, (_, row) => `row ${row}`));
    }),
  );
});
