/** The AI SDK's provider for compatible endpoints: text, streams and tools, with no change but the address. */
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, generateText, isStepCount, streamText, tool } from "ai";
import { expect, inject, test } from "vitest";
import { z } from "zod";
import { newPerson } from "../../e2e/person.ts";
import { ASKS_WEATHER, failure } from "./official.ts";

const QUESTION = "How many requests did we make in the last 7 days?";

async function newProvider() {
  const { credentials } = await newPerson(inject("demoUrl"));
  const baseURL = `${inject("demoUrl")}/v1`;
  const apiKey = credentials.access_token;
  return createOpenAICompatible({ name: "apex", baseURL, apiKey, includeUsage: true });
}

test("generates text, with usage", async () => {
  const apex = await newProvider();
  const { text, usage, finishReason } = await generateText({
    model: apex("apex-supervisor"),
    prompt: QUESTION,
  });
  expect(text.length).toBeGreaterThan(0);
  expect(usage.totalTokens).toBeGreaterThan(0);
  expect(finishReason).toBe("stop");
});

test("streams text", async () => {
  const apex = await newProvider();
  const { textStream, finishReason } = streamText({
    model: apex("apex-data"),
    prompt: QUESTION,
  });
  let text = "";
  for await (const piece of textStream) text += piece;
  expect(text.length).toBeGreaterThan(0);
  expect(await finishReason).toBe("stop");
});

test("executes its own tool, and answers with the result", async () => {
  const apex = await newProvider();
  const { text, steps } = await generateText({
    model: apex("apex-supervisor"),
    prompt: ASKS_WEATHER,
    stopWhen: isStepCount(3),
    tools: {
      get_weather: tool({
        description: "The weather of a city.",
        inputSchema: z.object({ city: z.string() }),
        execute: async ({ city }) => `${city} is sunny`,
      }),
    },
  });
  expect(steps).toHaveLength(2);
  expect(text).toContain("Paris is sunny");
});

test("tells an unknown model by its error", async () => {
  const apex = await newProvider();
  const error = await failure(
    generateText({ model: apex("gpt-none"), prompt: QUESTION, maxRetries: 0 }),
  );
  expect(APICallError.isInstance(error)).toBe(true);
  expect(error).toMatchObject({ statusCode: 404 });
});
