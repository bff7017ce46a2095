/** What a run tells operators of itself: a tree of spans and some counts, and never a word that was said. */
import { describe, expect, test } from "vitest";
import type { Tool } from "../../../src/core/tool.ts";
import { ApexError } from "../../../src/protocol/errors.ts";
import { recordingTracer, shownMetrics } from "../telemetry/recorded.ts";
import { RunWorld } from "./run-world.ts";
import {
  call,
  finish,
  restart,
  scriptedModel,
  type TurnScript,
  text,
  usage,
} from "./scripted-model.ts";
import { RESULT, toolOf } from "./scripted-tools.ts";

/** Plays a run in a trace. @returns its spans by name, as they ended, and what was counted. */
async function traced(tools: readonly Tool[], ...turns: readonly TurnScript[]) {
  const { spans, tracer } = recordingTracer();
  const { metrics, page } = shownMetrics();
  const { model, requests } = scriptedModel(...turns);
  const span = tracer.start("invoke_agent supervisor", null);
  const world = new RunWorld({ model, tools, question: "Where is the marzipan?", span, metrics });
  await world.live();
  span.end();
  return { spans, page: page(), requests, world, root: span.context };
}

const ASKS: TurnScript = [
  call("call-1", "usage_summary", '{"secret":"marzipan"}'),
  usage,
  finish(),
];
const ANSWERS: TurnScript = [text("It is in the cupboard."), usage, finish()];

describe("a run that calls a tool", () => {
  test("has a span for each turn and each call, in its own", async () => {
    const { spans, root, requests } = await traced([toolOf()], ASKS, ANSWERS);
    expect(spans.map(({ name }) => name)).toEqual([
      "chat model-1",
      "execute_tool usage_summary",
      "chat model-1",
      "invoke_agent supervisor",
    ]);
    for (const { parent } of spans.slice(0, 3)) expect(parent?.spanId).toBe(root?.spanId);
    expect(spans[0]?.attributes).toMatchObject({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "scripted",
      "gen_ai.request.model": "model-1",
      "gen_ai.agent.name": "supervisor",
      "gen_ai.usage.input_tokens": 1_000,
      "gen_ai.usage.output_tokens": 100,
      "gen_ai.response.finish_reasons": ["stop"],
    });
    expect(spans[1]?.attributes).toMatchObject({
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "usage_summary",
      "gen_ai.tool.call.id": "call-1",
    });
    expect(requests.map(({ trace }) => trace?.spanId)).toEqual([
      spans[0]?.context.spanId,
      spans[2]?.context.spanId,
    ]);
  });

  test("is counted by model, tool and outcome", async () => {
    const { page } = await traced([toolOf()], ASKS, ANSWERS);
    expect(page.value("apex_model_calls_total", { model: "model-1", outcome: "ok" })).toBe(2);
    expect(page.value("apex_model_tokens_total", { kind: "input" })).toBe(2_000);
    expect(
      page.value("apex_tool_calls_total", { tool: "usage_summary", outcome: "succeeded" }),
    ).toBe(1);
    expect(page.value("apex_tool_call_duration_seconds_count", { tool: "usage_summary" })).toBe(1);
  });

  test("tells no word of the question, the arguments, the result or the answer", async () => {
    const execute = async () => ({ ...RESULT, output: { found: "marzipan" } });
    const { spans } = await traced([toolOf({ execute })], ASKS, ANSWERS);
    expect(JSON.stringify(spans)).not.toMatch(/marzipan|cupboard|secret/);
  });

  test("hands its place in the trace to the tool", async () => {
    const places: unknown[] = [];
    const execute: Tool["execute"] = async (_, { trace }) => {
      places.push(trace?.spanId);
      return RESULT;
    };
    const { spans } = await traced([toolOf({ execute })], ASKS, ANSWERS);
    expect(places).toEqual([spans[1]?.context.spanId]);
  });
});

test("a tool that fails, and one that is not there, are told by the code and no name of the model's", async () => {
  const execute = () => Promise.reject(new ApexError("unavailable", "The marzipan is away."));
  const unknown = [call("call-1", "find_marzipan"), finish()];
  const { spans, page } = await traced([toolOf({ execute })], ASKS, unknown, ANSWERS);
  const tools = spans.filter(({ name }) => name.startsWith("execute_tool"));
  expect(tools.map(({ name, errorType }) => [name, errorType])).toEqual([
    ["execute_tool usage_summary", "unavailable"],
    ["execute_tool unknown", "tool_failed"],
  ]);
  expect(page.value("apex_tool_calls_total", { outcome: "failed" })).toBe(2);
  expect(JSON.stringify(spans)).not.toContain("marzipan");
});

test("tools of a user's own servers are counted as one", async () => {
  const name = "mcp_kitchen_find";
  const { page, spans } = await traced(
    [toolOf({ name, connected: true })],
    [call("call-1", name), finish()],
    ANSWERS,
  );
  expect(page.value("apex_tool_calls_total", { tool: "connected" })).toBe(1);
  expect(spans.map((span) => span.name)).toContain(`execute_tool ${name}`);
});

test("a turn that breaks and begins anew says so, and one that fails says with what", async () => {
  const failure = new ApexError("model_timeout", "The model is silent.");
  const { spans, page, world } = await traced([], [text("It "), restart, text("It is"), failure]);
  expect(world.end.status).toBe("failed");
  const [turn] = spans;
  expect(turn).toMatchObject({ name: "chat model-1", errorType: "model_timeout" });
  expect(turn?.events.map(({ name }) => name)).toEqual(["restart"]);
  expect(page.value("apex_model_calls_total", { outcome: "model_timeout" })).toBe(1);
});
