/** Every parameter that OpenAI's client knows: honoured, refused by its name, or told to be passed over. */
import { readFileSync } from "node:fs";
import type OpenAI from "openai";
import { describe, expect, test } from "vitest";
import {
  askedInChat,
  ChatCompletionBody,
  demandInChat,
} from "../../../../src/doors/openai/chat-requests.ts";
import {
  askedInResponse,
  demandInResponse,
  keptOf,
  ResponseBody,
} from "../../../../src/doors/openai/response-requests.ts";
import { ApexError } from "../../../../src/protocol/errors.ts";
import { parseInput } from "../../../../src/protocol/parse-input.ts";

/** What becomes of a parameter, and a value that shows it. */
type Row = readonly ["honoured" | "refused" | "passed over", unknown];
type Table<Parameters> = Readonly<Record<keyof Parameters, Row>>;

const WEATHER = { name: "get_weather", parameters: { type: "object", properties: {} } };
const SCHEMA = { type: "object", properties: { city: { type: "string" } } };
const USER = { role: "user", content: "Hello?" };

// A parameter that a newer client brings is missing here, and the types say so.
const CHAT = {
  messages: ["honoured", [USER]],
  model: ["honoured", "apex-supervisor"],
  metadata: ["honoured", {}],
  response_format: [
    "honoured",
    { type: "json_schema", json_schema: { name: "x", schema: SCHEMA } },
  ],
  stream: ["honoured", true],
  stream_options: ["honoured", { include_usage: true }],
  tools: ["honoured", [{ type: "function", function: WEATHER }]],
  tool_choice: ["honoured", "auto"],
  audio: ["refused", { voice: "alloy", format: "mp3" }],
  function_call: ["refused", "auto"],
  functions: ["refused", [WEATHER]],
  logit_bias: ["refused", { 50256: -100 }],
  logprobs: ["refused", true],
  modalities: ["refused", ["text", "audio"]],
  moderation: ["refused", {}],
  n: ["refused", 2],
  parallel_tool_calls: ["refused", false],
  stop: ["refused", ["\n"]],
  top_logprobs: ["refused", 3],
  web_search_options: ["refused", {}],
  frequency_penalty: ["passed over", 1],
  max_completion_tokens: ["passed over", 100],
  max_tokens: ["passed over", 100],
  prediction: ["passed over", { type: "content", content: "Hello." }],
  presence_penalty: ["passed over", 1],
  prompt_cache_key: ["passed over", "key"],
  prompt_cache_options: ["passed over", {}],
  prompt_cache_retention: ["passed over", "24h"],
  reasoning_effort: ["passed over", "low"],
  safety_identifier: ["passed over", "somebody"],
  seed: ["passed over", 7],
  service_tier: ["passed over", "auto"],
  store: ["passed over", false],
  temperature: ["passed over", 0.2],
  top_p: ["passed over", 0.5],
  user: ["passed over", "somebody"],
  verbosity: ["passed over", "low"],
} satisfies Table<OpenAI.Chat.ChatCompletionCreateParams>;

const RESPONSES = {
  input: ["honoured", "Hello?"],
  instructions: ["honoured", "Be brief."],
  metadata: ["honoured", { of: "mine" }],
  model: ["honoured", "apex-supervisor"],
  previous_response_id: ["honoured", null],
  stream: ["honoured", true],
  text: ["honoured", { format: { type: "json_schema", name: "x", schema: SCHEMA } }],
  tools: ["honoured", [{ type: "function", ...WEATHER, strict: true }]],
  tool_choice: ["honoured", "auto"],
  access_programs: ["refused", {}],
  background: ["refused", true],
  context_management: ["refused", [{ type: "compaction" }]],
  conversation: ["refused", "conv_1"],
  image: ["refused", {}],
  include: ["refused", ["message.output_text.logprobs"]],
  max_tool_calls: ["refused", 1],
  moderation: ["refused", {}],
  parallel_tool_calls: ["refused", false],
  prompt: ["refused", { id: "pmpt_1" }],
  top_logprobs: ["refused", 3],
  max_output_tokens: ["passed over", 100],
  prompt_cache_key: ["passed over", "key"],
  prompt_cache_options: ["passed over", {}],
  prompt_cache_retention: ["passed over", "24h"],
  reasoning: ["passed over", { effort: "low" }],
  safety_identifier: ["passed over", "somebody"],
  service_tier: ["passed over", "auto"],
  store: ["passed over", false],
  stream_options: ["passed over", { include_obfuscation: true }],
  temperature: ["passed over", 0.2],
  top_p: ["passed over", 0.5],
  truncation: ["passed over", "auto"],
  user: ["passed over", "somebody"],
} satisfies Table<OpenAI.Responses.ResponseCreateParams>;

