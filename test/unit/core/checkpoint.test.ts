/** What a run has to do next, and all it has written, read from its checkpoints alone. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  answerText,
  conversationOf,
  type EndStep,
  findingsOf,
  type ModelStep,
  nextStep,
  pendingCall,
  Step,
  type ToolStep,
  turnOffset,
  usageOf,
} from "../../../src/core/checkpoint.ts";
import { factIdOf } from "../../../src/core/grounding/facts.ts";
import { CallId } from "../../../src/protocol/ids.ts";

const USAGE = {
  inputTokens: 100,
  cachedInputTokens: 40,
  outputTokens: 20,
  reasoningTokens: 5,
  estimated: false,
};

function asked(text: string, ...calls: readonly string[]): ModelStep {
  const tool_calls = calls.map((id) => ({
    id: CallId.parse(id),
    name: `tool_${id}`,
    arguments: "",
  }));
  return { kind: "model", text, tool_calls, usage: USAGE };
}

function ended(id: string): ToolStep {
  return {
    kind: "tool",
    call_id: CallId.parse(id),
    name: `tool_${id}`,
    status: "succeeded",
    content: `{"of":"${id}"}`,
    findings: [
      {
        fact_id: factIdOf("tool", 1, id),
        call_id: CallId.parse(id),
        tool_name: `tool_${id}`,
        name: "cost",
        value: 1,
        unit: "USD",
        interval: null,
        n_records: 3,
        basis: "measured",
      },
    ],
  };
}

const END: EndStep = {
  kind: "end",
  status: "completed",
  text: "",
  usage: null,
  problem: null,
  at: 1,
};

describe("the next step", () => {
  test.each([
    { after: "nothing", steps: [], next: { kind: "model", turn: 1 } },
    {
      after: "a turn that asked for two tools",
      steps: [asked("", "a", "b")],
      next: { kind: "tool", call: { id: "a" } },
    },
    {
      after: "the first of two tools",
      steps: [asked("", "a", "b"), ended("a")],
      next: { kind: "tool", call: { id: "b" } },
    },
    {
      after: "the last of two tools",
      steps: [asked("", "a", "b"), ended("a"), ended("b")],
      next: { kind: "model", turn: 2 },
    },
    {
      after: "a second turn that asked for one tool",
      steps: [asked("", "a"), ended("a"), asked("", "c")],
      next: { kind: "tool", call: { id: "c" } },
    },
    {
      after: "a turn that asked for nothing",
      steps: [asked("", "a"), ended("a"), asked("Done.")],
      next: { kind: "answer" },
    },
    { after: "the outcome", steps: [asked("Done."), END], next: { kind: "complete", end: END } },
    {
      after: "an outcome that left a call open",
      steps: [asked("", "a"), END],
      next: { kind: "complete", end: END },
    },
  ])("after $after is a $next.kind", ({ steps, next }) => {
    expect(nextStep(steps)).toMatchObject(next);
  });
});

/** A whole run: turns with their tools' results, a turn without tools, and the outcome. */
const wholeRun = fc
  .array(fc.tuple(fc.string({ maxLength: 5 }), fc.integer({ min: 1, max: 4 })), { maxLength: 4 })
  .chain((turns) =>
    fc.record({ turns: fc.constant(turns), answer: fc.string({ minLength: 1, maxLength: 5 }) }),
  )
  .map(({ turns, answer }): readonly Step[] => [
    ...turns.flatMap(([text, calls], turn): Step[] => {
      const ids = Array.from({ length: calls }, (_, index) => `${turn}.${index}`);
      return [asked(text, ...ids), ...ids.map(ended)];
    }),
    asked(answer),
    END,
  ]);

