/** Functions of the caller's own in chat completions: asked for, executed by the caller, and answered with. */
import OpenAI from "openai";
import { describe, expect, inject, test } from "vitest";
import { ASKS_WEATHER, failure, MODEL, newCaller, QUESTION, user, WEATHER } from "./official.ts";

const tools = [{ type: "function" as const, function: WEATHER }];

describe("a function of the caller's", () => {
  test("is asked for, and its result goes into the answer, by a transcript", async () => {
    const { openai } = await newCaller(inject("demoUrl"));
    const first = await openai.chat.completions.create({
      model: MODEL,
      messages: [user(ASKS_WEATHER)],
      tools,
    });
    const [choice] = first.choices;
    expect(choice).toMatchObject({ finish_reason: "tool_calls", message: { content: null } });
    const [asked] = choice?.message.tool_calls ?? [];
    if (choice === undefined || asked?.type !== "function") throw new Error("No call was made.");
    expect(asked.function).toEqual({ name: "get_weather", arguments: '{"city":"Paris"}' });
    const second = await openai.chat.completions.create({
      model: MODEL,
      messages: [
        user(ASKS_WEATHER),
        choice.message,
        { role: "tool", tool_call_id: asked.id, content: "sunny, 21 degrees" },
      ],
      tools,
    });
    expect(second.choices[0]).toMatchObject({ finish_reason: "stop" });
    expect(second.choices[0]?.message.content).toContain("sunny, 21 degrees");
  });

  test("is asked for in a stream, and goes on in the thread that asked", async () => {
    const { openai, person } = await newCaller(inject("demoUrl"));
    const thread = await person.newThread();
    const options = { headers: { "X-Apex-Thread-Id": thread } };
    const runner = openai.chat.completions.runTools(
      {
        model: MODEL,
        stream: true,
        messages: [user(ASKS_WEATHER)],
        tools: [
          {
            type: "function",
            function: {
              ...WEATHER,
              parse: JSON.parse,
              function: ({ city }: { city: string }) => `${city} is sunny`,
            },
          },
        ],
      },
      options,
    );
    expect(await runner.finalContent()).toContain("Paris is sunny");
    const history = await person.history(thread);
    expect(history.map(({ role }) => role)).toEqual(["user", "assistant"]);
    expect(history[1]?.content).toContain("Paris is sunny");
  });

  test("whose result nobody waits for is refused", async () => {
    const { openai, person } = await newCaller(inject("demoUrl"));
    const call = { id: "made-up", type: "function" as const };
    const error = await failure(
      openai.chat.completions.create(
        {
          model: MODEL,
          messages: [
            QUESTION,
            {
              role: "assistant",
              tool_calls: [{ ...call, function: { name: "get_weather", arguments: "{}" } }],
            },
            { role: "tool", tool_call_id: "made-up", content: "sunny" },
          ],
        },
        { headers: { "X-Apex-Thread-Id": await person.newThread() } },
      ),
    );
    expect(error).toBeInstanceOf(OpenAI.UnprocessableEntityError);
  });
});
