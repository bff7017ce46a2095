/** One turn of the model: whatever pieces it comes in, they fold to its text, and nothing is lost. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { answerText, type Step } from "../../../src/core/checkpoint.ts";
import { ModelTurn, type TurnOutput } from "../../../src/core/model-turn.ts";
import { CallId } from "../../../src/protocol/ids.ts";
import { applyDelta } from "../../../src/protocol/projection.ts";
import { codePoint } from "../protocol/arbitraries.ts";
import {
  call,
  finish,
  reasoning,
  restart,
  scriptedModel,
  type TurnScript,
  text,
  USAGE,
  usage,
} from "./scripted-model.ts";

/** The checkpoints of an earlier turn that wrote so much and called one tool. */
function earlier(words: string): readonly Step[] {
  return [
    {
      kind: "model",
      text: words,
      tool_calls: [{ id: CallId.parse("call_0"), name: "usage_summary", arguments: "{}" }],
      usage: USAGE,
    },
  ];
}

/** Plays a turn after the given steps, to its end or its failure. */
async function play(script: TurnScript, steps: readonly Step[] = []) {
  const turn = new ModelTurn(steps, [{ role: "user", content: "x".repeat(400) }]);
  const outputs: TurnOutput[] = [];
  const signal = new AbortController().signal;
  const request = { model: "model-1", tools: [], signal };
  let error: unknown;
  try {
    for await (const output of turn.stream(scriptedModel(script).model, request))
      outputs.push(output);
  } catch (thrown) {
    error = thrown;
  }
  const folded = outputs.reduce(applyDelta, answerText(steps));
  return { turn, outputs, folded, error };
}

test("half a character at the end of a turn is never kept as half of one", async () => {
  const { turn } = await play([text("so far \ud83d"), usage, finish("length")]);
  expect(turn.toStep().text).toBe("so far \ufffd");
});

describe("a turn that fails", () => {
  test.each([
    ["nothing at all", []],
    ["nothing but its end", [usage, finish()]],
    ["reasoning alone", [reasoning("Let me think about the figures."), finish()]],
    ["empty text", [text(""), finish()]],
    ["nothing more after it began anew", [text("Half"), restart, finish()]],
  ])("is one that gave %s", async (_, script) => {
    const { error, folded } = await play(script);
    expect(error).toMatchObject({ code: "model_unavailable" });
    expect(folded).toBe("");
  });

  test("keeps what it wrote, and throws what the model threw", async () => {
    const broken = new Error("broken");
    const { error, turn, folded } = await play(
      [text("Half "), text("a"), broken],
      earlier("First."),
    );
    expect(error).toBe(broken);
    expect(turn.text).toBe("Half a");
    expect(folded).toBe("First.\n\nHalf a");
  });
});

describe("the usage of a turn that broke off", () => {
  const broken = new Error("broken");

  test.each([
    ["at once", [broken]],
    ["before it gave anything but a refusal", [text(""), broken]],
  ])("%s is none", async (_, script) => {
    expect((await play(script)).turn.usage).toBeNull();
  });

  test("is sized from what it read and wrote, and said to be estimated", async () => {
    const script = [reasoning("12345678"), text("1234"), call("call_1", "a", "1234"), broken];
    expect((await play(script)).turn.usage).toEqual({
      inputTokens: 100,
      cachedInputTokens: 0,
      outputTokens: 4,
      reasoningTokens: 2,
      estimated: true,
    });
  });

  test("is what the endpoint counted, where it did", async () => {
    expect((await play([text("Half"), usage, broken])).turn.usage).toEqual(USAGE);
  });

  test("is what broke off first, where nothing came after it began anew", async () => {
    expect((await play([text("Half"), usage, restart, broken])).turn.usage).toEqual(USAGE);
  });
});

