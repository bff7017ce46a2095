/** A run that is cancelled, at a real endpoint: the connection is closed, and what was used is counted. */
import { expect, test } from "vitest";
import { RunCancelled } from "../../../src/core/run-work.ts";
import type { Tool } from "../../../src/core/tool.ts";
import { RunWorld } from "../core/run-world.ts";
import { toolOf } from "../core/scripted-tools.ts";
import { serveModels } from "./endpoint.ts";

const scripted = serveModels();

test("hangs up on the endpoint in the middle of its words, and counts what they cost", async () => {
  const { model, requests } = scripted([{ text: "Half an answer", hang: "after_content" }]);
  const world = new RunWorld({ model });
  const controller = new AbortController();
  await world.live({
    signal: controller.signal,
    onOutput: () => {
      if (world.text === "Half an answer") controller.abort(new RunCancelled());
    },
  });

  expect(world.end).toMatchObject({
    status: "cancelled",
    final_response: "Half an answer",
    usage: { output_tokens: 4, model_calls: 1, estimated: true },
  });
  expect(world.end.usage.input_tokens).toBeGreaterThan(0);
  await expect.poll(() => requests().map(({ aborted }) => aborted)).toEqual([true]);
});

test("stops the tool at work by its signal, and counts the turn that called it as the endpoint did", async () => {
  const usage = { prompt_tokens: 70, completion_tokens: 9, total_tokens: 79 };
  const call = { name: "usage_summary", arguments: {} };
  const { model, requests } = scripted([{ tool_calls: [call], usage }]);
  const controller = new AbortController();
  let heard: unknown;
  const execute: Tool["execute"] = (_, { signal }) => {
    signal.addEventListener("abort", () => {
      heard = signal.reason;
    });
    queueMicrotask(() => controller.abort(new RunCancelled()));
    return new Promise(() => undefined);
  };
  const world = new RunWorld({ model, tools: [toolOf({ execute })] });
  await world.live({ signal: controller.signal });

  expect(heard).toBeInstanceOf(RunCancelled);
  expect(world.only("tool_completed")).toMatchObject([{ data: { status: "cancelled" } }]);
  expect(world.end).toMatchObject({
    status: "cancelled",
    usage: { input_tokens: 70, output_tokens: 9, model_calls: 1, estimated: false },
  });
  expect(requests()).toHaveLength(1);
});
