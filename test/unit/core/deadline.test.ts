/** A deadline holds for any work, also for work that never looks at its signal. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { DeadlineExceeded, withDeadline } from "../../../src/core/deadline.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const never = () => new Promise<never>(() => undefined);

describe("work that is too slow", () => {
  test("is left behind when the time is up, and not before", async () => {
    const work = withDeadline(100, never);
    const told = expect(work).rejects.toBeInstanceOf(DeadlineExceeded);
    await vi.advanceTimersByTimeAsync(99);
    expect(await Promise.race([work, Promise.resolve("waiting")])).toBe("waiting");
    await vi.advanceTimersByTimeAsync(1);
    await told;
  });

  test("is told by its signal", async () => {
    let heard: unknown;
    const work = withDeadline(100, (signal) => {
      signal.addEventListener("abort", () => {
        heard = signal.reason;
      });
      return never();
    });
    const told = expect(work).rejects.toThrow("Not done within 100 ms");
    await vi.advanceTimersByTimeAsync(100);
    await told;
    expect(heard).toBeInstanceOf(DeadlineExceeded);
  });

  test("may fail later without anyone being disturbed", async () => {
    const late = Promise.withResolvers<never>();
    const work = withDeadline(100, () => late.promise);
    const told = expect(work).rejects.toBeInstanceOf(DeadlineExceeded);
    await vi.advanceTimersByTimeAsync(100);
    await told;
    late.reject(new Error("too late"));
    await vi.advanceTimersByTimeAsync(0);
  });
});

describe("an outer signal", () => {
  const reason = new Error("given up");

  test("that has aborted keeps the work from beginning", async () => {
    const work = vi.fn(never);
    await expect(withDeadline(100, work, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(work).not.toHaveBeenCalled();
  });

  test("that aborts ends the work at once, with its reason", async () => {
    const outer = new AbortController();
    const work = withDeadline(100, never, outer.signal);
    outer.abort(reason);
    await expect(work).rejects.toBe(reason);
  });
});

describe("work that is done in time", () => {
  test.each([undefined, new AbortController().signal])("gives its value", async (outer) => {
    expect(await withDeadline(100, async () => 42, outer)).toBe(42);
  });

  test("throws what it throws, at once or later", async () => {
    const error = new Error("broken");
    await expect(withDeadline(100, () => Promise.reject(error))).rejects.toBe(error);
    const atOnce = () => {
      throw error;
    };
    await expect(withDeadline(100, atOnce)).rejects.toBe(error);
  });
});
