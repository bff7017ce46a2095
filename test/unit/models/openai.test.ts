/** What the openai model gives when the endpoint does its part, over real HTTP. */
import { describe, expect, test } from "vitest";
import type { ModelMessage } from "../../../src/core/model.ts";
import { CallId } from "../../../src/protocol/ids.ts";
import { serveModels } from "./endpoint.ts";
import { join, only, read, requestOf } from "./fixture.ts";

const scripted = serveModels();

const tool = { name: "usage_summary", description: "Sums up", parameters: { type: "object" } };

describe("text", () => {
  test.each([1, 2, 3, 7, 1_000])("arrives whole in writes of %i bytes", async (write_bytes) => {
    const text = 'Grüße an 東京 🚀 — 1 % of “everything”.\n\nWith \\ and " too.';
    const { model } = scripted([{ text, reasoning: "Überlegung 🤔", piece: 3, write_bytes }]);
    const { chunks, error } = await read(model, requestOf());
    expect(error).toBeUndefined();
    expect(join(chunks, "text")).toBe(text);
    expect(join(chunks, "reasoning")).toBe("Überlegung 🤔");
    expect(chunks.at(-1)).toEqual({ type: "finish", reason: "stop", model: "gpt-4o-mini" });
  });

  test.each(["reasoning_content", "reasoning"] as const)(
    "of reasoning is read from %s",
    async (reasoning_field) => {
      const { model } = scripted([
        { reasoning: "First I add up.", reasoning_field, text: "Done." },
      ]);
      const { chunks } = await read(model, requestOf());
      expect(join(chunks, "reasoning")).toBe("First I add up.");
    },
  );

  test("of a refusal is passed on, and reasoning that is no text is passed over", async () => {
    const raw = [
      '{"choices":[{"delta":{"reasoning":{"tokens":5}}}]}',
      '{"choices":[{"delta":{"refusal":"I will not."}}]}',
    ];
    const { chunks } = await read(scripted([{ raw }]).model, requestOf());
    expect(join(chunks, "text")).toBe("I will not.");
  });

  test("comes after two failures, since a call that has not begun is tried again", async () => {
    const again = { status: 500, headers: { "retry-after-ms": "1" } };
    const { model, requests } = scripted([
      again,
      { ...again, status: 429 },
      { text: "Third time." },
    ]);
    const { chunks } = await read(model, requestOf());
    expect(join(chunks, "text")).toBe("Third time.");
    expect(requests()).toHaveLength(3);
  });
});

describe("tool calls", () => {
  test("are assembled from their pieces, several at once", async () => {
    const { model } = scripted([
      {
        tool_calls: [
          { id: "call_a", name: "usage_summary", arguments: { window: { last_days: 7 } } },
          { id: "call_b", name: "cost_breakdown", arguments: { dimensions: ["feature", "team"] } },
        ],
      },
    ]);
    const { chunks } = await read(model, requestOf({ tools: [tool] }));
    expect(only(chunks, "tool_call").map(({ call }) => call)).toEqual([
      { id: "call_a", name: "usage_summary", arguments: '{"window":{"last_days":7}}' },
      { id: "call_b", name: "cost_breakdown", arguments: '{"dimensions":["feature","team"]}' },
    ]);
    expect(chunks.at(-1)).toEqual({ type: "finish", reason: "tool_calls", model: "gpt-4o-mini" });
  });

  test("get an id of their own where the endpoint gives none or one that is too long", async () => {
    const { model } = scripted([
      {
        tool_calls: [
          { id: null, name: "one", arguments: {} },
          { id: "x".repeat(300), name: "two", arguments: {} },
        ],
      },
    ]);
    const { chunks } = await read(model, requestOf());
    const ids = only(chunks, "tool_call").map(({ call }) => call.id);
    expect(ids[0]).toMatch(/^call_/);
    expect(ids[1]).toMatch(/^call_/);
    expect(ids[0]).not.toBe(ids[1]);
  });

  test("are told apart by their ids where the endpoint leaves the index out", async () => {
    const raw = [
      { id: "a", function: { name: "one", arguments: '{"x"' } },
      { function: { arguments: ":1}" } },
      { id: "b", function: { name: "two", arguments: "{}" } },
    ].map((call) => JSON.stringify({ choices: [{ delta: { tool_calls: [call] } }] }));
    const { chunks } = await read(scripted([{ raw }]).model, requestOf());
    expect(only(chunks, "tool_call").map(({ call }) => call)).toEqual([
      { id: "a", name: "one", arguments: '{"x":1}' },
      { id: "b", name: "two", arguments: "{}" },
    ]);
  });

  test("with broken arguments are given as the model wrote them", async () => {
    const { model } = scripted([{ tool_calls: [{ name: "one", arguments: '{"top": fi' }] }]);
    const { chunks } = await read(model, requestOf());
    expect(only(chunks, "tool_call")[0]?.call.arguments).toBe('{"top": fi');
  });

  test("make the finish tool_calls even where the endpoint says stop", async () => {
    const step = { tool_calls: [{ name: "one", arguments: {} }], finish_reason: "stop" };
    const { chunks } = await read(scripted([step]).model, requestOf());
    expect(chunks.at(-1)).toEqual({ type: "finish", reason: "tool_calls", model: "gpt-4o-mini" });
  });
});

