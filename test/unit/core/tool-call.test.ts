/** One tool call: opened in plain words, run within its time, and closed whatever happens. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Tool } from "../../../src/core/tool.ts";
import { executeCall, openCall, unknownOutcome } from "../../../src/core/tool-call.ts";
import { ApexError } from "../../../src/protocol/errors.ts";
import { CallId, RunId, UserId, workspaceOf } from "../../../src/protocol/ids.ts";
import { problemOf } from "../../../src/protocol/problem-of.ts";
import { FakeClock } from "./fake-clock.ts";
import { memoryLog } from "./memory-log.ts";
import {
  deafExecute,
  FINDING,
  RESULT,
  strictTool,
  toolOf,
  untilAborted,
} from "./scripted-tools.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function callOf(args = "{}", name = "usage_summary") {
  return { id: CallId.parse("call_1"), name, arguments: args };
}

/** Runs a call of the one tool there is. */
function run(tool: Tool, { call = callOf(), signal = new AbortController().signal } = {}) {
  const log = memoryLog();
  const clock = new FakeClock();
  const userId = UserId.parse("user");
  const runId = RunId.parse("thread.1");
  const workspaceId = workspaceOf(userId, null);
  const context = { runId, userId, workspaceId, signal, clock, log };
  return { outcome: executeCall(call, [tool], context), log, clock };
}

test("a call whose tool says too little of itself is announced in a sentence all the same", () => {
  const terse = toolOf({ describeCall: () => "Sums." });
  const { operation } = openCall(callOf(), [terse]);
  expect(operation).toBe("Calls usage_summary with the arguments that the model gave it.");
});

describe("a call that fails", () => {
  test("for want of such a tool tells the model which there are", async () => {
    const outcome = await run(toolOf(), { call: callOf("{}", "rm_rf") }).outcome;
    expect(outcome).toMatchObject({
      status: "failed",
      results: null,
      problem: { code: "tool_failed", errors: [{ field: "tool_name" }] },
      findings: [],
    });
    expect(JSON.parse(outcome.content)).toMatchObject({
      error: { detail: 'There is no tool "rm_rf" here. Tools of this agent: usage_summary.' },
    });
  });

  test.each(['{"days":', "days=7", '{"days":1e999}', '{"__proto__":{}}', "[".repeat(100_000)])(
    "for arguments no tool could read (%#) says so, and runs nothing",
    async (args) => {
      const execute = vi.fn(async () => RESULT);
      const outcome = await run(toolOf({ execute }), { call: callOf(args) }).outcome;
      expect(outcome).toMatchObject({ status: "failed", problem: { code: "invalid_fields" } });
      expect(execute).not.toHaveBeenCalled();
    },
  );

  test("for invalid fields names each of them to the model", async () => {
    const outcome = await run(strictTool(), { call: callOf('{"days":"7","sql":1}') }).outcome;
    expect(outcome).toMatchObject({ status: "failed", problem: { code: "invalid_fields" } });
    expect(JSON.parse(outcome.content)).toMatchObject({
      error: { code: "invalid_fields", errors: [{ field: "days" }, { field: "sql" }] },
    });
  });

  test("on our side is logged for us, and told without a word of what it said", async () => {
    const error = new Error("connect postgres://admin:hunter2@db failed");
    const { outcome, log } = run(toolOf({ execute: () => Promise.reject(error) }));
    expect(await outcome).toMatchObject({ status: "failed", problem: { code: "tool_failed" } });
    expect(JSON.stringify(await outcome)).not.toContain("hunter2");
    expect(log.records).toEqual([
      { event: "tool.failed", error, fields: { tool: "usage_summary", call_id: "call_1" } },
    ]);
  });

  test("with a typed reason passes it on as it stands", async () => {
    const error = new ApexError("unavailable", "The usage records cannot be reached just now.");
    const outcome = await run(toolOf({ execute: () => Promise.reject(error) })).outcome;
    expect(outcome).toMatchObject({ status: "failed", problem: problemOf(error) });
  });

  test("before its tool even returned a promise is closed as well", async () => {
    const execute = () => {
      throw new Error("at once");
    };
    expect(await run(toolOf({ execute })).outcome).toMatchObject({ status: "failed" });
  });

  test("for a result longer than a model can read says so, and passes none of it on", async () => {
    const output = "x".repeat(40_000);
    const outcome = await run(toolOf({ execute: async () => ({ output, findings: [] }) })).outcome;
    expect(outcome).toMatchObject({ status: "failed", problem: { code: "tool_failed" } });
    expect(outcome.content).not.toContain("xx");
  });

  test.each([
    ["a result that is no JSON", { output: { share: 0 / 0 }, findings: [] }],
    ["a figure that is no number", { output: {}, findings: [{ ...FINDING, value: Number.NaN }] }],
    ["a figure of half a record", { output: {}, findings: [{ ...FINDING, n_records: 0.5 }] }],
  ])("with %s fails there and then, since no event could ever tell it", async (_, result) => {
    const outcome = await run(toolOf({ execute: async () => result })).outcome;
    expect(outcome).toMatchObject({
      status: "failed",
      results: null,
      problem: { code: "tool_failed" },
      findings: [],
    });
  });
});