const ENDPOINTS = [
  {
    name: "chat completions",
    table: CHAT,
    ask(more: object) {
      const body = { model: "apex-supervisor", messages: [USER], ...more };
      const parsed = parseInput(ChatCompletionBody, body, "the body");
      return askedInChat(parsed, demandInChat(parsed));
    },
  },
  {
    name: "responses",
    table: RESPONSES,
    ask(more: object) {
      const parsed = parseInput(
        ResponseBody,
        { model: "apex-supervisor", input: "Hello?", ...more },
        "the body",
      );
      const kept = keptOf(parsed);
      return askedInResponse(parsed, kept, demandInResponse(kept));
    },
  },
] as const;

/** @returns the parameter that a request was refused for; null where it was taken. */
function refusedFor(ask: () => unknown): string | null {
  try {
    ask();
    return null;
  } catch (error) {
    if (!(error instanceof ApexError)) throw error;
    return error.errors[0]?.field ?? "";
  }
}

describe.each(ENDPOINTS)("of $name", ({ table, ask }) => {
  test.each(Object.entries<Row>(table))("%s is %s", (name, [verdict, value]) => {
    const field = refusedFor(() => ask({ [name]: value }));

    expect(field?.split(".")[0] ?? null).toBe(verdict === "refused" ? name : null);
    // Who sends what would be done anyway, or nothing, is answered.
    expect(refusedFor(() => ask({ [name]: undefined }))).toBe(
      name === "messages" || name === "model" || name === "input" ? name : null,
    );
  });

  test("what is passed over is told to be", () => {
    const document = readFileSync("docs/doors.md", "utf8");
    const told = Object.entries<Row>(table)
      .filter(([, [verdict]]) => verdict !== "honoured")
      .map(([name]) => name);

    expect(told.filter((name) => !document.includes(`\`${name}\``))).toEqual([]);
  });

  test("a forced choice offers what has to be called alone, and names what it lacks", () => {
    const tools = [WEATHER, { ...WEATHER, name: "get_time" }];
    const wrap = (tool: typeof WEATHER) =>
      table === CHAT ? { type: "function", function: tool } : { type: "function", ...tool };
    const named = (name: string) =>
      table === CHAT ? { type: "function", function: { name } } : { type: "function", name };
    const forced = (tool_choice: unknown, given = tools) =>
      ask({ tools: given.map(wrap), tool_choice }).caller;

    expect(forced("required")).toMatchObject({ must_call: true, tools: [{}, {}] });
    expect(forced(named("get_time"))).toMatchObject({
      must_call: true,
      tools: [{ name: "get_time" }],
    });
    expect(forced("auto")).not.toHaveProperty("must_call");
    expect(forced("none").tools).toEqual([]);
    expect(refusedFor(() => forced("required", []))).toBe("tool_choice");
    expect(refusedFor(() => forced(named("rm")))).toBe("tool_choice");
    expect(refusedFor(() => forced({ type: "allowed_tools" }))).toMatch(/^tool_choice/);
  });

  test("a schema that cannot be kept, or is none, is refused by where it stood", () => {
    const withSchema = (schema: unknown) =>
      table === CHAT
        ? { response_format: { type: "json_schema", json_schema: { name: "x", schema } } }
        : { text: { format: { type: "json_schema", name: "x", schema } } };

    expect(refusedFor(() => ask(withSchema({ $ref: "https://example.com/schema" })))).toMatch(
      /\.schema$/,
    );
    expect(refusedFor(() => ask(withSchema("object")))).toMatch(/\.schema$/);
    expect(refusedFor(() => ask(withSchema(SCHEMA)))).toBeNull();
  });
});
