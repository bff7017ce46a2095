/**
 * Why the policies are our own: what cockatiel's do, and what ours do, where the objects of one isolate
 * share them. Not shown here, because a test is no global scope: a Worker that imports it does not start.
 */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import {
  type BulkheadPolicy,
  bulkhead,
  ConsecutiveBreaker,
  circuitBreaker,
  handleAll,
  retry,
  TimeoutStrategy,
  timeout,
  wrap,
} from "cockatiel";
import { describe, expect, it } from "vitest";
import { CircuitBreaker } from "../../../src/core/breaker.ts";
import { Bulkhead } from "../../../src/core/bulkhead.ts";
import { systemClock } from "../../../src/core/clock.ts";

const OPEN_MS = 50;
/** Far longer than anything here takes that ends at all. */
const HUNG_MS = 1_500;
const clock = systemClock;

/** Works in an object of its own. */
function inObject<Value>(name: string, work: (state: DurableObjectState) => Promise<Value>) {
  const stub = env.ORGANIZATIONS.getByName(name);
  return runInDurableObject(stub, (_, state) => work(state));
}

const own = () => new AbortController().signal;
const fails = () => Promise.reject(new Error("It is away."));
const outcome = (work: Promise<unknown>) =>
  Promise.race([
    work.then(
      () => "done",
      () => "failed",
    ),
    clock.sleep(HUNG_MS).then(() => "hung"),
  ]);

/** Dies in the middle of its work. */
const dies = (name: string, work: (during: () => Promise<void>) => Promise<unknown>) =>
  outcome(
    inObject(name, (state) =>
      work(async () => {
        setTimeout(() => state.abort("gone"), 10);
        await clock.sleep(HUNG_MS);
      }),
    ),
  );

describe("cockatiel's policies, shared by objects", () => {
  it("hold where each call brings a signal of its own, and fail in another object where none does", async () => {
    const policy = wrap(
      retry(handleAll, { maxAttempts: 1 }),
      timeout(HUNG_MS, TimeoutStrategy.Aggressive),
    );
    const call = (signal?: AbortSignal) => policy.execute(async () => 1, signal);
    expect(await outcome(inObject("signal-a", () => call(own())))).toBe("done");
    expect(await outcome(inObject("signal-b", () => call(own())))).toBe("done");
    await outcome(inObject("signal-a", () => call()));
    expect(await outcome(inObject("signal-b", () => call()))).toBe("failed");
  });

  it("hang for ever behind a probe whose object died", async () => {
    const breaker = circuitBreaker(handleAll, {
      halfOpenAfter: OPEN_MS,
      breaker: new ConsecutiveBreaker(1),
    });
    await outcome(inObject("probe-a", () => breaker.execute(fails, own())));
    await clock.sleep(OPEN_MS);
    expect(await dies("probe-b", (during) => breaker.execute(during, own()))).toBe("failed");
    await clock.sleep(OPEN_MS);
    expect(await outcome(inObject("probe-c", () => breaker.execute(async () => 1, own())))).toBe(
      "hung",
    );
  });

  it("lose a slot to each object that died in it", async () => {
    const slots: BulkheadPolicy = bulkhead(1);
    expect(await dies("slot-a", (during) => slots.execute(during, own()))).toBe("failed");
    await clock.sleep(OPEN_MS);
    expect(slots.executionSlots).toBe(0);
  });
});

describe("our own, shared by objects", () => {
  it("let another probe in where one's object died", async () => {
    const breaker = new CircuitBreaker({
      clock,
      failures: 1,
      openMs: OPEN_MS,
      onChange: () => undefined,
    });
    breaker.enter()?.("failure");
    await clock.sleep(OPEN_MS);
    await dies("own-probe-a", async (during) => {
      const leave = breaker.enter();
      await during();
      leave?.("success");
    });
    await clock.sleep(OPEN_MS);
    expect(await outcome(inObject("own-probe-b", async () => breaker.enter()?.("success")))).toBe(
      "done",
    );
    expect(breaker.enter()).not.toBeNull();
  });

  it("take a slot back whose object died", async () => {
    const bulkheadOfOurs = new Bulkhead({ clock, slots: 1, leaseMs: OPEN_MS });
    await dies("own-slot-a", async (during) => {
      const leave = bulkheadOfOurs.enter();
      await during();
      leave?.();
    });
    await clock.sleep(OPEN_MS);
    expect(bulkheadOfOurs.enter()).not.toBeNull();
  });
});
