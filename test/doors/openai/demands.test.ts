/** What OpenAI's client can insist on: a call of its function, and JSON, checked, mended once, or refused. */
import OpenAI from "openai";
import type { ResponseStreamEvent } from "openai/resources/responses/responses";
import { describe, expect, inject, test } from "vitest";
import { Ledger } from "../../../src/protocol/budget.ts";
import { ThreadId } from "../../../src/protocol/ids.ts";
import { modelRequests, scriptModel } from "../../e2e/model-script.ts";
import type { Person } from "../../e2e/person.ts";
import { eventually } from "../../e2e/within.ts";
import { failure, gathered, MODEL, newCaller, WEATHER } from "./official.ts";

const QUESTION = "Which team costs most?";
const messages = [{ role: "user" as const, content: QUESTION }];
const TIME = { ...WEATHER, name: "get_time" };
const SCHEMA = {
  type: "object",
  properties: { team: { type: "string" } },
  required: ["team"],
  additionalProperties: false,
};
const GOOD = '{"team":"search"}';
const chatFormat = {
  type: "json_schema" as const,
  json_schema: { name: "team", schema: SCHEMA, strict: true },
};
const textFormat = { type: "json_schema" as const, name: "team", schema: SCHEMA, strict: true };

async function ledgerOf(person: Person): Promise<Ledger> {
  return Ledger.parse(await (await person.request("GET", "/api/account/ledger")).json());
}

/** @returns the id of a response that has just begun; its stream is left there. */
async function firstId(stream: AsyncIterable<ResponseStreamEvent>): Promise<string> {
  for await (const event of stream) if (event.type === "response.created") return event.response.id;
  throw new Error("It never began.");
}

describe("a function that has to be called", () => {
  const tools = [WEATHER, TIME].map((each) => ({ type: "function" as const, function: each }));

  test("is called by a question that does not ask for it, and nothing of ours runs", async () => {
    const { openai } = await newCaller(inject("demoUrl"));
    const named = { type: "function" as const, function: { name: TIME.name } };
    for (const [tool_choice, called] of [
      ["required", WEATHER.name],
      [named, TIME.name],
    ] as const) {
      const { choices } = await openai.chat.completions.create({
        ...{ model: MODEL, messages, tools, tool_choice },
      });
      const [call] = choices[0]?.message.tool_calls ?? [];

      expect(choices[0]?.finish_reason).toBe("tool_calls");
      expect(call).toMatchObject({ type: "function", function: { name: called } });
    }
  });

  test("is the one thing that the model is offered, and is told to call", async () => {
    await scriptModel([{ tool_calls: [{ name: TIME.name, arguments: { city: "Paris" } }] }]);
    const { openai } = await newCaller(inject("openaiUrl"));
    const made = await openai.responses.create({
      model: MODEL,
      input: QUESTION,
      tools: [WEATHER, TIME].map((each) => ({ type: "function", strict: false, ...each })),
      tool_choice: { type: "function", name: TIME.name },
    });
    const { body } = (await modelRequests()).at(-1) ?? {};

    expect(made.output.filter(({ type }) => type === "function_call")).toHaveLength(1);
    expect(body?.tool_choice).toBe("required");
    expect(body?.tools.map((tool) => tool.function.name)).toEqual([TIME.name]);
  });
});

