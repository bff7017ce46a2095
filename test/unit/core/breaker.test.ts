/** The breaker: what keeps failing is left alone, and then asked by one call at a time. */
import { describe, expect, test } from "vitest";
import { type BreakerStatus, CircuitBreaker, type Verdict } from "../../../src/core/breaker.ts";
import { FakeClock } from "./fake-clock.ts";

const OPEN_MS = 30_000;

/** A breaker that opens after three failures in a row, and what it told so far. */
function breakerOf() {
  const clock = new FakeClock();
  const told: BreakerStatus[] = [];
  const breaker = new CircuitBreaker({
    clock,
    failures: 3,
    openMs: OPEN_MS,
    onChange: (status) => told.push(status),
  });
  const enter = () => {
    const leave = breaker.enter();
    if (leave === null) throw new Error("The breaker is open.");
    return leave;
  };
  const call = (...verdicts: readonly Verdict[]) => {
    for (const verdict of verdicts) enter()(verdict);
  };
  return {
    breaker,
    clock,
    told: () => told.map(({ state }) => state),
    last: () => told.at(-1),
    enter,
    call,
  };
}

/** A breaker that has just opened. */
function opened() {
  const parts = breakerOf();
  parts.call("failure", "failure", "failure");
  return parts;
}

describe("an open breaker", () => {
  test("lets nobody in, and says how long", async () => {
    const { breaker, clock, told } = opened();
    expect(told()).toEqual(["open"]);
    expect(breaker.wait).toBe(OPEN_MS);
    await clock.advance(OPEN_MS - 1);
    expect(breaker.enter()).toBeNull();
    expect(breaker.wait).toBe(1);
  });

  test("lets one probe in when its time is over, and nobody beside it", async () => {
    const { breaker, clock, enter } = opened();
    await clock.advance(OPEN_MS);
    expect(breaker.wait).toBe(0);
    enter();
    expect(breaker.enter()).toBeNull();
    await clock.advance(OPEN_MS - 1);
    expect(breaker.enter()).toBeNull();
  });

  test("lets another probe in where one never comes back, and believes whichever is first", async () => {
    const { breaker, clock, told, enter } = opened();
    await clock.advance(OPEN_MS);
    const lost = enter();
    await clock.advance(OPEN_MS);
    enter()("success");
    expect(told()).toEqual(["open", "closed"]);
    lost("failure");
    expect(breaker.wait).toBe(0);
    expect(told()).toEqual(["open", "closed"]);
  });

  test("tells since when, after how many failures, and when it is tried again", async () => {
    const { clock, last, call } = opened();
    const since = clock.now();
    await clock.advance(OPEN_MS);
    call("failure");
    expect(last()).toEqual({
      state: "open",
      since,
      failuresInRow: 4,
      nextProbeAt: clock.now() + OPEN_MS,
    });
    await clock.advance(OPEN_MS);
    call("success");
    expect(last()).toEqual({
      state: "closed",
      since: clock.now(),
      failuresInRow: 0,
      nextProbeAt: null,
    });
  });

  test("stays open for its whole time again where the probe fails", async () => {
    const { breaker, clock, told, call } = opened();
    await clock.advance(OPEN_MS);
    call("failure");
    expect(told()).toEqual(["open", "open"]);
    expect(breaker.enter()).toBeNull();
    expect(breaker.wait).toBe(OPEN_MS);
  });

  test("lets the next probe in at once where one says nothing", async () => {
    const { clock, told, call } = opened();
    await clock.advance(OPEN_MS);
    call("none", "none", "success");
    expect(told()).toEqual(["open", "closed"]);
  });

  test("is not moved by calls from before it opened, whatever they found", async () => {
    const { breaker, told, enter, call, clock } = breakerOf();
    const late = [enter(), enter(), enter()] as const;
    call("failure", "failure", "failure");
    await clock.advance(10);
    late[0]("failure");
    expect(breaker.wait).toBe(OPEN_MS - 10);
    late[1]("success");
    expect(breaker.enter()).toBeNull();
    await clock.advance(OPEN_MS);
    enter();
    late[2]("none");
    expect(breaker.enter()).toBeNull();
    expect(told()).toEqual(["open"]);
  });
});

describe("a closed breaker", () => {
  test("opens at the third failure in a row, and is told once", () => {
    const { breaker, told, call } = breakerOf();
    call("failure", "failure");
    expect(told()).toEqual([]);
    call("failure");
    expect(told()).toEqual(["open"]);
    expect(breaker.enter()).toBeNull();
  });

  test("forgets failures at a success, and at nothing else", () => {
    const { told, call } = breakerOf();
    call("failure", "failure", "success", "failure", "failure");
    expect(told()).toEqual([]);
    call("none", "failure");
    expect(told()).toEqual(["open"]);
  });

  test("lets any number in at once", () => {
    const { enter, breaker } = breakerOf();
    for (let calls = 0; calls < 10; calls += 1) enter();
    expect(breaker.wait).toBe(0);
  });

  test("that was open starts to count from nothing", async () => {
    const { told, call, clock } = opened();
    await clock.advance(OPEN_MS);
    call("success", "failure", "failure");
    expect(told()).toEqual(["open", "closed"]);
  });
});