describe("a call that takes too long", () => {
  test.each([
    ["ignores its signal", deafExecute],
    ["hears its signal", untilAborted],
  ])("is closed in time where the tool %s", async (_, execute) => {
    const { outcome, clock } = run(toolOf({ execute }));
    await clock.advance(1_000);
    await vi.advanceTimersByTimeAsync(999);
    const early = await Promise.race([outcome, Promise.resolve("still open")]);
    expect(early).toBe("still open");
    await vi.advanceTimersByTimeAsync(1);
    expect(await outcome).toMatchObject({
      status: "timed_out",
      durationMs: 1_000,
      problem: {
        code: "tool_timeout",
        detail: "usage_summary did not finish within 1 s.",
      },
    });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a call whose run ends", () => {
  test.each([
    ["ignores its signal", deafExecute],
    ["hears its signal", untilAborted],
    ["fails over it", async () => Promise.reject(new Error("socket hang up"))],
  ])("is closed as cancelled at once where the tool %s", async (_, execute) => {
    const controller = new AbortController();
    const { outcome, log } = run(toolOf({ execute }), { signal: controller.signal });
    controller.abort(new Error("cancelled"));
    expect(await outcome).toMatchObject({
      status: "cancelled",
      problem: { code: "tool_cancelled" },
    });
    expect(log.records).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("before it began never runs its tool", async () => {
    const execute = vi.fn(async () => RESULT);
    const signal = AbortSignal.abort(new Error("cancelled"));
    const { outcome } = run(toolOf({ execute }), { signal });
    expect(await outcome).toMatchObject({ status: "cancelled" });
    expect(execute).not.toHaveBeenCalled();
  });
});

test("a call that may or may not have had its effect says so, and has no result", () => {
  expect(unknownOutcome(callOf())).toMatchObject({
    status: "unknown",
    results: null,
    problem: { code: "outcome_unknown" },
    findings: [],
  });
});

describe("a call that succeeds", () => {
  test("gives its result, its figures and its time, and tells the model the result alone", async () => {
    const { outcome, clock } = run(toolOf({ execute: async () => RESULT }));
    await clock.advance(0);
    expect(await outcome).toEqual({
      status: "succeeded",
      durationMs: 0,
      results: { cost_usd: 12.5 },
      problem: null,
      content: '{"cost_usd":12.5}',
      findings: [FINDING],
      degraded: null,
    });
  });

  test("says where its result is a substitute", async () => {
    const degraded = {
      code: "records_slow",
      reason: "It is slow.",
      action: "An old one.",
      until: null,
      as_of: "then",
    } as const;
    const { outcome } = run(toolOf({ execute: async () => ({ ...RESULT, degraded }) }));
    expect(await outcome).toMatchObject({ status: "succeeded", degraded });
  });

  test.each(["", "  \n", "{}"])("takes %j for no arguments, and knows its user", async (args) => {
    const execute = vi.fn(async () => RESULT);
    await run(toolOf({ execute }), { call: callOf(args) }).outcome;
    expect(execute).toHaveBeenCalledWith({}, expect.objectContaining({ userId: "user" }));
  });
});

describe("the announcement of a call", () => {
  test("that no tool, or not this one, can read still says what is done, in a sentence", () => {
    for (const [call, tools, args] of [
      [callOf("{}", "x".repeat(1_000)), [], {}],
      [callOf("{", "rm_rf"), [strictTool()], "{"],
      [callOf("{"), [strictTool()], "{"],
      [callOf('{"days":"7"}'), [strictTool()], { days: "7" }],
    ] as const) {
      const opened = openCall(call, tools);
      expect(opened.arguments).toEqual(args);
      expect(opened.operation.length).toBeGreaterThanOrEqual(20);
      expect(opened.operation.length).toBeLessThan(200);
    }
  });

  test("is the tool's own sentence about its arguments", () => {
    expect(openCall(callOf('{"days":7}'), [strictTool()])).toEqual({
      arguments: { days: 7 },
      operation: "Sums the usage of the last 7 days.",
    });
  });
});
