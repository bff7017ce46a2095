/** What stands between a failing endpoint and the people who wait: fresh starts, and a breaker. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import type { Model, ModelChunk } from "../../../src/core/model.ts";
import { guardedModel } from "../../../src/models/guarded.ts";
import { ApexError } from "../../../src/protocol/errors.ts";
import type { ErrorCode } from "../../../src/protocol/failures.ts";
import { failureOf, join, memoryLog, only, read, requestOf } from "./fixture.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

type Play = readonly (ModelChunk | Error)[];

const text = (words: string): ModelChunk => ({ type: "text", text: words });
const finish: ModelChunk = { type: "finish", reason: "stop" };
const fail = (code: ErrorCode, retryAfter?: number) =>
  new ApexError(code, "It broke.", retryAfter === undefined ? {} : { retryAfter });
const down: Play = [fail("model_unavailable")];
const fine: Play = [text("Fine."), finish];

/** A model that plays one of the plays a call, behind its guard. */
function guarded(...plays: readonly Play[]) {
  const left = [...plays];
  const log = memoryLog();
  let calls = 0;
  const inner: Model = {
    provider: "openai",
    models: ["m"],
    async *stream() {
      calls += 1;
      for (const act of left.shift() ?? fine) {
        if (act instanceof Error) throw act;
        yield act;
      }
    },
    cost: () => 1.5,
  };
  const model = guardedModel(inner, { clock: systemClock, log });
  return { model, log, calls: () => calls };
}

/** Reads a turn while time flies. */
async function readFast(model: Model, request = requestOf()) {
  const ending = read(model, request);
  await vi.runAllTimersAsync();
  return await ending;
}

describe("a turn", () => {
  test.each(["model_rejected", "rate_limited", "internal"] as const)(
    "that breaks half-way as %s is not begun anew",
    async (code) => {
      const { model, calls } = guarded([text("Half"), fail(code)]);
      const { chunks, error } = await readFast(model);
      expect(error).toMatchObject({ code });
      expect(chunks).toEqual([text("Half")]);
      expect(calls()).toBe(1);
    },
  );

  test("that never began is not begun anew: the endpoint was tried often enough", async () => {
    const { model, calls } = guarded(down);
    expect((await readFast(model)).error).toMatchObject({ code: "model_unavailable" });
    expect(calls()).toBe(1);
  });

  test("that keeps breaking fails after its restarts", async () => {
    const broken: Play = [text("Half"), fail("model_unavailable")];
    const { model, calls } = guarded(broken, broken, broken, fine);
    const { chunks, error } = await readFast(model);
    expect(error).toMatchObject({ code: "model_unavailable", message: "It broke." });
    expect(only(chunks, "restart")).toHaveLength(2);
    expect(calls()).toBe(3);
  });

  test.each(["model_unavailable", "model_timeout"] as const)(
    "that breaks half-way as %s says so and begins anew",
    async (code) => {
      const { model } = guarded([text("Half"), fail(code)], fine);
      const { chunks, error } = await readFast(model);
      expect(error).toBeUndefined();
      expect(chunks).toEqual([text("Half"), { type: "restart", reason: "It broke." }, ...fine]);
    },
  );

  test("that breaks before its first word begins anew where it may be tried again at once", async () => {
    const { model } = guarded([fail("model_unavailable", 0)], fine);
    const { chunks, error } = await readFast(model);
    expect(error).toBeUndefined();
    expect(join(chunks, "text")).toBe("Fine.");
  });

  test("passes through untouched where nothing breaks, its price as well", async () => {
    const { model } = guarded(fine);
    expect((await readFast(model)).chunks).toEqual(fine);
    expect(model).toMatchObject({ provider: "openai", models: ["m"] });
    const usage = { inputTokens: 1, cachedInputTokens: 0, outputTokens: 1, reasoningTokens: 0 };
    expect(model.cost("m", { ...usage, estimated: false })).toBe(1.5);
  });
});

describe("an abort", () => {
  test("while a restart is waited for throws the reason", async () => {
    const { model, calls } = guarded([text("Half"), fail("model_unavailable")]);
    const controller = new AbortController();
    const reason = new Error("cancelled");
    const ending = read(model, requestOf({ signal: controller.signal }));
    await vi.advanceTimersByTimeAsync(0);
    controller.abort(reason);
    expect((await ending).error).toBe(reason);
    expect(calls()).toBe(1);
  });

  test("never counts as a failure, whatever the endpoint threw on it", async () => {
    const log = memoryLog();
    const inner: Model = {
      provider: "openai",
      models: ["m"],
      // biome-ignore lint/correctness/useYield: it fails before it gives anything
      async *stream() {
        controller.abort(new Error("cancelled"));
        throw fail("model_timeout");
      },
      cost: () => null,
    };
    const model = guardedModel(inner, { clock: systemClock, log, failures: 1 });
    let controller = new AbortController();
    for (let round = 0; round < 3; round++) {
      controller = new AbortController();
      const { error } = await readFast(model, requestOf({ signal: controller.signal }));
      expect(error).toMatchObject({ message: "cancelled" });
    }
    expect(log.lines).toEqual([]);
  });
});

