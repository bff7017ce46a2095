/** Responses by the official client of OpenAI, whose stream refuses every event that it does not know. */
import { randomUUID } from "node:crypto";
import OpenAI from "openai";
import { describe, expect, inject, test } from "vitest";
import { modelRequests, scriptModel } from "../../e2e/model-script.ts";
import { ASKS_WEATHER, failure, gathered, MODEL, newCaller, WEATHER } from "./official.ts";

const QUESTION = "How many requests did we make in the last 7 days?";
const tools = [{ type: "function" as const, strict: false, ...WEATHER }];

describe("a response", () => {
  test("holds thoughts, our tools and the text, in one piece and when it is retrieved", async () => {
    const { openai } = await newCaller(inject("demoUrl"));
    const made = await openai.responses.create({ model: MODEL, input: QUESTION });
    expect(made).toMatchObject({ status: "completed", model: MODEL, object: "response" });
    expect(new Set(made.output.map(({ type }) => type))).toEqual(
      new Set(["reasoning", "mcp_call", "message"]),
    );
    expect(made.output.find(({ type }) => type === "mcp_call")).toMatchObject({
      name: "usage_summary",
      server_label: "apex-edge",
      status: "completed",
      output: expect.stringContaining("summary"),
    });
    expect(made.output_text.length).toBeGreaterThan(0);
    expect(made.usage?.total_tokens).toBeGreaterThan(0);
    const again = await openai.responses.retrieve(made.id);
    expect(again.output).toEqual(made.output);
  });

  test("streams into the same, and is followed again from its beginning", async () => {
    const { openai } = await newCaller(inject("demoUrl"));
    const stream = openai.responses.stream({ model: MODEL, input: QUESTION });
    let text = "";
    stream.on("response.output_text.delta", ({ delta }) => {
      text += delta;
    });
    const final = await stream.finalResponse();
    expect(final.output_text).toBe(text);
    expect(final.status).toBe("completed");
    const resumed = openai.responses.stream({ response_id: final.id, starting_after: 3 });
    const events = await gathered(resumed);
    expect(events.every(({ sequence_number }) => sequence_number > 3)).toBe(true);
    expect((await resumed.finalResponse()).output_text).toBe(text);
  });

  test("goes on after another of the same user, and of nobody else", async () => {
    await scriptModel([{ text: "Good day, Ada." }, { text: "Ada." }]);
    const [ada, bob] = [await newCaller(inject("openaiUrl")), await newCaller(inject("openaiUrl"))];
    const first = await ada.openai.responses.create({ model: MODEL, input: "My name is Ada." });
    const next = { model: MODEL, input: "Who am I?", previous_response_id: first.id };
    const second = await ada.openai.responses.create(next);
    expect(second).toMatchObject({ output_text: "Ada.", previous_response_id: first.id });
    const { messages } = (await modelRequests()).at(-1)?.body ?? { messages: [] };
    expect(messages.slice(1).map(({ content }) => content)).toEqual([
      "My name is Ada.",
      "Good day, Ada.",
      "Who am I?",
    ]);
    const asks: readonly (() => Promise<unknown>)[] = [
      () => bob.openai.responses.create(next),
      () => bob.openai.responses.retrieve(first.id),
      () => bob.openai.responses.cancel(first.id),
      () => ada.openai.responses.retrieve(`resp_${randomUUID()}.1`),
    ];
    for (const ask of asks) expect(await failure(ask())).toBeInstanceOf(OpenAI.NotFoundError);
  });

  test("asks for a function of the caller's, and goes on with its result alone", async () => {
    const { openai } = await newCaller(inject("demoUrl"));
    const first = await openai.responses
      .stream({ model: MODEL, input: ASKS_WEATHER, tools })
      .finalResponse();
    const asked = first.output.find((item) => item.type === "function_call");
    if (asked === undefined) throw new Error("No call was made.");
    expect(asked).toMatchObject({ name: "get_weather", arguments: '{"city":"Paris"}' });
    const output = [
      {
        type: "function_call_output" as const,
        call_id: asked.call_id,
        output: "sunny, 21 degrees",
      },
    ];
    const second = await openai.responses.create({
      model: MODEL,
      input: output,
      previous_response_id: first.id,
      tools,
    });
    expect(second.output_text).toContain("sunny, 21 degrees");
    const calls = first.output.filter((item) => item.type === "function_call");
    const whole = await openai.responses.create({
      model: MODEL,
      input: [{ role: "user", content: ASKS_WEATHER }, ...calls, ...output],
      tools,
    });
    expect(whole.output_text).toContain("sunny, 21 degrees");
  });

  test("that fails says so, and one that is cancelled is cut short", async () => {
    const fails = Array.from({ length: 4 }, () => ({ status: 400, body: '{"error":{}}' }));
    await scriptModel(fails);
    const { openai } = await newCaller(inject("openaiUrl"));
    const failed = await openai.responses.create({ model: MODEL, input: QUESTION });
    expect(failed).toMatchObject({ status: "failed", error: { code: "server_error" } });

    await scriptModel([{ text: "A long answer that nobody waits for.", piece: 4, pace_ms: 300 }]);
    const stream = await openai.responses.create({ model: MODEL, input: QUESTION, stream: true });
    let id = "";
    let end = "";
    for await (const event of stream) {
      if (event.type === "response.created") id = event.response.id;
      if (event.type === "response.output_item.added" && event.item.type === "message") {
        await openai.responses.cancel(id);
      }
      end = event.type;
    }
    expect(end).toBe("response.incomplete");
    expect((await openai.responses.retrieve(id)).status).toBe("cancelled");
  });

  test("that its client leaves goes on, and is followed from where it was left", async () => {
    await scriptModel([{ text: "Slowly but surely the answer comes.", piece: 4, pace_ms: 100 }]);
    const before = (await modelRequests()).length;
    const { openai } = await newCaller(inject("openaiUrl"));
    const left = await openai.responses.create({ model: MODEL, input: QUESTION, stream: true });
    let id = "";
    let seen = 0;
    for await (const event of left) {
      if (event.type === "response.created") id = event.response.id;
      seen = event.sequence_number;
      if (event.type === "response.output_text.delta") break;
    }
    expect(await openai.responses.retrieve(id)).toMatchObject({ status: "in_progress" });
    const resumed = openai.responses.stream({ response_id: id, starting_after: seen });
    const events = await gathered(resumed);
    expect(events[0]?.sequence_number).toBe(seen + 1);
    expect((await resumed.finalResponse()).output_text).toBe("Slowly but surely the answer comes.");
    expect(await modelRequests()).toHaveLength(before + 1);
  });

  test("of one user is made beside that of another, and neither has anything of the other", async () => {
    const callers = await Promise.all([1, 2].map(() => newCaller(inject("demoUrl"))));
    const said = ["How many requests last week?", "Which model is cheaper?"];
    const made = await Promise.all(
      callers.map(({ openai }, index) =>
        openai.responses.stream({ model: MODEL, input: said[index] ?? "" }).finalResponse(),
      ),
    );
    for (const [index, { openai }] of callers.entries()) {
      const [own, other] = [made[index]?.id ?? "", made[1 - index]?.id ?? ""];
      expect((await openai.responses.retrieve(own)).output_text).toBe(made[index]?.output_text);
      expect(await failure(openai.responses.retrieve(other))).toBeInstanceOf(OpenAI.NotFoundError);
    }
    expect(made[0]?.output_text).not.toBe(made[1]?.output_text);
  });

  test("is refused to who is nobody, and of a model that is none, by the errors that clients know", async () => {
    const { openai } = await newCaller(inject("demoUrl"));
    const nobody = openai.withOptions({ apiKey: "apx_key_wrong" });
    const denied = await failure(nobody.responses.create({ model: MODEL, input: QUESTION }));
    expect(denied).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(denied).toMatchObject({ type: "authentication_error", code: "token_invalid" });
    const unknown = await failure(openai.responses.create({ model: "gpt-none", input: QUESTION }));
    expect(unknown).toBeInstanceOf(OpenAI.NotFoundError);
    expect(unknown).toMatchObject({ code: "model_not_found", param: "model" });
  });

  test("is refused for what is not served here, with the field at fault", async () => {
    const { openai } = await newCaller(inject("demoUrl"));
    const wrong = [
      { background: true },
      { conversation: "conv_1" },
      { tool_choice: "required" as const },
      { max_tool_calls: 1 },
      {
        tools: [
          {
            ...tools[0],
            type: "function" as const,
            strict: false,
            name: "delegate",
            parameters: {},
          },
        ],
      },
      { input: [{ type: "item_reference" as const, id: "x" }] },
    ];
    for (const each of wrong) {
      const error = await failure(
        openai.responses.create({ model: MODEL, input: QUESTION, ...each }),
      );
      expect(error).toBeInstanceOf(OpenAI.UnprocessableEntityError);
      expect(error).toMatchObject({ param: expect.any(String) });
    }
  });
});
