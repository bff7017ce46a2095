/** Reasoning is long enough, true to the state it was given, and bounded, whatever the state. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  answerReasoning,
  cancelReasoning,
  decisionReasoning,
  failureReasoning,
  planReasoning,
} from "../../../src/core/thinking.ts";
import { AgentThinking, ToolStatus } from "../../../src/protocol/events.ts";
import { ERROR_CODES } from "../../../src/protocol/failures.ts";
import { codePoint } from "../protocol/arbitraries.ts";

const words = fc.string({ unit: codePoint, maxLength: 200 });
const name = fc.stringMatching(/^[a-z_]{1,20}$/);
const round = fc.integer({ min: 1, max: 50 });
const outcome = fc.record(
  { name, status: fc.constantFrom(...ToolStatus.options), records: fc.nat() },
  { requiredKeys: ["name", "status"] },
);
const toolResults = fc.array(outcome, { maxLength: 20 });
const operation = fc.option(words, { nil: undefined });

const planState = fc.record({
  agent: name,
  model: name,
  question: words,
  tools: fc.array(name, { maxLength: 20 }),
  earlierMessages: fc.nat(),
});

const anyReasoning = fc.oneof(
  planState.map(planReasoning),
  fc
    .record({
      round,
      toolCalls: fc.array(fc.record({ name: words, operation }), { maxLength: 20 }),
    })
    .map(decisionReasoning),
  fc.record({ toolResults }).map(answerReasoning),
  fc
    .record({ code: fc.constantFrom(...ERROR_CODES), attempt: round, next: words })
    .map(failureReasoning),
  fc.record({ toolResults }).map(cancelReasoning),
);

describe("any reasoning", () => {
  test("fits its event: at least 50 characters, whole Unicode, one line, bounded", () => {
    fc.assert(
      fc.property(anyReasoning, (reasoning) => {
        expect(AgentThinking.shape.data.shape.reasoning.safeParse(reasoning).success).toBe(true);
        expect(reasoning.isWellFormed()).toBe(true);
        expect(reasoning).not.toMatch(/[\n\r\t]/);
        expect(reasoning.length).toBeLessThan(2_000);
      }),
      { numRuns: 500 },
    );
  });
});

describe("the plan", () => {
  const state = {
    agent: "supervisor",
    model: "demo",
    question: "What did we spend last week?",
    tools: ["usage_summary", "cost_breakdown"],
    earlierMessages: 0,
  };

  test("names the question, the agent, the model and the tools", () => {
    expect(planReasoning(state)).toBe(
      "The question is “What did we spend last week?”. It opens the conversation; the supervisor agent takes it on with the model demo, and figures can come from usage_summary and cost_breakdown.",
    );
  });

  test("says how much was said before, and that no tool is at hand", () => {
    const later = planReasoning({ ...state, tools: [], earlierMessages: 1 });
    expect(later).toContain("It is read together with 1 earlier message;");
    expect(later).toContain("no tool is at hand, so the answer can rest on the conversation alone");
    expect(planReasoning({ ...state, earlierMessages: 4 })).toContain("4 earlier messages;");
  });

  test("quotes a long question up to 80 characters, and never half an emoji", () => {
    fc.assert(
      fc.property(fc.nat(90), (before) => {
        const question = `${"x".repeat(before)}${"😀".repeat(90)}`;
        const [, quoted = ""] = /“(.*)”/u.exec(planReasoning({ ...state, question })) ?? [];
        expect(quoted.length).toBeLessThanOrEqual(80);
        expect(quoted.length).toBeGreaterThanOrEqual(79);
        expect(quoted.endsWith("…")).toBe(true);
        expect(question.startsWith(quoted.slice(0, -1))).toBe(true);
        expect(quoted.isWellFormed()).toBe(true);
      }),
    );
  });
});

describe("a decision", () => {
  test("names each tool, with what the call is for", () => {
    const operation = "Sum requests and cost of the last 7 days.";
    const toolCalls = [{ name: "usage_summary", operation }, { name: "model_comparison" }];
    expect(decisionReasoning({ round: 2, toolCalls })).toBe(
      "In round 2 the model chose to call usage_summary (“Sum requests and cost of the last 7 days.”) and model_comparison before it goes on, so what comes back decides the next step.",
    );
  });

  test("against any tool is told as one", () => {
    expect(decisionReasoning({ round: 1, toolCalls: [] })).toContain("called no tool");
  });

  test("for very many tools counts those it does not name", () => {
    const toolCalls = Array.from({ length: 11 }, (_, index) => ({ name: `tool_${index}` }));
    const reasoning = decisionReasoning({ round: 1, toolCalls });
    expect(reasoning).toContain("tool_7 and 3 more");
    expect(reasoning).not.toContain("tool_8");
  });
});

describe("the answer's basis", () => {
  test("is the tools that succeeded, with the records behind them", () => {
    const toolResults = [
      { name: "usage_summary", status: "succeeded", records: 1204 },
      { name: "cost_breakdown", status: "succeeded", records: 1 },
      { name: "model_comparison", status: "succeeded" },
    ] as const;
    expect(answerReasoning({ toolResults })).toBe(
      "The answer rests on what usage_summary (from 1,204 records), cost_breakdown (from 1 record) and model_comparison gave back; no tool call of this run failed.",
    );
  });

  test.each([
    ["failed", "failed"],
    ["timed_out", "took too long"],
    ["cancelled", "was cancelled"],
    ["unknown", "has an unknown outcome"],
  ] as const)("has a gap where a tool %s", (status, said) => {
    const reasoning = answerReasoning({
      toolResults: [
        { name: "usage_summary", status: "succeeded" },
        { name: "cost_breakdown", status },
      ],
    });
    expect(reasoning).toContain("rests on what usage_summary gave back");
    expect(reasoning).toContain(`cost_breakdown ${said}, so that part is missing`);
  });

  test("is no computed figure where no tool was called, or none succeeded", () => {
    expect(answerReasoning({ toolResults: [] })).toContain("No tool was called in this run");
    const failed = { name: "usage_summary", status: "failed" } as const;
    expect(answerReasoning({ toolResults: [failed] })).toContain("no tool call succeeded");
  });
});

test("a failure names its code, its attempt and what follows", () => {
  const next = "The model is asked again in 2 s.";
  expect(failureReasoning({ code: "model_timeout", attempt: 2, next })).toBe(
    "Attempt 2 ended with the failure model_timeout (The model took too long). Next: The model is asked again in 2 s.",
  );
});

test("a cancelled run says what it had by then", () => {
  const done = { name: "usage_summary", status: "succeeded" } as const;
  const open = { name: "cost_breakdown", status: "cancelled" } as const;
  expect(cancelReasoning({ toolResults: [done, open] })).toContain(
    "by then usage_summary had given a result, and what was written is kept",
  );
  expect(cancelReasoning({ toolResults: [open] })).toContain("no tool had given a result");
});
