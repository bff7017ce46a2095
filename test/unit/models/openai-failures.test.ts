/** How calls of the openai model fail: refusals, missing endpoints and deadlines, over real HTTP. */

import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { openaiModel } from "../../../src/models/openai.ts";
import { problemOf } from "../../../src/protocol/problem-of.ts";
import { startModelServer } from "../../model-server/main.ts";
import type { StepInput } from "../../model-server/step.ts";
import { serveModels } from "./endpoint.ts";
import { failureOf, join, memoryLog, read, requestOf } from "./fixture.ts";

const scripted = serveModels();

/** Makes the SDK retry at once. */
const atOnce = { "retry-after-ms": "1" };

describe("a refusal", () => {
  test.each([401, 403])("with %i says that the API key was refused", async (status) => {
    const { model, requests } = scripted([{ status }]);
    const failure = await failureOf(model, requestOf());
    expect(failure.code).toBe("model_rejected");
    expect(failure.message).toContain("refused the API key");
    expect(requests()).toHaveLength(1);
  });

  test.each([400, 404, 413, 422])("with %i is final and never tried again", async (status) => {
    const { model, requests } = scripted([{ status }]);
    expect(await failureOf(model, requestOf())).toMatchObject({ code: "model_rejected" });
    expect(requests()).toHaveLength(1);
  });

  test.each([
    [408, "model_timeout"],
    [409, "model_unavailable"],
    [500, "model_unavailable"],
    [503, "model_unavailable"],
  ])("with %i is tried three times, then is %s", async (status, code) => {
    const { model, requests } = scripted(Array(3).fill({ status, headers: atOnce }));
    const failure = await failureOf(model, requestOf());
    expect(failure.code).toBe(code);
    expect(failure.retryAfter).toBeUndefined();
    expect(requests()).toHaveLength(3);
  });

  test("with 429 and a long Retry-After is told at once instead of being waited for", async () => {
    const { model, requests } = scripted([{ status: 429, headers: { "retry-after": "21" } }]);
    const failure = await failureOf(model, requestOf());
    expect(failure).toMatchObject({ code: "rate_limited", retryAfter: 21 });
    expect(failure.message).toContain("21 s");
    expect(requests()).toHaveLength(1);
  });

  test("with 503 and a Retry-After far off is told at once too", async () => {
    const date = new Date(Date.now() + 3_600_000).toUTCString();
    const { model, requests } = scripted([{ status: 503, headers: { "retry-after": date } }]);
    const failure = await failureOf(model, requestOf());
    expect(failure.code).toBe("model_unavailable");
    expect(failure.retryAfter).toBeGreaterThan(3_000);
    expect(requests()).toHaveLength(1);
  });

  test("with 429 that never ends is rate_limited after three tries", async () => {
    const { model, requests } = scripted(Array(3).fill({ status: 429, headers: atOnce }));
    const failure = await failureOf(model, requestOf());
    expect(failure).toMatchObject({ code: "rate_limited", retryAfter: undefined });
    expect(requests()).toHaveLength(3);
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
        JSON.stringify(problemOf(failure)),
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
    const { model, requests } = scripted(steps, { totalMs: 20_000, idleMs: 50 });
    expect(await failureOf(model, requestOf())).toMatchObject({ code: "model_timeout" });
    expect(requests()).toHaveLength(3);
  });

  test.each(["after_headers", "after_content"] as const)(
    "ends a stream that hangs %s, and hangs up",
    async (hang) => {
      const { model, requests } = scripted([{ text: "Half", hang }], {
        totalMs: 20_000,
        idleMs: 100,
      });
      expect(await failureOf(model, requestOf())).toMatchObject({
        code: "model_timeout",
        message: "The model fell silent.",
        retryAfter: 0,
      });
      await expect.poll(() => requests()[0]?.aborted).toBe(true);
    },
  );

  test("ends a stream that is never silent and never done", async () => {
    const steps = [{ text: "a".repeat(1_000), piece: 1, pace_ms: 10 }];
    const { model, requests } = scripted(steps, { totalMs: 300, idleMs: 5_000 });
    const { chunks, error } = await read(model, requestOf());
    expect(error).toMatchObject({ code: "model_timeout" });
    expect(join(chunks, "text")).toMatch(/^a+$/);
    await expect.poll(() => requests()[0]?.aborted).toBe(true);
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
