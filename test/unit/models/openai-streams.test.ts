/** How streams of the openai model end before their time: cut, aborted or past their bounds. */
import { describe, expect, test } from "vitest";
import { MAX_ARGUMENTS_LENGTH, MAX_TURN_CHARACTERS } from "../../../src/models/turn.ts";
import type { StepInput } from "../../model-server/step.ts";
import { serveModels } from "./endpoint.ts";
import { failureOf, join, only, read, requestOf } from "./fixture.ts";

const scripted = serveModels();

describe("a stream that breaks", () => {
  const text = "Grüße an 東京 🚀, alles gut.";
  const broken: [string, StepInput][] = [
    ["is cut before its first event", { cut_after_events: 0 }],
    ["is cut between two events", { text, cut_after_events: 3 }],
    ["is cut inside a character", { text: "🚀".repeat(50), piece: 50, cut_after_bytes: 400 }],
    ["ends properly, but without finish reason and [DONE]", { text, unfinished: true }],
    ["ends with [DONE], but without finish reason", { text, unfinished: true, raw: ["[DONE]"] }],
    ["holds broken JSON", { text, raw: ['{"choices":[{"delta":{"content":"x'] }],
    ["holds JSON that is no chunk", { text, raw: ['{"choices":"none"}'] }],
    ["holds an error event", { text, raw: ['{"error":{"message":"key sk-live-9 is out"}}'] }],
  ];

  test.each(broken)("is model_unavailable where it %s", async (_, step) => {
    const { log, model } = scripted([step]);
    const { chunks, error } = await read(model, requestOf());
    expect(error).toMatchObject({
      code: "model_unavailable",
      message: "The model's answer broke off before it was whole.",
      retryAfter: 0,
    });
    expect(only(chunks, "finish")).toEqual([]);
    expect(log.lines.join()).not.toContain("sk-live-9");
  });

  test("is model_unavailable where it is cut at any byte before its finish reason", async () => {
    const cuts = Array.from({ length: 30 }, (_, index) => 1 + index * 37);
    const endings = await Promise.all(
      cuts.map(async (cut_after_bytes) => {
        const step = { text: text.repeat(3), piece: 5, cut_after_bytes };
        const { chunks, error } = await read(scripted([step]).model, requestOf());
        expect(text.repeat(3).startsWith(join(chunks, "text"))).toBe(true);
        return error;
      }),
    );
    for (const error of endings) expect(error).toMatchObject({ code: "model_unavailable" });
  });
});

describe("an abort", () => {
  test("before the call throws the reason and asks nothing of the endpoint", async () => {
    const { model, requests } = scripted([]);
    const reason = new Error("cancelled by the user");
    const { error } = await read(model, requestOf({ signal: AbortSignal.abort(reason) }));
    expect(error).toBe(reason);
    expect(requests()).toEqual([]);
  });

  test.each(["before_headers", "after_headers", "after_content"] as const)(
    "while the endpoint hangs %s throws the reason, hangs up and logs no failure",
    async (hang) => {
      const { log, model, requests } = scripted([{ text: "Half", hang }]);
      const controller = new AbortController();
      const reason = new Error("cancelled by the user");
      const ending = read(model, requestOf({ signal: controller.signal }));
      await expect.poll(() => requests().length).toBe(1);
      controller.abort(reason);
      expect((await ending).error).toBe(reason);
      expect(log.lines).toEqual([]);
      await expect.poll(() => requests()[0]?.aborted).toBe(true);
    },
  );

  test("is what a reader that leaves amounts to: the endpoint is hung up on", async () => {
    const { model, requests } = scripted([{ text: "word ".repeat(100), pace_ms: 5 }]);
    for await (const chunk of model.stream(requestOf())) if (chunk.type === "text") break;
    await expect.poll(() => requests()[0]?.aborted).toBe(true);
  });
});

describe("a turn past its bounds", () => {
  test("ends as length, with the text that fits", async () => {
    const text = "x".repeat(MAX_TURN_CHARACTERS + 5_000);
    const { model } = scripted([
      { text, piece: 10_000, tool_calls: [{ name: "t", arguments: {} }] },
    ]);
    const { chunks, error } = await read(model, requestOf());
    expect(error).toBeUndefined();
    expect(join(chunks, "text")).toHaveLength(MAX_TURN_CHARACTERS);
    expect(only(chunks, "tool_call")).toEqual([]);
    expect(chunks.at(-1)).toEqual({ type: "finish", reason: "length", model: "gpt-4o-mini" });
  });

  test("counts reasoning as text", async () => {
    const reasoning = "r".repeat(MAX_TURN_CHARACTERS + 1);
    const { model } = scripted([{ reasoning, text: "never", piece: 50_000 }]);
    const { chunks } = await read(model, requestOf());
    expect(join(chunks, "text")).toBe("");
    expect(chunks.at(-1)).toEqual({ type: "finish", reason: "length", model: "gpt-4o-mini" });
  });

  test("is refused where it asks for seventeen tools", async () => {
    const calls = Array(17).fill({ name: "usage_summary", arguments: {} });
    const { model } = scripted([{ tool_calls: calls }]);
    expect(await failureOf(model, requestOf())).toMatchObject({ code: "model_rejected" });
  });

  test("is refused where a tool's arguments are too long", async () => {
    const raw = JSON.stringify({
      choices: [
        { delta: { tool_calls: [{ index: 0, function: { arguments: " ".repeat(40_000) } }] } },
      ],
    });
    expect(80_000).toBeGreaterThan(MAX_ARGUMENTS_LENGTH);
    const { model } = scripted([{ raw: [raw, raw] }]);
    expect(await failureOf(model, requestOf())).toMatchObject({ code: "model_rejected" });
  });

  test("is broken off where the endpoint floods it with what is neither text nor call", async () => {
    const flood = JSON.stringify({ choices: [], padding: "p".repeat(1_000_000) });
    const { model } = scripted([{ raw: Array(26).fill(flood) }], {
      totalMs: 30_000,
      idleMs: 5_000,
    });
    expect(await failureOf(model, requestOf())).toMatchObject({ code: "model_unavailable" });
  });
});
