/** What the doors of OpenAI's API refuse, as their official client tells it. */
import { randomUUID } from "node:crypto";
import OpenAI from "openai";
import { describe, expect, inject, test } from "vitest";
import { ThreadPage } from "../../../src/protocol/api.ts";
import type { Person } from "../../e2e/person.ts";
import { failure, MODEL, newCaller, QUESTION, WEATHER } from "./official.ts";

describe("what is refused", () => {
  test("no credentials, and wrong ones", async () => {
    const baseURL = `${inject("demoUrl")}/v1`;
    const openai = new OpenAI({ baseURL, apiKey: "apx_key_wrong", maxRetries: 0 });
    const error = await failure(openai.models.list());
    expect(error).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(error).toMatchObject({ type: "authentication_error", code: "token_invalid" });
    const unsigned = await fetch(`${baseURL}/chat/completions`, { method: "POST", body: "{}" });
    expect(await unsigned.json()).toMatchObject({
      status: 401,
      error: { code: "unauthenticated" },
    });
  });

  test("an unknown model, by the code that clients look for", async () => {
    const { openai } = await newCaller(inject("demoUrl"));
    const request = { model: "gpt-none", messages: [QUESTION] };
    const asks: readonly (() => Promise<unknown>)[] = [
      () => openai.chat.completions.create(request),
      () => openai.models.retrieve("gpt-none"),
    ];
    for (const ask of asks) {
      const error = await failure(ask());
      expect(error).toBeInstanceOf(OpenAI.NotFoundError);
      expect(error).toMatchObject({ code: "model_not_found", param: "model" });
    }
  });

  test("another user's thread, just as one that is not there", async () => {
    const [ada, bob] = [await newCaller(inject("demoUrl")), await newCaller(inject("demoUrl"))];
    const theirs = await bob.person.newThread();
    const errors = await Promise.all(
      [theirs, randomUUID()].map((id) =>
        failure(
          ada.openai.chat.completions.create(
            { model: MODEL, messages: [QUESTION] },
            { headers: { "X-Apex-Thread-Id": id } },
          ),
        ),
      ),
    );
    for (const error of errors) expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    expect(errors[0]).toMatchObject({ code: "not_found", message: String(message(errors[1])) });
  });

  test("a function named like a tool of ours, a forced one that is not there, pictures, and several answers", async () => {
    const { openai, person } = await newCaller(inject("demoUrl"));
    const named = { type: "function" as const, function: { ...WEATHER, name: "usage_summary" } };
    const picture = { type: "image_url" as const, image_url: { url: "https://example.com/a.png" } };
    const wrong = [
      { tools: [named] },
      { tool_choice: "required" as const },
      { n: 2 },
      { messages: [{ role: "user" as const, content: [picture] }] },
      { messages: [{ role: "assistant" as const, content: "I begin." }] },
      { stop: ["."] },
    ];
    for (const each of wrong) {
      const request = openai.chat.completions.create({
        model: MODEL,
        messages: [QUESTION],
        ...each,
      });
      const error = await failure(request);
      expect(error).toBeInstanceOf(OpenAI.UnprocessableEntityError);
      expect(error).toMatchObject({ type: "invalid_request_error", param: expect.any(String) });
    }
    expect(await threadsOf(person)).toEqual([]);
  });

  test("under a name for its thread, at whatever door: that is free again, and no thread is left", async () => {
    const { openai, person } = await newCaller(inject("demoUrl"));
    const taken = { ...WEATHER, name: "usage_summary" };
    const tools = [{ type: "function" as const, function: taken }];
    const key = { headers: { "Idempotency-Key": randomUUID() } };
    const ask = (more: object) =>
      openai.chat.completions.create({ model: MODEL, messages: [QUESTION], ...more }, key);
    const error = await failure(ask({ tools }));
    const id = randomUUID();
    const statuses = await Promise.all(
      ([true, false] as const).flatMap((isRefused) => [
        person.request("POST", "/ag-ui", {
          ...{ threadId: `ag-ui-${isRefused}`, runId: id, state: {}, context: [] },
          ...{ messages: [{ id, ...QUESTION }], tools: isRefused ? [taken] : [] },
        }),
        person.request("POST", "/api/ai-sdk/chat", {
          id: `ai-sdk-${isRefused}`,
          messages: [{ id, role: "user", parts: [{ type: "text", text: QUESTION.content }] }],
          ...(isRefused && { tools: [taken] }),
        }),
      ]),
    );
    const left = await threadsOf(person);

    expect(error).toBeInstanceOf(OpenAI.UnprocessableEntityError);
    expect(statuses.map(({ status }) => status)).toEqual([422, 422, 200, 200]);
    expect(left.map(({ metadata }) => metadata.client_thread_id).toSorted()).toEqual([
      "ag-ui-false",
      "ai-sdk-false",
    ]);
    expect((await ask({})).choices).toHaveLength(1);
    expect(await threadsOf(person)).toHaveLength(3);
  });

  test("bodies that are no JSON, of another type, or too large", async () => {
    const { person } = await newCaller(inject("demoUrl"));
    const send = (body: string, type = "application/json") =>
      fetch(`${person.url}/v1/chat/completions`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${person.credentials.access_token}`,
          "content-type": type,
        },
        body,
      });
    const answers = await Promise.all([
      send("{"),
      send("{}", "text/plain"),
      send(JSON.stringify({ model: "x".repeat(5_000_000) })),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([400, 415, 413]);
    for (const answer of answers) {
      expect(answer.headers.get("content-type")).toContain("application/problem+json");
      expect(await answer.json()).toMatchObject({ error: { type: "invalid_request_error" } });
    }
  });

  test("traces of OpenTelemetry are refused in their own words", async () => {
    const answer = await fetch(`${inject("demoUrl")}/v1/traces`, { method: "POST", body: "{}" });
    expect(await answer.json()).not.toHaveProperty("error");
  });
});

async function threadsOf(person: Person) {
  return ThreadPage.parse(await (await person.request("GET", "/api/threads")).json()).data;
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : "";
}