describe("a turn that begins anew", () => {
  const script = [
    text("Wrong"),
    reasoning("In doubt."),
    call("call_1", "usage_summary"),
    { ...usage, usage: { ...USAGE, outputTokens: 7 } },
    finish("length"),
    restart,
    text("Right"),
  ] as const;

  test("takes back all it gave: text, reasoning, calls and finish", async () => {
    const { turn } = await play(script);
    expect(turn).toMatchObject({ text: "Right", reasoning: "", calls: [], finish: null });
  });

  test("takes back nothing of what it used: the endpoint was asked twice", async () => {
    const { turn } = await play(script);
    expect(turn.toStep().usage).toEqual({
      inputTokens: 1_100,
      cachedInputTokens: 0,
      outputTokens: 9,
      reasoningTokens: 0,
      estimated: true,
    });
  });

  test("tells the reader to take back this turn's text and no more, and then why", async () => {
    const { outputs, folded } = await play(script, earlier("First."));
    expect(outputs).toEqual([
      { type: "text", offset: 6, text: "\n\nWrong" },
      { type: "restart", reason: "The stream broke.", offset: 6, text: "" },
      { type: "text", offset: 6, text: "\n\nRight" },
    ]);
    expect(folded).toBe("First.\n\nRight");
  });
});

describe("a call's id", () => {
  test("that names another call of this turn is made anew", async () => {
    const { turn } = await play([call("call_1", "a"), call("call_1", "b"), call("call_1", "c")]);
    const { tool_calls } = turn.toStep();
    const ids = tool_calls.map(({ id }) => id);
    expect(ids[0]).toBe("call_1");
    expect(new Set(ids).size).toBe(3);
    expect(tool_calls.map(({ name }) => name)).toEqual(["a", "b", "c"]);
  });

  test("that names a call of an earlier turn is made anew", async () => {
    const { turn } = await play([call("call_0", "a"), call("call_1", "b")], earlier(""));
    const [first, second] = turn.toStep().tool_calls;
    expect(first?.id).not.toBe("call_0");
    expect(second?.id).toBe("call_1");
  });

  test("that names a call committed meanwhile, by an agent beside it, is made anew", async () => {
    const steps: Step[] = [];
    const { turn } = await play([call("call_0", "a")], steps);
    steps.push(...earlier(""));
    expect(turn.toStep().tool_calls[0]?.id).not.toBe("call_0");
  });
});

describe("a whole turn", () => {
  test("becomes a checkpoint with its text, its calls and its usage", async () => {
    const { turn, error } = await play([
      reasoning("First "),
      reasoning("the figures."),
      text("Let me see."),
      call("call_1", "usage_summary", '{"x":1}'),
      usage,
      finish("tool_calls"),
    ]);
    expect(error).toBeUndefined();
    expect(turn).toMatchObject({ reasoning: "First the figures.", finish: "tool_calls" });
    expect(turn.toStep()).toEqual({
      kind: "model",
      text: "Let me see.",
      tool_calls: [{ id: "call_1", name: "usage_summary", arguments: '{"x":1}' }],
      usage: USAGE,
    });
  });

  test("that only calls tools writes nothing", async () => {
    const { outputs, error } = await play([call("call_1", "a"), finish("tool_calls")]);
    expect(error).toBeUndefined();
    expect(outputs).toEqual([]);
  });

  test("in any pieces, with any number of fresh starts, folds to the answer it is stored as", async () => {
    const piece = fc.oneof(
      { weight: 5, arbitrary: fc.string({ unit: codePoint, maxLength: 4 }).map(text) },
      { weight: 1, arbitrary: fc.constant(restart) },
    );
    const script = fc.array(piece, { maxLength: 20 }).map((acts) => [...acts, text("."), finish()]);
    await fc.assert(
      fc.asyncProperty(script, fc.string({ maxLength: 3 }), async (acts, before) => {
        const steps = earlier(before);
        const { turn, folded } = await play(acts, steps);
        expect(folded).toBe(answerText([...steps, turn.toStep()]));
      }),
    );
  });
});
