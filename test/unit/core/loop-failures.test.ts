/** The agent loop when a model or a tool lets it down: the run still has its events and its outcome. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ApexError } from "../../../src/protocol/errors.ts";
import { problemOf } from "../../../src/protocol/problem-of.ts";
import { call, finish, type TurnScript, text } from "./scripted-model.ts";
import { deafExecute, FINDING, strictTool, toolOf } from "./scripted-tools.ts";
import { answers, asks, ended, worldOf } from "./short-run.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const unavailable = new ApexError("model_unavailable", "The model does not answer just now.");

describe("a run whose tool gives a substitute", () => {
  test("tells what is degraded, and until when, before the result", async () => {
    const degraded = {
      code: "records_unreachable",
      reason: "The usage records cannot be reached.",
      action: "The last good answer is given.",
      until: "2026-11-21T10:00:00.000Z",
      as_of: "2026-11-21T09:00:00.000Z",
    } as const;
    const execute = async () => ({ output: {}, findings: [FINDING], degraded });
    const { world } = worldOf([asks, answers], [toolOf({ execute })]);
    await ended(world);
    expect(world.only("agent_fallback").map(({ data }) => data)).toEqual([
      { part: "tool", subject: "usage_summary", ...degraded },
    ]);
    const story = world.story.join();
    expect(story.indexOf("agent_fallback")).toBeLessThan(story.indexOf("tool_completed"));
    expect(world.end).toMatchObject({ status: "completed" });
  });
});

describe("a run whose model fails", () => {
  test("at its first turn ends as failed, with the reason and what can be done", async () => {
    const { world } = worldOf([[unavailable]]);
    await ended(world);
    expect(world.story).toEqual([
      "agent_started",
      "agent_thinking",
      "agent_thinking",
      "agent_completed failed",
    ]);
    expect(world.end).toMatchObject({ final_response: "", problem: problemOf(unavailable) });
    expect(world.only("agent_thinking").at(-1)?.data.reasoning).toContain(unavailable.message);
  });

  test("at its second turn keeps the first one's text and figures", async () => {
    const { world } = worldOf([asks, [unavailable]]);
    await ended(world);
    expect(world.story).toEqual([
      "agent_started",
      "agent_thinking",
      "agent_thinking",
      "tool_executing usage_summary",
      "tool_completed usage_summary succeeded",
      "agent_thinking",
      "agent_thinking",
      "agent_completed failed",
    ]);
    expect(world.end).toMatchObject({
      final_response: "Let me see.",
      results: { findings: [FINDING] },
      usage: { model_calls: 1 },
    });
  });

  test("in the middle of its words keeps them", async () => {
    const { world } = worldOf([asks, [text("It was "), text("$12"), unavailable]]);
    await ended(world);
    expect(world.end).toMatchObject({
      status: "failed",
      final_response: "Let me see.\n\nIt was $12",
      usage: { model_calls: 2, estimated: true },
      problem: { code: "model_unavailable" },
    });
  });

  test("in a way nobody foresaw tells nothing of it, and logs it", async () => {
    const bug = new TypeError("token sk-123 is undefined");
    const { world } = worldOf([[text("It"), bug]]);
    await ended(world);
    expect(world.end).toMatchObject({ status: "failed", problem: { code: "internal" } });
    expect(JSON.stringify(world.events)).not.toContain("sk-123");
    expect(world.log.records).toEqual([{ event: "run.failed", error: bug }]);
  });

  test("by asking for tools again and again is stopped after eight turns", async () => {
    const turns = Array.from({ length: 20 }, (_, turn): TurnScript => {
      return [call(`call_${turn}`, "usage_summary"), finish("tool_calls")];
    });
    const { world, requests } = worldOf(turns);
    await ended(world);
    expect(world.end).toMatchObject({ status: "failed", problem: { code: "step_limit" } });
    expect(requests).toHaveLength(8);
    expect(world.only("tool_completed")).toHaveLength(8);
  });
});

describe("a run whose tool fails goes on, and the model is told:", () => {
  const failing = toolOf({ execute: () => Promise.reject(new Error("disk on fire")) });
  const deaf = toolOf({ execute: deafExecute });
  const asksFor = (name: string, args: string): TurnScript => [
    call("call_1", name, args),
    finish(),
  ];

  test.each([
    ["failed", "failed", [failing], asks, "tool_failed"],
    ["took too long", "timed_out", [deaf], asks, "tool_timeout"],
    ["is unknown", "failed", [toolOf()], asksFor("rm_rf", "{}"), "tool_failed"],
    ["got broken JSON", "failed", [strictTool()], asksFor("usage_summary", "{"), "invalid_fields"],
    [
      "got wrong fields",
      "failed",
      [strictTool()],
      asksFor("usage_summary", "{}"),
      "invalid_fields",
    ],
  ] as const)("it %s", async (_, status, tools, turn, code) => {
    const { world, requests } = worldOf([turn, answers], [...tools]);
    const run = ended(world);
    await vi.advanceTimersByTimeAsync(1_000);
    await run;
    expect(world.only("tool_completed").map(({ data }) => data)).toMatchObject([
      { call_id: "call_1", status, problem: { code } },
    ]);
    expect(world.end).toMatchObject({ status: "completed", results: { findings: [] } });
    expect(requests[1]?.messages.at(-1)).toMatchObject({
      role: "tool",
      callId: "call_1",
      content: expect.stringContaining(code),
    });
  });
});
