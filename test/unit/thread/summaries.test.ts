/** The summaries of long threads: seldom made, by a real model alone, and missed by nobody where they fail. */
import { describe, expect, test } from "vitest";
import type { ModelStep } from "../../../src/core/checkpoint.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { countedOnce, type Exchange, remember } from "../../../src/core/memory.ts";
import type { Model } from "../../../src/core/model.ts";
import { NO_TELEMETRY } from "../../../src/core/telemetry.ts";
import { RunId } from "../../../src/protocol/ids.ts";
import { Summaries } from "../../../src/thread/summaries.ts";
import { memoryLog } from "../core/memory-log.ts";
import {
  finish,
  restart,
  scriptedModel,
  type TurnScript,
  text,
  USAGE,
  usage,
} from "../core/scripted-model.ts";

/** A window of which a quarter holds no two of the exchanges below. */
const WINDOW = 800;

const RUN = RunId.parse("run-1");

/** A thread of so many exchanges, as its object keeps it. */
function threadOf(length: number, script: TurnScript, provider = "openai") {
  const exchanges: Exchange[] = Array.from({ length }, (_, index) => ({
    seq: index + 1,
    question: `Question ${index + 1}?`,
    answer: "word ".repeat(200),
    facts: [],
    summary: null,
  }));
  const { model: scripted, requests } = scriptedModel(script);
  const model: Model = { ...scripted, provider, window: () => WINDOW };
  const log = memoryLog();
  const conversation = {
    sizeOf: countedOnce(),
    exchanges: (before: number) => exchanges.filter(({ seq }) => seq < before),
    summarize: (seq: number, summary: string) => {
      exchanges.splice(0, length, ...exchanges.map((e) => (e.seq === seq ? { ...e, summary } : e)));
    },
  };
  const entered: { readonly usage: ModelStep["usage"]; readonly failed: boolean }[] = [];
  const summaries = new Summaries({
    conversation,
    journal: { steps: () => [{ kind: "model", text: "", tool_calls: [], usage: USAGE }] },
    ports: { model, log, clock: systemClock, telemetry: NO_TELEMETRY },
    calls: {
      enter: async (_, { usage }, { failed }) => void entered.push({ usage, failed }),
    },
  });
  const refresh = (seq = length, max_cost_usd: number | null = null) =>
    summaries.refresh({
      ...{ accepted_seq: seq, run_id: RUN, agent: "supervisor", model: "model-1" },
      ...{ workspace_id: null, origin: null, max_cost_usd },
    });
  return { exchanges, requests, log, entered, refresh };
}

const summed = (exchanges: readonly Exchange[]) =>
  exchanges.flatMap(({ seq, summary }) => (summary === null ? [] : [[seq, summary]]));

const SUMMARY = [text("They asked "), text("for the cost. "), finish()];

describe("no summary is made", () => {
  test.each([
    ["of a thread that is told whole", 1, "openai"],
    ["of a few exchanges that are left out", 8, "openai"],
    ["by the demo", 30, "demo"],
  ])("%s", async (_, length, provider) => {
    const { exchanges, requests, refresh } = threadOf(length, SUMMARY, provider);
    await refresh();
    expect(requests).toEqual([]);
    expect(summed(exchanges)).toEqual([]);
  });

  test.each([
    ["whose model fails", [new Error("The model is away.")]],
    ["whose model has nothing to say", [text(" "), finish()]],
  ])("of a thread %s, and nothing else breaks", async (_, script) => {
    const { exchanges, refresh } = threadOf(9, script);
    await refresh();
    expect(summed(exchanges)).toEqual([]);
    expect(remember(exchanges, WINDOW / 4).length).toBeGreaterThan(0);
  });
});

test("what a model makes of all that is left out is kept with the last of it", async () => {
  const { exchanges, requests, refresh } = threadOf(9, [text("No. "), restart, ...SUMMARY]);
  await refresh();
  expect(summed(exchanges)).toEqual([[8, "They asked for the cost."]]);
  const given = requests[0]?.messages.at(-1)?.content ?? "";
  expect(given).toContain("Question 8?");
  expect(given).not.toContain("Question 9?");
});

test("the next summary is made when as much is left out anew, from the one before", async () => {
  const { exchanges, requests, refresh } = threadOf(17, SUMMARY);
  await refresh(9);
  await refresh(16);
  expect(requests).toHaveLength(1);
  await refresh(17);
  expect(summed(exchanges).map(([seq]) => seq)).toEqual([8, 16]);
  const given = requests[1]?.messages.at(-1)?.content ?? "";
  expect(given).toContain("They asked for the cost.");
  expect(given).not.toContain("Question 8?");
  expect(given).toContain("Question 9?");
});

test("a summary of endless length is cut", async () => {
  const { exchanges, refresh } = threadOf(9, [text("word ".repeat(5_000)), finish()]);
  await refresh();
  expect(exchanges[7]?.summary?.length).toBeLessThan(10_000);
});

describe("what is used is entered", () => {
  test.each([
    ["as the endpoint counts it", [...SUMMARY.slice(0, 2), usage, finish()], false, USAGE],
    [
      "sized from the text where the call breaks off",
      [text("They asked "), new Error("The model is away.")],
      true,
      { outputTokens: 3, estimated: true },
    ],
    [
      "with the try that broke off before",
      [text("No. "), restart, text("Yes."), usage, finish()],
      false,
      { outputTokens: USAGE.outputTokens + 1, estimated: true },
    ],
  ])("%s", async (_, script, failed, used) => {
    const { entered, refresh } = threadOf(9, script);
    await refresh();
    expect(entered).toMatchObject([{ failed, usage: used }]);
  });

  test("and nothing where nothing came of it, or nothing was asked", async () => {
    const silent = threadOf(9, [new Error("The model is away.")]);
    const short = threadOf(8, SUMMARY);
    await silent.refresh();
    await short.refresh();
    expect([...silent.entered, ...short.entered]).toEqual([]);
  });
});

test("a run whose budget is used up is summed up by no call, and nobody is alarmed", async () => {
  const { requests, log, entered, refresh } = threadOf(9, SUMMARY);
  // What the run itself used costs $0.001.
  await refresh(9, 0.0005);
  expect([requests, entered, log.records]).toEqual([[], [], []]);
  await refresh(9, 0.1);
  expect(requests).toHaveLength(1);
});
