/** The agent loop, however it is ended: five kinds of events, complete and in order, and one outcome. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { factsTold } from "../../../src/core/grounding/facts.ts";
import { RunCancelled } from "../../../src/core/run-work.ts";
import { ApexError } from "../../../src/protocol/errors.ts";
import { problemOf } from "../../../src/protocol/problem-of.ts";
import { RunWorld } from "./run-world.ts";
import { call, finish, reasoning, restart, scriptedModel, text, usage } from "./scripted-model.ts";
import { FINDING, RESULT, toolOf, untilAborted } from "./scripted-tools.ts";
import { answers, asks, ended, worldOf } from "./short-run.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** What the scripted model answers, where no tool has computed it. */
const SAID = "It was $12.50 (unverified).";

/** The facts that a tool's message tells the model. */
function toldFacts(content = "null") {
  return factsTold(JSON.parse(content));
}

describe("a cancelled run", () => {
  test("that never began has all its events and asked nobody", async () => {
    const { world, requests } = worldOf([answers]);
    await ended(world, AbortSignal.abort(new RunCancelled()));
    expect(world.story).toEqual([
      "agent_started",
      "agent_thinking",
      "agent_thinking",
      "agent_completed cancelled",
    ]);
    expect(world.only("agent_thinking").at(-1)?.data.reasoning).toContain("was cancelled");
    expect(requests).toEqual([]);
  });

  test.each([
    ["hears of it", ["hang"]],
    ["breaks over it", [new Error("socket hang up")]],
  ] as const)("keeps what its model had written, where that %s", async (_, lastActs) => {
    const controller = new AbortController();
    const cancel = () => controller.abort(new RunCancelled());
    const { world } = worldOf([asks, [text("It was "), text("$12"), cancel, ...lastActs]]);
    await ended(world, controller.signal);
    expect(world.end).toMatchObject({
      status: "cancelled",
      final_response: "Let me see.\n\nIt was $12",
      results: { findings: [FINDING] },
      usage: { model_calls: 2, estimated: true },
    });
  });

  test("before its model was asked has used nothing", async () => {
    const { world, requests } = worldOf([answers]);
    await ended(world, AbortSignal.abort(new RunCancelled()));
    expect(requests).toEqual([]);
    expect(world.end).toMatchObject({
      status: "cancelled",
      usage: { input_tokens: 0, output_tokens: 0, model_calls: 0 },
    });
  });

  test("closes the tool at work and the one that waits, and begins no other turn", async () => {
    const controller = new AbortController();
    const execute = vi.fn(untilAborted);
    const turn = [call("call_1", "usage_summary"), call("call_2", "usage_summary"), finish()];
    const { world, requests } = worldOf([turn, answers], [toolOf({ execute })]);
    const run = ended(world, controller.signal);
    await vi.advanceTimersByTimeAsync(10);
    controller.abort(new RunCancelled());
    await run;
    expect(world.story).toEqual([
      "agent_started",
      "agent_thinking",
      "agent_thinking",
      "tool_executing usage_summary",
      "tool_completed usage_summary cancelled",
      "tool_executing usage_summary",
      "tool_completed usage_summary cancelled",
      "agent_thinking",
      "agent_thinking",
      "agent_completed cancelled",
    ]);
    expect(execute).toHaveBeenCalledTimes(1);
    expect(requests).toHaveLength(1);
  });

  test("whose answer is whole by then is completed", async () => {
    const controller = new AbortController();
    const { world } = worldOf([[...answers, () => controller.abort(new RunCancelled())]]);
    await ended(world, controller.signal);
    expect(world.end).toMatchObject({ status: "completed", final_response: SAID });
  });
});

describe("a run out of time", () => {
  const late = new ApexError("run_timeout", "The run did not end within 10 minutes. Ask for less.");

  test("in the middle of its words keeps them, and fails with that reason", async () => {
    const controller = new AbortController();
    const { world } = worldOf([[text("It "), () => controller.abort(late), "hang"]]);
    await ended(world, controller.signal);
    expect(world.end).toMatchObject({
      status: "failed",
      final_response: "It ",
      problem: { code: "run_timeout" },
    });
    expect(world.log.records).toEqual([]);
  });

  test("in the middle of a tool closes it first", async () => {
    const controller = new AbortController();
    const { world } = worldOf([asks, answers], [toolOf({ execute: untilAborted })]);
    const run = ended(world, controller.signal);
    await vi.advanceTimersByTimeAsync(10);
    controller.abort(late);
    await run;
    expect(world.only("tool_completed")[0]?.data.status).toBe("cancelled");
    expect(world.end).toMatchObject({ status: "failed", problem: problemOf(late) });
  });
});

