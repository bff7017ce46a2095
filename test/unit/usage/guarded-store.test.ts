/** The guard around a usage store: what is tried again, what is given up, and when it is left alone. */
import { describe, expect, test } from "vitest";
import type { BreakerStatus } from "../../../src/core/breaker.ts";
import { DeadlineExceeded } from "../../../src/core/deadline.ts";
import { ApexError } from "../../../src/protocol/errors.ts";
import { guardedUsageStore } from "../../../src/usage/guarded-store.ts";
import type { Scope, UsageStore } from "../../../src/usage/store.ts";
import { FakeClock } from "../core/fake-clock.ts";
import { absentStore } from "./absent-store.ts";

const OPEN_MS = 10_000;
const scope: Scope = { workspaceId: "own", from: 0, to: 1, filters: {} };
const away = () => new ApexError("unavailable", "It is away.", { retryAfter: 5 });
const slow = () => {
  const cause = new DeadlineExceeded("Not done.");
  return new ApexError("unavailable", "It is slow.", { retryAfter: 5, cause });
};

/** A guard whose clock never makes anybody wait, over a store that answers as told. */
function guardOf(
  answers: Partial<UsageStore>,
  options: { slots?: number; deadlineMs?: number } = {},
) {
  const clock = new FakeClock();
  const told: BreakerStatus[] = [];
  const impatient = { now: () => clock.now(), sleep: () => Promise.resolve() };
  const store = guardedUsageStore(absentStore(answers), {
    clock: impatient,
    deadlineMs: 1_000,
    failures: 3,
    openMs: OPEN_MS,
    onChange: (status) => told.push(status),
    ...options,
  });
  return { store, clock, told: () => told.map(({ state }) => state) };
}

/** An extent that fails so often as there are errors, and then answers. */
function extentAfter(...errors: readonly ApexError[]) {
  const left = [...errors];
  let calls = 0;
  return {
    calls: () => calls,
    async extent() {
      calls += 1;
      const error = left.shift();
      if (error) throw error;
      return null;
    },
  };
}

describe("a question that fails", () => {
  test("because the connection broke is put again, three times in all", async () => {
    const { calls, extent } = extentAfter(away(), away());
    expect(await guardOf({ extent }).store.extent("own")).toBeNull();
    expect(calls()).toBe(3);
    const lost = extentAfter(away(), away(), away(), away());
    await expect(guardOf({ extent: lost.extent }).store.extent("own")).rejects.toThrow("away");
    expect(lost.calls()).toBe(3);
  });

  test("because it took too long is not put again", async () => {
    const { calls, extent } = extentAfter(slow());
    await expect(guardOf({ extent }).store.extent("own")).rejects.toThrow("slow");
    expect(calls()).toBe(1);
  });

  test("because it asks too much is not put again, and says nothing against the store", async () => {
    let calls = 0;
    const groups = async () => {
      calls += 1;
      throw new ApexError("too_large", "Too many groups.");
    };
    const { store, told } = guardOf({ groups });
    for (let asked = 0; asked < 5; asked += 1) {
      await expect(store.groups(scope, [])).rejects.toMatchObject({ code: "too_large" });
    }
    expect(calls).toBe(5);
    expect(told()).toEqual([]);
  });

  test("because nothing is heard ends in time", async () => {
    const latencies = () => new Promise<never>(() => undefined);
    const { store } = guardOf({ latencies }, { deadlineMs: 5 });
    await expect(store.latencies(scope)).rejects.toMatchObject({
      code: "unavailable",
      retryAfter: 5,
    });
  });

  test("in the middle of a scan is not put again, and the pages before it were given", async () => {
    let scans = 0;
    async function* scan() {
      scans += 1;
      yield [];
      throw away();
    }
    const { store } = guardOf({ scan });
    const pages: number[] = [];
    const read = async () => {
      for await (const page of store.scan(scope)) pages.push(page.length);
    };
    await expect(read()).rejects.toThrow("away");
    expect({ pages, scans }).toEqual({ pages: [0], scans: 1 });
  });

  test("as an import does is left to whoever imports", async () => {
    let calls = 0;
    const ingest = async () => {
      calls += 1;
      throw away();
    };
    await expect(guardOf({ ingest }).store.ingest([])).rejects.toThrow("away");
    expect(calls).toBe(1);
  });
});

describe("a store that keeps failing", () => {
  test("is left alone, and asked again by one question when its time is over", async () => {
    let isAway = true;
    let calls = 0;
    const priceVersions = async () => {
      calls += 1;
      if (isAway) throw slow();
      return ["list"];
    };
    const { store, clock, told } = guardOf({ priceVersions });
    for (let asked = 0; asked < 3; asked += 1) {
      await expect(store.priceVersions(scope)).rejects.toThrow("slow");
    }
    expect(told()).toEqual(["open"]);
    await expect(store.priceVersions(scope)).rejects.toMatchObject({
      code: "unavailable",
      retryAfter: OPEN_MS / 1_000,
      message: expect.stringContaining("left alone"),
    });
    expect(calls).toBe(3);
    isAway = false;
    await clock.advance(OPEN_MS);
    expect(await store.priceVersions(scope)).toEqual(["list"]);
    expect(told()).toEqual(["open", "closed"]);
  });
});

describe("a store that is asked too much at once", () => {
  test("refuses the question that is one too many, and holds it against nobody", async () => {
    const held = Promise.withResolvers<string[]>();
    const examples = () => held.promise;
    const { store, told } = guardOf({ examples }, { slots: 2 });
    const asked = [store.examples(scope, 1), store.examples(scope, 1)];
    for (let more = 0; more < 4; more += 1) {
      await expect(store.examples(scope, 1)).rejects.toMatchObject({
        code: "unavailable",
        retryAfter: 2,
      });
    }
    held.resolve(["one"]);
    expect(await Promise.all(asked)).toEqual([["one"], ["one"]]);
    expect(await store.examples(scope, 1)).toEqual(["one"]);
    expect(told()).toEqual([]);
  });
});