test.each([
  ["stop", "stop"],
  ["length", "length"],
  ["content_filter", "filtered"],
  ["tool_calls", "stop"],
  ["eos_token", "stop"],
])("the finish reason %s of a turn without tool calls is %s", async (finish_reason, reason) => {
  const { chunks } = await read(scripted([{ text: "Hm.", finish_reason }]).model, requestOf());
  expect(chunks.at(-1)).toEqual({ type: "finish", reason, model: "gpt-4o-mini" });
});

describe("usage", () => {
  test("is what the endpoint counted, cached and reasoning tokens included", async () => {
    const usage = {
      prompt_tokens: 1_200,
      completion_tokens: 300,
      prompt_tokens_details: { cached_tokens: 1_024 },
      completion_tokens_details: { reasoning_tokens: 120 },
    };
    const { chunks } = await read(scripted([{ text: "Hi.", usage }]).model, requestOf());
    expect(only(chunks, "usage")).toEqual([
      {
        type: "usage",
        usage: {
          inputTokens: 1_200,
          cachedInputTokens: 1_024,
          outputTokens: 300,
          reasoningTokens: 120,
          estimated: false,
        },
      },
    ]);
  });

  test("never has more cached than input tokens, nor more reasoning than output", async () => {
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 5,
      prompt_tokens_details: { cached_tokens: 99 },
      completion_tokens_details: { reasoning_tokens: 99 },
    };
    const { chunks } = await read(scripted([{ usage }]).model, requestOf());
    expect(only(chunks, "usage")[0]?.usage).toMatchObject({
      cachedInputTokens: 10,
      reasoningTokens: 5,
    });
  });

  test.each([null, { prompt_tokens: "many", completion_tokens: -1 }])(
    "is sized from the text where the endpoint counts nothing, or nonsense: %j",
    async (usage) => {
      const { model } = scripted([
        {
          reasoning: "r".repeat(40),
          text: "t".repeat(60),
          usage,
          tool_calls: [{ name: "one", arguments: "a".repeat(20) }],
        },
      ]);
      const messages: ModelMessage[] = [{ role: "user", content: "q".repeat(400) }];
      const { chunks } = await read(model, requestOf({ messages }));
      expect(only(chunks, "usage")[0]?.usage).toEqual({
        inputTokens: 100,
        cachedInputTokens: 0,
        outputTokens: 30,
        reasoningTokens: 10,
        estimated: true,
      });
    },
  );
});

test("the endpoint is sent the model, the conversation and the tools, and asked for usage", async () => {
  const { model, requests } = scripted([{ text: "ok" }]);
  const callId = CallId.parse("call_1");
  const broken = CallId.parse("call_2");
  const messages: ModelMessage[] = [
    { role: "system", content: "Be exact." },
    { role: "user", content: "Usage?" },
    {
      role: "assistant",
      content: "",
      toolCalls: [
        { id: callId, name: "usage_summary", arguments: '{"top":1}' },
        { id: broken, name: "usage_summary", arguments: '{"top":' },
      ],
    },
    { role: "tool", callId, content: '{"summary":"Much."}' },
    { role: "assistant", content: "Much.", toolCalls: [] },
  ];
  await read(model, requestOf({ model: "b", messages, tools: [tool] }));
  expect(requests()[0]?.body).toEqual({
    model: "b",
    stream: true,
    stream_options: { include_usage: true },
    messages: [
      { role: "system", content: "Be exact." },
      { role: "user", content: "Usage?" },
      {
        role: "assistant",
        content: null,
        tool_calls: [
          {
            id: "call_1",
            type: "function",
            function: { name: "usage_summary", arguments: '{"top":1}' },
          },
          { id: "call_2", type: "function", function: { name: "usage_summary", arguments: "{}" } },
        ],
      },
      { role: "tool", tool_call_id: "call_1", content: '{"summary":"Much."}' },
      { role: "assistant", content: "Much." },
    ],
    tools: [{ type: "function", function: tool }],
  });
});

test("without a script the server calls a tool, then answers from its result", async () => {
  const { model } = scripted([]);
  const question = { role: "user", content: "How much do we use?" } as const;
  const first = await read(model, requestOf({ messages: [question], tools: [tool] }));
  const call = only(first.chunks, "tool_call")[0]?.call;
  expect(call).toMatchObject({ name: "usage_summary", arguments: "{}" });
  const messages: ModelMessage[] = [
    question,
    { role: "assistant", content: "", toolCalls: call ? [call] : [] },
    { role: "tool", callId: CallId.parse(call?.id), content: '{"summary":"12 requests."}' },
  ];
  const second = await read(model, requestOf({ messages, tools: [tool] }));
  expect(join(second.chunks, "text")).toContain("12 requests.");
});