describe("a run that ends well", () => {
  test.each(["length", "filtered"] as const)(
    "though its model stopped early (%s) says so before the end",
    async (reason) => {
      const { world } = worldOf([[text("It was"), usage, finish(reason)]]);
      await ended(world);
      expect(world.story).toEqual([
        "agent_started",
        "agent_thinking",
        "agent_fallback",
        "agent_thinking",
        "agent_completed completed",
      ]);
      expect(world.only("agent_fallback")[0]?.data.code).toBe("answer_cut_short");
    },
  );

  test("though its model stopped early in a call still has that call", async () => {
    const { world } = worldOf([[call("call_1", "usage_summary", "{"), finish("length")], answers]);
    await ended(world);
    expect(world.story.slice(2, 6)).toEqual([
      "agent_thinking",
      "agent_fallback",
      "tool_executing usage_summary",
      "tool_completed usage_summary failed",
    ]);
  });

  test("though its model began anew says so, and has its last words alone", async () => {
    const { world } = worldOf([asks, [text("Wrong"), restart, ...answers]]);
    await ended(world);
    expect(world.only("agent_fallback")[0]?.data).toMatchObject({
      code: "answer_restarted",
      reason: "The stream broke.",
    });
    expect(world.end.final_response).toBe("Let me see.\n\nIt was $12.50.");
  });

  test("without tools has exactly its four events", async () => {
    const { world, requests } = worldOf([answers]);
    await ended(world);
    expect(world.story).toEqual([
      "agent_started",
      "agent_thinking",
      "agent_thinking",
      "agent_completed completed",
    ]);
    expect(world.end.final_response).toBe(SAID);
    expect(requests[0]).toMatchObject({ model: "model-1", tools: [{ name: "usage_summary" }] });
  });

  test("with tools tells plan, decision, each tool and its grounds, in that order", async () => {
    const why = "The person asks for a sum of money, so the recorded usage has to be added up.";
    const findings = [{ ...FINDING, n_records: 12 }, FINDING];
    const tool = toolOf({ execute: async () => ({ ...RESULT, findings }) });
    const { world, requests } = worldOf([[reasoning(why), ...asks], answers], [tool]);
    await ended(world);
    expect(world.story).toEqual([
      "agent_started",
      "agent_thinking",
      "agent_thinking",
      "tool_executing usage_summary",
      "tool_completed usage_summary succeeded",
      "agent_thinking",
      "agent_completed completed",
    ]);
    expect(world.only("agent_started")[0]?.data).toEqual({
      agent_type: "supervisor",
      model: "model-1",
      message_id: "answer",
      plan: ["Read the figures.", "Answer with them."],
    });
    const [plan, decision, grounds] = world.only("agent_thinking").map(({ data }) => data);
    expect(plan?.reasoning).toContain("2 earlier messages");
    expect(decision).toEqual({ reasoning: why, source: "model" });
    expect(grounds?.reasoning).toContain("usage_summary (from 40 records)");
    expect(world.only("tool_completed")[0]?.data.results).toEqual(RESULT.output);
    expect(requests[1]?.messages.slice(-2)).toMatchObject([
      { role: "assistant", content: "Let me see.", toolCalls: [{ id: "call_1" }] },
      { role: "tool", callId: "call_1" },
    ]);
    expect(toldFacts(requests[1]?.messages.at(-1)?.content)).toEqual([
      { id: "usage_summary.cost", name: "cost", value: 12.5, unit: "USD" },
      { id: "usage_summary.cost_2", name: "cost", value: 12.5, unit: "USD" },
    ]);
    expect(world.end).toEqual({
      status: "completed",
      message_id: "answer",
      final_response: "Let me see.\n\nIt was $12.50.",
      results: {
        findings: findings.map((finding, index) => {
          const fact_id = index === 0 ? "usage_summary.cost" : "usage_summary.cost_2";
          return { fact_id, call_id: "call_1", tool_name: "usage_summary", ...finding };
        }),
        grounding: {
          citations: [{ offset: 20, length: 6, fact_id: "usage_summary.cost" }],
          unverified: [],
        },
        outcome: null,
        report: null,
      },
      usage: {
        input_tokens: 2_000,
        cached_input_tokens: 0,
        output_tokens: 200,
        reasoning_tokens: 0,
        model_calls: 2,
        cost_usd: 0.002,
        estimated: false,
      },
      duration_ms: 0,
      model: "model-1",
      persisted: true,
    });
  });

  test("quotes no more of its model's own reasoning than an event should hold", async () => {
    const { world } = worldOf([[reasoning("😀".repeat(5_000)), ...answers]]);
    await ended(world);
    const own = world.only("agent_thinking").find(({ data }) => data.source === "model");
    expect(own?.data.reasoning.length).toBe(4_000);
  });

  test("says whether the history has it, and counts the time until its outcome alone", async () => {
    const { model } = scriptedModel(answers);
    const world: RunWorld = new RunWorld({
      model,
      saveHistory: async () => {
        expect(world.steps.at(-1)?.kind).toBe("end");
        await world.clock.advance(900);
        return false;
      },
    });
    await world.live({
      onOutput: async (_, count) => {
        if (count === 1) await world.clock.advance(50);
      },
    });
    expect(world.end).toMatchObject({ persisted: false, duration_ms: 50 });
  });
});
