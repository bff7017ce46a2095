/** How the openai model fails: every way an endpoint can, over real HTTP. */
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openaiModel } from "../../../src/models/openai.ts";
import { MAX_ARGUMENTS_LENGTH, MAX_TURN_CHARACTERS } from "../../../src/models/turn.ts";
import { type ModelServer, startModelServer } from "../../model-server/main.ts";
import type { StepInput } from "../../model-server/step.ts";
import { failureOf, join, memoryLog, only, read, requestOf } from "./fixture.ts";

let server: ModelServer;
beforeAll(async () => {
  server = await startModelServer();
});
afterAll(() => server.close());

const deadlines = { totalMs: 5_000, idleMs: 2_000 };
let count = 0;

/** A model whose endpoint plays the steps, and the key it plays them for. */
function scripted(steps: readonly StepInput[], limits = deadlines) {
  const key = `sk-secret-${++count}`;
  server.script(key, steps);
  const log = memoryLog();
  const baseUrl = `${server.url}/v1`;
  const model = openaiModel({ apiKey: key, baseUrl, models: ["m"], log, deadlines: limits });
  return { key, log, model };
}

/** Makes the SDK retry at once. */
const at_once = { "retry-after-ms": "1" };

describe("a refusal", () => {
  test.each([401, 403])("with %i says that the API key was refused", async (status) => {
    const { key, model } = scripted([{ status }]);
    const failure = await failureOf(model, requestOf());
    expect(failure.code).toBe("model_rejected");
    expect(failure.message).toContain("refused the API key");
    expect(server.requests(key)).toHaveLength(1);
  });

  test.each([400, 404, 413, 422])("with %i is final and never tried again", async (status) => {
    const { key, model } = scripted([{ status }]);
    expect(await failureOf(model, requestOf())).toMatchObject({ code: "model_rejected" });
    expect(server.requests(key)).toHaveLength(1);
  });

  test.each([
    [408, "model_timeout"],
    [409, "model_unavailable"],
    [500, "model_unavailable"],
    [503, "model_unavailable"],
  ])("with %i is tried three times, then is %s", async (status, code) => {
    const { key, model } = scripted(Array(3).fill({ status, headers: at_once }));
    const failure = await failureOf(model, requestOf());
    expect(failure.code).toBe(code);
    expect(failure.retryAfter).toBeUndefined();
    expect(server.requests(key)).toHaveLength(3);
  });

  test("with 429 and a long Retry-After is told at once instead of being waited for", async () => {
    const { key, model } = scripted([{ status: 429, headers: { "retry-after": "21" } }]);
    const failure = await failureOf(model, requestOf());
    expect(failure).toMatchObject({ code: "rate_limited", retryAfter: 21 });
    expect(failure.message).toContain("21 s");
    expect(server.requests(key)).toHaveLength(1);
  });

  test("with 503 and a Retry-After far off is told at once too", async () => {
    const date = new Date(Date.now() + 3_600_000).toUTCString();
    const { key, model } = scripted([{ status: 503, headers: { "retry-after": date } }]);
    const failure = await failureOf(model, requestOf());
    expect(failure.code).toBe("model_unavailable");
    expect(failure.retryAfter).toBeGreaterThan(3_000);
    expect(server.requests(key)).toHaveLength(1);
  });

  test("with 429 that never ends is rate_limited after three tries", async () => {
    const { key, model } = scripted(Array(3).fill({ status: 429, headers: at_once }));
    const failure = await failureOf(model, requestOf());
    expect(failure).toMatchObject({ code: "rate_limited", retryAfter: undefined });
    expect(server.requests(key)).toHaveLength(3);
  });

  test.each([400, 401, 429, 500])(
    "with %i never passes on what the endpoint said",
    async (status) => {
      const body = JSON.stringify({
        error: { message: "Wrong key sk-live-123", code: "sk-live-123" },
      });
      const headers = { "x-should-retry": "false", "x-request-id": "sk-live-123" };
      const { key, log, model } = scripted([{ status, body, headers }]);
      const failure = await failureOf(model, requestOf());
      const everything = [
        JSON.stringify(failure.toProblem()),
        failure.stack,
        failure.cause,
        ...log.lines,
      ];
      expect(log.lines).toHaveLength(1);
      expect(everything.join("\n")).not.toMatch(new RegExp(`sk-live-123|${key}`));
    },
  );
});