describe("the breaker", () => {
  /** A guarded model whose breaker has just opened; then it plays what is given. */
  async function opened(...plays: readonly Play[]) {
    const guard = guarded(...Array<Play>(5).fill(down), ...plays);
    for (let round = 0; round < 5; round++) await readFast(guard.model);
    expect(guard.calls()).toBe(5);
    return guard;
  }

  test("opens after five failures in a row, and says plainly when to come back", async () => {
    const { model, log, calls } = await opened();
    await vi.advanceTimersByTimeAsync(10_000);
    const failure = await failureOf(model, requestOf());
    expect(failure).toMatchObject({ code: "model_unavailable", retryAfter: 20 });
    expect(failure.message).toBe(
      "The model failed several times in a row, so calls to it are paused. Please try again in 20 s.",
    );
    expect(calls()).toBe(5);
    expect(log.lines.join()).toContain("model_breaker_opened");
  });

  test("stays open for everybody but one probe, and opens again where that fails", async () => {
    const { model, calls } = await opened([text("Slow"), fail("model_unavailable")]);
    await vi.advanceTimersByTimeAsync(30_000);
    const probe = model.stream(requestOf())[Symbol.asyncIterator]();
    expect(await probe.next()).toMatchObject({ value: text("Slow") });
    expect(await failureOf(model, requestOf())).toMatchObject({ retryAfter: 1 });
    expect(calls()).toBe(6);
    expect(await probe.next()).toMatchObject({ value: { type: "restart" } });
    expect(await failureOf(model, requestOf())).toMatchObject({ retryAfter: 30 });
    const rest = probe.next();
    const told = expect(rest).rejects.toMatchObject({ code: "model_unavailable" });
    await vi.advanceTimersByTimeAsync(5_000);
    await told;
    expect(calls()).toBe(6);
  });

  test("closes again when the probe succeeds", async () => {
    const { model, log } = await opened(fine, down, fine);
    await vi.advanceTimersByTimeAsync(30_000);
    expect((await readFast(model)).chunks).toEqual(fine);
    expect(log.lines.join()).toContain("model_breaker_closed");
    await readFast(model);
    expect((await readFast(model)).chunks).toEqual(fine);
  });

  test("closes when the probe is refused, for then the endpoint answers", async () => {
    const { model } = await opened([fail("model_rejected")]);
    await vi.advanceTimersByTimeAsync(30_000);
    expect((await readFast(model)).error).toMatchObject({ code: "model_rejected" });
    expect((await readFast(model)).chunks).toEqual(fine);
  });

  test.each([
    ["success", fine],
    ["refusal", [fail("model_rejected")]],
  ] as const)("never opens on failures with a %s in between", async (_, between) => {
    const four = Array<Play>(4).fill(down);
    const { model, calls } = guarded(...four, between, ...four);
    for (let round = 0; round < 9; round++) await readFast(model);
    expect(calls()).toBe(9);
  });

  test("never opens on refusals", async () => {
    const { model, calls } = guarded(...Array<Play>(9).fill([fail("model_rejected")]));
    for (let round = 0; round < 9; round++) await readFast(model);
    expect(calls()).toBe(9);
  });

  test("lets the next call probe where the reader of the probe leaves", async () => {
    const { model, calls } = await opened([text("One"), text("Two")], fine);
    await vi.advanceTimersByTimeAsync(30_000);
    for await (const _ of model.stream(requestOf())) break;
    const probe = model.stream(requestOf())[Symbol.asyncIterator]();
    await probe.next();
    expect(await failureOf(model, requestOf())).toMatchObject({ retryAfter: 1 });
    expect(calls()).toBe(7);
  });

  test("is not closed by a call from before it opened", async () => {
    const { model } = guarded([text("Slow"), finish], ...Array<Play>(5).fill(down));
    const early = model.stream(requestOf())[Symbol.asyncIterator]();
    await early.next();
    for (let round = 0; round < 5; round++) await readFast(model);
    for (let last = false; !last; ) last = (await early.next()).done ?? false;
    expect(await failureOf(model, requestOf())).toMatchObject({ retryAfter: 30 });
  });

  test("takes a reader that leaves early for neither success nor failure", async () => {
    const { model, calls } = guarded(...Array<Play>(4).fill(down), [text("One"), text("Two")]);
    for (let round = 0; round < 4; round++) await readFast(model);
    for await (const _ of model.stream(requestOf())) break;
    expect((await readFast(model)).chunks).toEqual(fine);
    expect(calls()).toBe(6);
  });
});
