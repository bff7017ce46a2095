/** The clock as production has it: the one on the wall. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { madeAt, newId, systemClock, timestamp } from "../../../src/core/clock.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("a sleep", () => {
  test("that is told to stop throws the reason and leaves no timer", async () => {
    const controller = new AbortController();
    const reason = new Error("given up");
    const told = expect(systemClock.sleep(1_000, controller.signal)).rejects.toBe(reason);
    controller.abort(reason);
    await told;
    expect(vi.getTimerCount()).toBe(0);
    await expect(systemClock.sleep(1_000, controller.signal)).rejects.toBe(reason);
  });

  test.each([undefined, new AbortController().signal])("lasts as long as told", async (signal) => {
    const done = vi.fn();
    const slept = systemClock.sleep(1_000, signal).then(done);
    await vi.advanceTimersByTimeAsync(999);
    expect(done).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await slept;
    expect(systemClock.now()).toBe(Date.UTC(2026, 0, 1) + 1_000);
  });
});

test("an identifier tells when it was made, and another kind of it nothing", () => {
  // The example of RFC 9562, A.6. Identifiers of our own never go back in time, also where a test's clock does.
  const example = "017F22E2-79B0-7CC3-98C4-DC0C0C07398F";
  expect(madeAt(example)).toBe(Date.UTC(2022, 1, 22, 19, 22, 22));
  expect(madeAt(example.toLowerCase())).toBe(madeAt(example));
  expect(madeAt(newId())).toBeGreaterThanOrEqual(Date.UTC(2026, 0, 1));
  for (const other of ["", "ada", crypto.randomUUID(), `${newId()}-1`]) {
    expect(madeAt(other)).toBeNull();
  }
});

test("identifiers sort by the time they were made", () => {
  const ids = Array.from({ length: 5 }, () => {
    vi.advanceTimersByTime(1);
    return newId();
  });
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(5);
});

test("a moment is told as RFC 3339 UTC", () => {
  expect(timestamp(Date.UTC(2026, 10, 21, 8, 5))).toBe("2026-11-21T08:05:00.000Z");
});
