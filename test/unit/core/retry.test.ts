/** Retries: as often as told, with pauses that grow within bounds, and none of them in step. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { backoff, type RetryOptions, retry } from "../../../src/core/retry.ts";
import { FakeClock } from "./fake-clock.ts";

const PAUSES = { initialMs: 100, maxMs: 1_000 };

describe("a pause", () => {
  test("lies in the upper half of its ceiling, which doubles up to the most", () => {
    const options = fc.record({ initialMs: fc.integer({ min: 1, max: 1e4 }), maxMs: fc.nat(1e6) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), options, (failures, { initialMs, maxMs }) => {
        const ceiling = Math.min(maxMs, initialMs * 2 ** (failures - 1));
        const pause = backoff(failures, { initialMs, maxMs });
        expect(pause).toBeGreaterThanOrEqual(ceiling / 2);
        expect(pause).toBeLessThanOrEqual(ceiling);
      }),
    );
  });

  test("is another for each who failed together", () => {
    const pauses = Array.from({ length: 100 }, () => backoff(1, PAUSES));
    expect(new Set(pauses).size).toBeGreaterThan(50);
  });
});

/** Retries an attempt that fails with each of the errors in turn, and then succeeds. */
function retryThrough(errors: readonly Error[], options: Partial<RetryOptions> = {}) {
  const clock = new FakeClock();
  const startedAt = clock.now();
  const left = [...errors];
  const attempts: number[] = [];
  const outcome = retry(
    async () => {
      attempts.push(clock.now() - startedAt);
      const error = left.shift();
      if (error) throw error;
      return "done";
    },
    { ...PAUSES, tries: 3, isRetryable: () => true, clock, ...options },
  ).catch((error: unknown) => error);
  return { outcome, attempts, clock };
}

describe("a retry", () => {
  const [first, second, third] = [new Error("1"), new Error("2"), new Error("3")];

  test("gives up after the most tries, with the last error", async () => {
    const { outcome, attempts, clock } = retryThrough([first, second, third]);
    await clock.advance(10_000);
    expect(await outcome).toBe(third);
    expect(attempts).toHaveLength(3);
  });

  test("is not made for an error that would come again", async () => {
    const isRetryable = (error: unknown) => error !== second;
    const { outcome, attempts, clock } = retryThrough([first, second], { isRetryable });
    await clock.advance(10_000);
    expect(await outcome).toBe(second);
    expect(attempts).toHaveLength(2);
  });

  test("that waits ends with the signal's reason", async () => {
    const controller = new AbortController();
    const reason = new Error("given up");
    const { outcome, attempts, clock } = retryThrough([first], { signal: controller.signal });
    await clock.advance(10);
    controller.abort(reason);
    expect(await outcome).toBe(reason);
    expect(attempts).toEqual([0]);
    expect(clock.sleeping).toBe(0);
  });

  test("is made after a pause each time, and gives what the first success gives", async () => {
    const { outcome, attempts, clock } = retryThrough([first, second]);
    await clock.advance(10_000);
    expect(await outcome).toBe("done");
    const [at0 = 0, at1 = 0, at2 = 0] = attempts;
    expect(at0).toBe(0);
    expect(at1).toBeGreaterThanOrEqual(50);
    expect(at1).toBeLessThanOrEqual(100);
    expect(at2 - at1).toBeGreaterThanOrEqual(100);
    expect(at2 - at1).toBeLessThanOrEqual(200);
  });

  test("is not made for what succeeds", async () => {
    const { outcome, attempts } = retryThrough([]);
    expect(await outcome).toBe("done");
    expect(attempts).toEqual([0]);
  });
});
