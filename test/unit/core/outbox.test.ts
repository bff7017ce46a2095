/** The outbox: every row arrives, in order, however often the store goes away; what it refuses blocks none. */
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import {
  Outbox,
  type OutboxSink,
  type OutboxStore,
  RowsRefused,
} from "../../../src/core/outbox.ts";
import { FakeClock } from "./fake-clock.ts";
import { memoryLog } from "./memory-log.ts";

const down = new Error("D1 is away");

class Rows implements OutboxStore<string> {
  #rows: readonly { readonly id: string; readonly row: string }[] = [];
  #last = 0;

  add(...rows: readonly string[]): void {
    for (const row of rows) this.#rows = [...this.#rows, { id: `row-${++this.#last}`, row }];
  }

  peek(limit: number) {
    return this.#rows.slice(0, limit);
  }

  /** What was set aside, with the reason. */
  readonly buried: (readonly [row: string, reason: string])[] = [];

  remove(ids: readonly string[]): void {
    this.#rows = this.#rows.filter(({ id }) => !ids.includes(id));
  }

  bury(id: string, reason: string) {
    const found = this.#rows.find((row) => row.id === id);
    if (found !== undefined) this.buried.push([found.row, reason]);
    this.remove([id]);
    return { row_id: id };
  }
}

/** An outbox whose store is as the given function says: it may throw, or take its time. */
function outboxOf(answer: (rows: readonly string[]) => Promise<void> | void = () => undefined) {
  const rows = new Rows();
  const clock = new FakeClock();
  const log = memoryLog();
  const batches: string[][] = [];
  const sink: OutboxSink<string> = async (batch) => {
    const texts = batch.map(({ row }) => row);
    batches.push(texts);
    await answer(texts);
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
    const unreadable = { peek: broken, remove: broken, bury: broken };
    const unremovable = { peek: () => [{ id: "1", row: "a" }], remove: broken, bury: broken };
    expect(await new Outbox(unreadable, taken, clock, log).flush()).toBe(false);
    expect(await new Outbox(unremovable, taken, clock, log).flush()).toBe(false);
    expect(log.records).toHaveLength(2);
  });
});

/** Refuses every batch that holds a bad row; says where it was asked. */
function refusing(...bad: readonly string[]) {
  return (rows: readonly string[]) => {
    if (rows.some((row) => bad.includes(row))) throw new RowsRefused("SQLITE_CONSTRAINT");
  };
}

/** Flushes so often, each time when the pause is over. @returns what each flush said. */
async function flushes({ outbox, clock }: ReturnType<typeof outboxOf>, count: number) {
  const said: boolean[] = [];
  for (let flush = 0; flush < count; flush += 1) {
    said.push(await outbox.flush());
    await clock.advance(60_000);
  }
  return said;
}

describe("a row that the store refuses", () => {
  test("holds its batch up for three tries, then is set aside alone, and logged by its ids", async () => {
    const world = outboxOf(refusing("bad"));
    const { rows, batches, log } = world;
    rows.add("a", "bad", "b");
    expect(await flushes(world, 2)).toEqual([false, false]);
    expect(rows.peek(9)).toHaveLength(3);
    expect(await flushes(world, 2)).toEqual([false, true]);
    expect(batches.slice(3)).toEqual([["a"], ["bad"], ["b"]]);
    expect(rows.buried).toEqual([["bad", "SQLITE_CONSTRAINT"]]);
    expect(log.records.at(-1)).toMatchObject({
      event: "outbox.row_refused",
      fields: { row_id: "row-2", reason: "SQLITE_CONSTRAINT" },
    });
  });

  test("and stands alone is set aside after three tries", async () => {
    const world = outboxOf(refusing("bad"));
    world.rows.add("bad");
    expect(await flushes(world, 4)).toEqual([false, false, false, true]);
    expect(world.rows.buried).toEqual([["bad", "SQLITE_CONSTRAINT"]]);
  });

  test("together with all others waits twice as long: it may be the store that is at fault", async () => {
    const world = outboxOf(refusing("bad", "worse"));
    world.rows.add("bad", "worse");
    await flushes(world, 5);
    expect(world.rows.buried).toEqual([]);
    await flushes(world, 1);
    expect(world.rows.buried.map(([row]) => row)).toEqual(["bad", "worse"]);
  });

  test("is never set aside for an outage, however long, nor while its rows are tried one by one", async () => {
    let away = true;
    const world = outboxOf((rows) => {
      if (away || rows.length === 1) throw down;
      refusing("bad")(rows);
    });
    world.rows.add("a", "bad");
    await flushes(world, 20);
    away = false;
    await flushes(world, 20);
    expect(world.rows.buried).toEqual([]);
    expect(world.rows.peek(9)).toHaveLength(2);
  });
});

test("whichever rows are refused, and whenever the store is away, all others arrive and only those are set aside", async () => {
  const plan = fc.array(fc.record({ bad: fc.boolean(), fails: fc.boolean() }), { maxLength: 70 });
  await fc.assert(
    fc.asyncProperty(plan, async (given) => {
      const names = given.map(({ bad }, index) => `${bad ? "bad" : "good"} ${index}`);
      const bad = names.filter((name) => name.startsWith("bad"));
      let tries = 0;
      const arrived = new Set<string>();
      const world = outboxOf((rows) => {
        if (given[tries++]?.fails) throw down;
        refusing(...bad)(rows);
        for (const row of rows) arrived.add(row);
      });
      world.rows.add(...names);
      for (let flush = 0; flush < 200 && world.outbox.dueAt !== null; flush += 1) {
        await flushes(world, 1);
      }
      expect(world.rows.peek(1)).toEqual([]);
      expect(world.rows.buried.map(([row]) => row)).toEqual(bad);
      expect([...arrived].toSorted()).toEqual(names.filter((n) => !bad.includes(n)).toSorted());
    }),
    { numRuns: 50 },
  );
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
