/** A long computation gives way after each slice, and ends within one when its signal aborts. */
import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { inSlices, type Sliced } from "../../../src/core/slices.ts";

/** Gives way at once, and counts how often. */
class CountingClock {
  pauses = 0;
  async sleep(_: number, signal?: AbortSignal): Promise<void> {
    this.pauses += 1;
    await setImmediate();
    signal?.throwIfAborted();
  }
}

/** Counts slices; tells which one is worked at. */
function* counting(
  slices: number,
  tell: (slice: number) => void = () => undefined,
): Sliced<number> {
  for (let slice = 1; slice <= slices; slice++) {
    tell(slice);
    yield;
  }
  return slices;
}

const reason = new Error("given up");
const { signal } = new AbortController();

describe("a computation that is not finished", () => {
  test("is never begun where its signal has aborted", async () => {
    const told: number[] = [];
    const work = inSlices(
      counting(3, (slice) => told.push(slice)),
      { clock: new CountingClock(), signal: AbortSignal.abort(reason) },
    );
    await expect(work).rejects.toBe(reason);
    expect(told).toEqual([]);
  });

  test("ends within the slice in which its signal aborts, with the signal's reason", async () => {
    const controller = new AbortController();
    const told: number[] = [];
    const work = counting(1_000, (slice) => {
      told.push(slice);
      if (slice === 3) controller.abort(reason);
    });
    const clock = new CountingClock();
    await expect(inSlices(work, { clock, signal: controller.signal })).rejects.toBe(reason);
    expect(told).toEqual([1, 2, 3]);
  });

  test("throws what it throws", async () => {
    function* breaking(): Sliced<number> {
      yield;
      throw reason;
    }
    await expect(inSlices(breaking(), { clock: new CountingClock(), signal })).rejects.toBe(reason);
  });
});

describe("a computation that is finished", () => {
  test("gives its result, having given way after each slice", async () => {
    const clock = new CountingClock();
    expect(await inSlices(counting(5), { clock, signal })).toBe(5);
    expect(clock.pauses).toBe(5);
  });

  test("let others have their turn in between", async () => {
    const turns: string[] = [];
    const mine = inSlices(
      counting(2, (slice) => turns.push(`mine ${slice}`)),
      { clock: new CountingClock(), signal },
    );
    const others = inSlices(
      counting(2, (slice) => turns.push(`others ${slice}`)),
      { clock: new CountingClock(), signal },
    );
    await Promise.all([mine, others]);
    expect(turns).toEqual(["mine 1", "others 1", "mine 2", "others 2"]);
  });
});
