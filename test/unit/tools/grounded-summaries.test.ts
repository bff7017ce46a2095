/** What a tool says in words stands in its figures: repeated word by word, none of it is flagged. */
import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { GroundedText } from "../../../src/core/grounding/grounded-text.ts";
import type { Tool } from "../../../src/core/tool.ts";
import { toolStep } from "../../../src/core/tool-step.ts";
import { CallId } from "../../../src/protocol/ids.ts";
import type { Json } from "../../../src/protocol/json.ts";
import { toolContext } from "./context.ts";
import { sampleTools } from "./sample-tools.ts";

/** The tools over the sample company, thinned out. */
let tools: readonly Tool[];
beforeAll(() => {
  tools = sampleTools(0.02);
});

const ASKED: Readonly<Record<string, Json>> = {
  rightsize_simulate: { from: "gpt-5", to: "gpt-5-mini" },
};

test.each([
  "usage_summary",
  "cost_breakdown",
  "prompt_cache_opportunity",
  "duplicate_response_opportunity",
  "batch_opportunity",
  "rightsize_simulate",
  "trim_opportunity",
  "portfolio_roi",
  "action_plan",
])("what %s says in words is known from its result", async (name) => {
  const tool = tools.find((each) => each.name === name);
  if (tool === undefined) throw new Error(`There is no tool ${name}.`);
  const { output, findings } = await tool.execute(ASKED[name] ?? {}, toolContext());
  const { summary } = z.object({ summary: z.string() }).parse(output);
  const call = { id: CallId.parse("call-1"), name, arguments: "{}" };
  const ended = { status: "succeeded", durationMs: 1, problem: null, degraded: null } as const;
  const content = JSON.stringify(output);
  const step = toolStep(call, { ...ended, results: output, content, findings }, []);
  const grounded = new GroundedText([{ role: "tool", callId: call.id, content: step.content }]);
  const text = grounded.push(summary, true);
  expect(summary.length).toBeGreaterThan(50);
  expect(text).toBe(summary);
  expect(grounded.grounding.unverified).toEqual([]);
});
