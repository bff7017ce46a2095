/** A turn as an endpoint streamed it, torn in two at each of its bytes: it is read the same each time. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { openaiModel } from "../../../src/models/openai.ts";
import { memoryLog, read, requestOf } from "./fixture.ts";

const data = (delta: object, finish_reason: string | null = null) =>
  `data: ${JSON.stringify({ id: "c-1", choices: [{ index: 0, delta, finish_reason }] })}\n\n`;

const call = (fields: object) => data({ tool_calls: [{ index: 0, ...fields }] });

/** Comments, both ends of line, every length of UTF-8, an escape, and arguments in pieces. */
const RECORDED = [
  ": keep-alive\n\n",
  data({ role: "assistant", reasoning_content: "Überlegung 🤔" }),
  data({ content: "Grüße an " }).replaceAll("\n", "\r\n"),
  data({ content: "東京 🚀" }),
  'data: {"choices":[{"index":0,"delta":{"content":" — \\ud83d\\ude80 \\"1 %\\""}}]}\n\n',
  call({ id: "call_1", type: "function", function: { name: "usage_summary", arguments: "" } }),
  call({ function: { arguments: '{"team":"Müns' } }),
  call({ function: { arguments: 'ter"}' } }),
  data({}, "tool_calls"),
  'data: {"choices":[],"usage":{"prompt_tokens":40,"completion_tokens":12,"total_tokens":52}}\n\n',
  "data: [DONE]\n\n",
].join("");

const bytes = new TextEncoder().encode(RECORDED);
const log = memoryLog();
const model = openaiModel({ apiKey: "key", models: ["m"], log });

/** @returns what the model reads where the endpoint's bytes arrive in these parts. */
async function readIn(parts: readonly Uint8Array[]) {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const part of parts) controller.enqueue(part);
      controller.close();
    },
  });
  const headers = { "content-type": "text/event-stream" };
  vi.spyOn(globalThis, "fetch").mockResolvedValueOnce(new Response(body, { headers }));
  return read(model, requestOf());
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a stream of bytes", () => {
  test("is read as what was said", async () => {
    const { chunks, error } = await readIn([bytes]);
    expect(error).toBeUndefined();
    expect(chunks).toMatchObject([
      { type: "reasoning", text: "Überlegung 🤔" },
      { type: "text", text: "Grüße an " },
      { type: "text", text: "東京 🚀" },
      { type: "text", text: ' — 🚀 "1 %"' },
      { type: "tool_call", call: { id: "call_1", arguments: '{"team":"Münster"}' } },
      { type: "usage", usage: { inputTokens: 40, outputTokens: 12, estimated: false } },
      { type: "finish", reason: "tool_calls" },
    ]);
  });

  test("torn in two at any byte is read the same", async () => {
    const whole = await readIn([bytes]);
    for (const [at] of bytes.entries()) {
      expect(await readIn([bytes.subarray(0, at), bytes.subarray(at)]), `torn at ${at}`).toEqual(
        whole,
      );
    }
  }, 60_000);

  test("torn at every byte at once is read the same", async () => {
    const whole = await readIn([bytes]);
    expect(await readIn(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(whole);
  });
});