describe("an endpoint that is not there", () => {
  test("is model_unavailable when nothing listens", async () => {
    const closed = await startModelServer();
    await closed.close();
    const { url } = closed;
    const model = openaiModel({ apiKey: "k", baseUrl: url, models: ["m"], log: memoryLog() });
    expect(await failureOf(model, requestOf())).toMatchObject({ code: "model_unavailable" });
  });

  test("is model_unavailable when what listens speaks no HTTP", async () => {
    const garbage = createServer((socket) => socket.end("SSH-2.0-OpenSSH_9.6\r\n"));
    await new Promise<void>((resolve) => garbage.listen(0, "127.0.0.1", resolve));
    const address = garbage.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const baseUrl = `http://127.0.0.1:${port}`;
    const model = openaiModel({ apiKey: "k", baseUrl, models: ["m"], log: memoryLog() });
    expect(await failureOf(model, requestOf())).toMatchObject({ code: "model_unavailable" });
    garbage.close();
  });
});

describe("a deadline", () => {
  test("ends a call whose response never begins, after its retries", async () => {
    const steps = Array<StepInput>(3).fill({ hang: "before_headers" });
    const { key, model } = scripted(steps, { totalMs: 20_000, idleMs: 50 });
    expect(await failureOf(model, requestOf())).toMatchObject({ code: "model_timeout" });
    expect(server.requests(key)).toHaveLength(3);
  });

  test.each(["after_headers", "after_content"] as const)(
    "ends a stream that hangs %s, and hangs up",
    async (hang) => {
      const { key, model } = scripted([{ text: "Half", hang }], { totalMs: 20_000, idleMs: 100 });
      expect(await failureOf(model, requestOf())).toMatchObject({
        code: "model_timeout",
        message: "The model fell silent.",
        retryAfter: 0,
      });
      await expect.poll(() => server.requests(key)[0]?.aborted).toBe(true);
    },
  );

  test("ends a stream that is never silent and never done", async () => {
    const steps = [{ text: "a".repeat(1_000), piece: 1, pace_ms: 10 }];
    const { key, model } = scripted(steps, { totalMs: 300, idleMs: 5_000 });
    const { chunks, error } = await read(model, requestOf());
    expect(error).toMatchObject({ code: "model_timeout" });
    expect(join(chunks, "text")).toMatch(/^a+$/);
    await expect.poll(() => server.requests(key)[0]?.aborted).toBe(true);
  });

  test("does not run while the reader takes its time", async () => {
    const { model } = scripted([{ text: "one two", piece: 4 }], { totalMs: 20_000, idleMs: 100 });
    const chunks = [];
    for await (const chunk of model.stream(requestOf())) {
      chunks.push(chunk);
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    expect(join(chunks, "text")).toBe("one two");
  });
});

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
    const { key, model } = scripted([]);
    const reason = new Error("cancelled by the user");
    const { error } = await read(model, requestOf({ signal: AbortSignal.abort(reason) }));
    expect(error).toBe(reason);
    expect(server.requests(key)).toEqual([]);
  });

  test.each(["before_headers", "after_headers", "after_content"] as const)(
    "while the endpoint hangs %s throws the reason, hangs up and logs no failure",
    async (hang) => {
      const { key, log, model } = scripted([{ text: "Half", hang }]);
      const controller = new AbortController();
      const reason = new Error("cancelled by the user");
      const ending = read(model, requestOf({ signal: controller.signal }));
      await expect.poll(() => server.requests(key).length).toBe(1);
      controller.abort(reason);
      expect((await ending).error).toBe(reason);
      expect(log.lines).toEqual([]);
      await expect.poll(() => server.requests(key)[0]?.aborted).toBe(true);
    },
  );

  test("is what a reader that leaves amounts to: the endpoint is hung up on", async () => {
    const { key, model } = scripted([{ text: "word ".repeat(100), pace_ms: 5 }]);
    for await (const chunk of model.stream(requestOf())) if (chunk.type === "text") break;
    await expect.poll(() => server.requests(key)[0]?.aborted).toBe(true);
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
    expect(chunks.at(-1)).toEqual({ type: "finish", reason: "length" });
  });

  test("counts reasoning as text", async () => {
    const reasoning = "r".repeat(MAX_TURN_CHARACTERS + 1);
    const { model } = scripted([{ reasoning, text: "never", piece: 50_000 }]);
    const { chunks } = await read(model, requestOf());
    expect(join(chunks, "text")).toBe("");
    expect(chunks.at(-1)).toEqual({ type: "finish", reason: "length" });
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