describe("at any cut of any whole run", () => {
  test("the next step is the very one that followed", () => {
    fc.assert(
      fc.property(wholeRun, (steps) => {
        for (const [at, following] of steps.entries()) {
          const before = steps.slice(0, at);
          const next = nextStep(before);
          const expected =
            following.kind === "end"
              ? { kind: "answer" }
              : following.kind === "tool"
                ? { kind: "tool", call: { id: following.call_id } }
                : { kind: "model", turn: before.filter(({ kind }) => kind === "model").length + 1 };
          expect(next).toMatchObject(expected);
          expect(pendingCall(before) !== null).toBe(next.kind === "tool");
        }
        expect(nextStep(steps)).toEqual({ kind: "complete", end: END });
      }),
    );
  });

  test("the steps say the same after they were stored and read again", () => {
    fc.assert(
      fc.property(wholeRun, (steps) => {
        const read = Step.array().parse(JSON.parse(JSON.stringify(steps)));
        expect(read).toEqual(steps);
        expect(nextStep(read.slice(0, -1))).toEqual(nextStep(steps.slice(0, -1)));
      }),
    );
  });

  test("a turn's text begins where the offset says", () => {
    fc.assert(
      fc.property(wholeRun, (steps) => {
        for (const [at, step] of steps.entries()) {
          if (step.kind !== "model" || step.text === "") continue;
          const offset = turnOffset(steps.slice(0, at));
          expect(answerText(steps.slice(0, at + 1)).slice(offset)).toBe(step.text);
        }
      }),
    );
  });
});

describe("the answer", () => {
  test("of no steps is empty, and its first turn begins at 0", () => {
    expect(answerText([])).toBe("");
    expect(turnOffset([asked("", "a")])).toBe(0);
  });

  test("is the turns' texts with a blank line between, silent turns and tools left out", () => {
    const steps = [asked("First.", "a"), ended("a"), asked("", "b"), ended("b"), asked("Last.")];
    expect(answerText(steps)).toBe("First.\n\nLast.");
    expect(turnOffset(steps.slice(0, 4))).toBe("First.\n\n".length);
  });

  test("ends with what a turn that broke off had written", () => {
    const end = { ...END, status: "cancelled", text: "Half a" } as const;
    expect(answerText([asked("First.", "a"), ended("a"), end])).toBe("First.\n\nHalf a");
  });
});

test("the conversation is what was asked and answered, in order, the outcome left out", () => {
  expect(
    conversationOf([asked("Hm.", "a", "b"), ended("a"), ended("b"), asked("So."), END]),
  ).toEqual([
    { role: "assistant", content: "Hm.", toolCalls: asked("", "a", "b").tool_calls },
    { role: "tool", callId: "a", content: '{"of":"a"}' },
    { role: "tool", callId: "b", content: '{"of":"b"}' },
    { role: "assistant", content: "So.", toolCalls: [] },
  ]);
});

test("the findings are those of all tools, in order", () => {
  const findings = findingsOf([asked("", "a", "b"), ended("a"), ended("b"), asked("So.")]);
  expect(findings.map(({ call_id }) => call_id)).toEqual(["a", "b"]);
});

describe("the usage", () => {
  const two = [asked("", "a"), ended("a"), asked("Done.")];

  test("has no cost where one turn has no known price", () => {
    let calls = 0;
    const oncePriced = () => (calls++ === 0 ? null : 0.5);
    expect(usageOf(two, "m", oncePriced).cost_usd).toBeNull();
    expect(usageOf(two, "m", () => null).cost_usd).toBeNull();
  });

  test("is estimated where one turn's is", () => {
    const guessed = { ...asked("Hm."), usage: { ...USAGE, estimated: true } };
    expect(usageOf([...two, guessed], "m", () => 0).estimated).toBe(true);
    expect(usageOf(two, "m", () => 0).estimated).toBe(false);
  });

  test("counts what a turn that broke off had used", () => {
    const end: EndStep = { ...END, text: "It w", usage: { ...USAGE, estimated: true } };
    const cost = (_: string, usage: { inputTokens: number }) => usage.inputTokens / 1_000;
    expect(usageOf([...two, end], "m", cost)).toMatchObject({
      input_tokens: 300,
      model_calls: 3,
      cost_usd: expect.closeTo(0.3),
      estimated: true,
    });
  });

  test("of a run that never reached the model is nothing, and costs nothing", () => {
    expect(usageOf([END], "m", () => 1)).toEqual({
      input_tokens: 0,
      cached_input_tokens: 0,
      output_tokens: 0,
      reasoning_tokens: 0,
      model_calls: 0,
      cost_usd: 0,
      estimated: false,
    });
  });

  test("sums the turns, each priced for the model that ran", () => {
    const cost = (model: string, usage: { inputTokens: number }) =>
      model === "m" ? usage.inputTokens / 1_000 : null;
    expect(usageOf(two, "m", cost)).toEqual({
      input_tokens: 200,
      cached_input_tokens: 80,
      output_tokens: 40,
      reasoning_tokens: 10,
      model_calls: 2,
      cost_usd: 0.2,
      estimated: false,
    });
  });
});
