/** A run's budget: the model is stopped in the middle of its words, and nothing is counted twice or not at all. */
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import type { ModelChunk, ModelRequest } from "../../../src/core/model.ts";
import { withinBudget } from "../../../src/core/run-budget.ts";
import { estimateUsage } from "../../../src/core/tokens.ts";
import type { ApexError } from "../../../src/protocol/errors.ts";
import { finish, restart, scriptedModel, type TurnScript, text, USAGE } from "./scripted-model.ts";

/** What a token costs, read or written. */
const TOKEN_USD = 0.01;
const WORDS = text("x".repeat(64));
const WORDS_USD = 16 * TOKEN_USD;

function budgeted(usd: number, ...turns: readonly TurnScript[]) {
  const { model } = scriptedModel(...turns);
  const stop = vi.fn<(reason: ApexError) => void>();
  const priced = {
    ...model,
    cost: (_: string, used: typeof USAGE) => (used.inputTokens + used.outputTokens) * TOKEN_USD,
  };
  return { model: withinBudget(priced, { usd, spentUsd: 0, stop }), stop };
}

function request(words = ""): ModelRequest {
  const messages = [{ role: "user", content: words }] as const;
  return { model: "model-1", messages, tools: [], signal: new AbortController().signal };
}

/** @returns what a call gave, and the code it was stopped with. */
async function follow(stream: AsyncIterable<ModelChunk>) {
  const given: ModelChunk[] = [];
  try {
    for await (const chunk of stream) given.push(chunk);
    return { given, code: null };
  } catch (error) {
    return { given, code: error instanceof Error && "code" in error ? error.code : error };
  }
}

const talk = (pieces: number): TurnScript => [...Array(pieces).fill(WORDS), finish()];

describe("past its budget", () => {
  it("a call is stopped in the middle, and the piece that was too much is given", async () => {
    const { model, stop } = budgeted(2 * WORDS_USD, talk(10));
    const { given, code } = await follow(model.stream(request()));
    expect(given).toEqual([WORDS, WORDS, WORDS]);
    expect(code).toBe("budget_exceeded");
    expect(stop).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({
        code: "budget_exceeded",
        message: expect.stringContaining("$0.32"),
      }),
    );
  });

  it("a call that could not even read is not made", async () => {
    const { model } = budgeted(0.5, talk(1));
    const { given, code } = await follow(model.stream(request("y".repeat(400))));
    expect({ given, code }).toEqual({ given: [], code: "budget_exceeded" });
  });

  it("what tries used that broke off counts", async () => {
    const { model } = budgeted(2.5 * WORDS_USD, [WORDS, WORDS, restart, ...talk(2)]);
    const { given } = await follow(model.stream(request()));
    expect(given).toEqual([WORDS, WORDS, restart, WORDS]);
  });

  it("what the endpoint counted stands for what was sized", async () => {
    const counted = {
      type: "usage",
      usage: { ...USAGE, inputTokens: 0, outputTokens: 1 },
    } as const;
    const { model } = budgeted(3 * WORDS_USD, [WORDS, counted, finish()]);
    for (let call = 0; call < 30; call += 1) {
      expect(await follow(model.stream(request()))).toMatchObject({ code: null });
    }
  });

  it("calls side by side are counted together", async () => {
    const { model } = budgeted(3 * WORDS_USD, talk(10));
    const one = model.stream(request())[Symbol.asyncIterator]();
    const other = model.stream(request())[Symbol.asyncIterator]();
    for (const stream of [one, other, one, other]) await stream.next();
    await expect(one.next().then(() => other.next())).rejects.toMatchObject({
      code: "budget_exceeded",
    });
  });

  it("what earlier lives of the run spent counts", async () => {
    const { model } = budgeted(1, talk(10));
    const stop = vi.fn();
    const resumed = withinBudget(model, { usd: 1, spentUsd: 1 - WORDS_USD / 2, stop });
    const { given } = await follow(resumed.stream(request()));
    expect(given).toEqual([WORDS]);
  });
});

it("a run is never charged more than its budget and one stride more, in however many calls", async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.integer({ min: 1, max: 30 }), async (calls, pieces) => {
      const usd = pieces * WORDS_USD;
      let used = 0;
      const { model } = budgeted(usd, talk(12));
      for (const size of calls) {
        const given: ModelChunk[] = [];
        try {
          for await (const chunk of model.stream(request())) {
            given.push(chunk);
            if (given.length === size) break;
          }
        } catch {}
        const output = given.filter(({ type }) => type === "text").length * 64;
        used += estimateUsage([], { output, reasoning: 0 }).outputTokens * TOKEN_USD;
      }
      expect(used).toBeLessThanOrEqual(usd + WORDS_USD + 1e-9);
    }),
  );
});

it("what has no known price is never stopped", async () => {
  const { model } = scriptedModel(talk(3));
  const stop = vi.fn();
  const free = withinBudget({ ...model, cost: () => null }, { usd: 0.000001, spentUsd: 0, stop });
  expect(await follow(free.stream(request("long")))).toMatchObject({ code: null });
  expect(stop).not.toHaveBeenCalled();
});