describe("an answer that has to be JSON", () => {
  test("is told as soon as it is some, without the fence around it, and the agent knows the schema", async () => {
    await scriptModel([{ text: `\`\`\`json\n${GOOD}\n\`\`\`` }]);
    const { openai } = await newCaller(inject("openaiUrl"));
    const made = await openai.chat.completions.create({
      ...{ model: MODEL, messages, response_format: chatFormat },
    });
    const [system] = (await modelRequests()).at(-1)?.body.messages ?? [];

    expect(made.choices[0]?.message.content).toBe(GOOD);
    expect(String(system?.content)).toContain("additionalProperties");
  });

  test("is mended once, in its place, and both calls are counted", async () => {
    await scriptModel([{ text: "It is search." }, { text: GOOD }]);
    const before = (await modelRequests()).length;
    const { openai, person } = await newCaller(inject("openaiUrl"));
    const { data, response } = await openai.chat.completions
      .create({ model: MODEL, messages, response_format: chatFormat })
      .withResponse();
    const thread = ThreadId.parse(response.headers.get("x-apex-thread-id"));
    const asked = (await modelRequests()).slice(before).map(({ body }) => body.messages);
    const entries = await eventually(
      async () => {
        const { data: told } = await ledgerOf(person);
        return told.length === 2 ? told : undefined;
      },
      () => "not two entries in the ledger",
    );

    expect(data.choices[0]?.message.content).toBe(GOOD);
    expect((await person.history(thread)).map(({ content }) => content)).toEqual([QUESTION, GOOD]);
    expect(asked).toHaveLength(2);
    expect(asked[1]?.slice(1).map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
    expect(data.usage?.prompt_tokens).toBe(
      entries.reduce((sum, { usage }) => sum + usage.input_tokens, 0),
    );
  });

  test("is streamed whole once it is some: nobody sees what was of no use", async () => {
    await scriptModel([{ text: "It is search." }, { text: GOOD }]);
    const { openai } = await newCaller(inject("openaiUrl"));
    const stream = openai.responses.stream({
      ...{ model: MODEL, input: QUESTION, text: { format: textFormat } },
    });
    const deltas: string[] = [];
    stream.on("response.output_text.delta", ({ delta }) => void deltas.push(delta));
    const final = await stream.finalResponse();

    expect(deltas).toEqual([GOOD]);
    expect(final).toMatchObject({ status: "completed", output_text: GOOD });
    expect(final.text?.format).toMatchObject({ type: "json_schema", name: "team" });
  });

  test("and is none twice is an error that says why, in one piece and in a stream", async () => {
    const bad = { text: '{"group":"search"}' };
    await scriptModel([bad, bad, bad, bad, bad, bad]);
    const { openai } = await newCaller(inject("openaiUrl"));
    const request = { model: MODEL, messages, response_format: chatFormat };
    const whole = await failure(openai.chat.completions.create(request));
    const stream = await openai.chat.completions.create({ ...request, stream: true });
    const broken = await failure(gathered(stream));
    const response = await openai.responses.create({
      ...{ model: MODEL, input: QUESTION, text: { format: textFormat } },
    });

    for (const error of [whole, broken]) {
      expect(error).toBeInstanceOf(OpenAI.APIError);
      expect(error).toMatchObject({
        code: "model_unavailable",
        message: expect.stringContaining("team"),
      });
    }
    expect(response).toMatchObject({ status: "failed", output_text: "" });
    await scriptModel([]);
  });

  test("is retrieved as it was told: out of its fence, or mended, with all that was said of it", async () => {
    await scriptModel([
      { text: `\`\`\`json\n${GOOD}\n\`\`\`` },
      { text: "It is search." },
      { text: GOOD },
    ]);
    const { openai } = await newCaller(inject("openaiUrl"));
    const ask = (previous_response_id: string | null) =>
      openai.responses.create({
        ...{ model: MODEL, input: QUESTION, text: { format: textFormat } },
        ...{ previous_response_id, metadata: { of: "mine" } },
      });
    const fenced = await ask(null);
    const mended = await ask(fenced.id);

    for (const made of [fenced, mended]) {
      expect(made).toMatchObject({ output_text: GOOD, metadata: { of: "mine" } });
      expect(await openai.responses.retrieve(made.id)).toEqual(made);
      const followed = openai.responses.stream({ response_id: made.id, starting_after: 1 });
      expect((await followed.finalResponse()).output).toMatchObject(made.output);
    }
    expect(mended.previous_response_id).toBe(fenced.id);
  });

  test("is retrieved, cancelled and gone on from while it is being mended", async () => {
    await scriptModel([{ text: "It is search." }, { text: GOOD, hang: "after_content" }]);
    const before = (await modelRequests()).length;
    const { openai } = await newCaller(inject("openaiUrl"));
    const stream = await openai.responses.create({
      ...{ model: MODEL, input: QUESTION, text: { format: textFormat }, stream: true },
    });
    const [first, all] = stream.tee();
    const [id, events] = [await firstId(first), gathered(all)];
    await eventually(
      async () => ((await modelRequests()).length === before + 2 ? true : undefined),
      () => "nothing was asked for once more",
    );
    expect(await openai.responses.retrieve(id)).toMatchObject({ status: "in_progress" });
    expect(await openai.responses.cancel(id)).toMatchObject({ id, status: "cancelled" });
    expect((await events).at(-1)).toMatchObject({ type: "response.incomplete" });
    expect(await openai.responses.retrieve(id)).toMatchObject({ status: "cancelled" });
    await scriptModel([{ text: "It was search." }]);
    const next = { model: MODEL, input: "And last month?", previous_response_id: id };
    expect((await openai.responses.create(next)).output_text).toBe("It was search.");
  });

  test("is mended though its client has left, and is there for who comes back", async () => {
    await scriptModel([{ text: "It is search.", piece: 4, pace_ms: 100 }, { text: GOOD }]);
    const before = (await modelRequests()).length;
    const { openai } = await newCaller(inject("openaiUrl"));
    const stream = await openai.responses.create({
      ...{ model: MODEL, input: QUESTION, text: { format: textFormat }, stream: true },
    });
    const id = await firstId(stream);
    await eventually(
      async () => ((await modelRequests()).length === before + 2 ? true : undefined),
      () => "nothing was asked for once more",
    );

    const followed = openai.responses.stream({ response_id: id, starting_after: 0 });
    expect(await followed.finalResponse()).toMatchObject({ status: "completed" });
    expect(await openai.responses.retrieve(id)).toMatchObject({
      status: "completed",
      output_text: GOOD,
    });
    expect(await modelRequests()).toHaveLength(before + 2);
  });

  test("of any shape is any object; a schema that cannot be kept is refused by its name", async () => {
    await scriptModel([{ text: '{"anything":[1]}' }]);
    const { openai } = await newCaller(inject("openaiUrl"));
    const made = await openai.chat.completions.create({
      ...{ model: MODEL, messages, response_format: { type: "json_object" } },
    });
    const schema = { $ref: "https://example.com/schema.json" };
    const error = await failure(
      openai.chat.completions.create({
        model: MODEL,
        messages,
        response_format: { type: "json_schema", json_schema: { name: "x", schema } },
      }),
    );

    expect(made.choices[0]?.message.content).toBe('{"anything":[1]}');
    expect(error).toBeInstanceOf(OpenAI.UnprocessableEntityError);
    expect(error).toMatchObject({ param: "response_format.json_schema.schema" });
  });
});
