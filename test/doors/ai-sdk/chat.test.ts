/** The AI SDK's own transport: what `useChat` sends and reads, against the product. */
import { randomUUID } from "node:crypto";
import type { UIMessage, UIMessageChunk } from "ai";
import { describe, expect, inject, test } from "vitest";
import { scriptModel } from "../../e2e/model-script.ts";
import { newPerson, type Person } from "../../e2e/person.ts";
import { failure } from "../openai/official.ts";
import { asked, shown, textOf, transportOf } from "./official.ts";

const QUESTION = "How many requests did we make in the last 7 days?";
const WEATHER = { name: "get_weather", parameters: { type: "object" } };

function send(
  person: Person,
  chatId: string,
  messages: UIMessage[],
  more: { trigger?: "submit-message" | "regenerate-message"; body?: object } = {},
) {
  const { trigger = "submit-message", body } = more;
  return transportOf(person).sendMessages({
    trigger,
    chatId,
    messageId: undefined,
    messages,
    abortSignal: undefined,
    ...(body !== undefined && { body }),
  });
}

/** Stops the run that a stream began with, by the id that its first chunk has. */
async function stopRunOf(person: Person, first: UIMessageChunk | undefined): Promise<void> {
  const { run_id } = Object(first?.type === "start" ? first.messageMetadata : {});
  expect((await person.request("POST", `/api/runs/${run_id}/cancel`)).status).toBe(202);
}

describe("a chat", () => {
  test("shows thoughts, our tools as executed elsewhere, and the answer, in a thread that keeps it", async () => {
    const person = await newPerson(inject("demoUrl"));
    const message = await shown(await send(person, randomUUID(), [asked(QUESTION)]));
    expect(message.parts).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ type: "reasoning", state: "done" }),
        expect.objectContaining({
          type: "dynamic-tool",
          toolName: "usage_summary",
          state: "output-available",
          providerExecuted: true,
        }),
      ]),
    );
    const { thread_id } = Object(message.metadata);
    expect((await person.history(thread_id)).map(({ content }) => content)).toEqual([
      QUESTION,
      textOf(message),
    ]);
  });

  test("goes on under the same id, takes a message once, and has one answered anew in its place", async () => {
    await scriptModel([{ text: "One." }, { text: "Two." }, { text: "Two, again." }]);
    const person = await newPerson(inject("openaiUrl"));
    const chat = `my own / chat? ${randomUUID()} ✓`;
    const first = asked("First?");
    const one = await shown(await send(person, chat, [first]));
    const again = await shown(await send(person, chat, [first]));
    expect([textOf(one), textOf(again)]).toEqual(["One.", "One."]);
    const said = [first, one, asked("Second?")];
    expect(textOf(await shown(await send(person, chat, said)))).toBe("Two.");
    const anew = await send(person, chat, said, { trigger: "regenerate-message" });
    expect(textOf(await shown(anew))).toBe("Two, again.");
    const { thread_id } = Object(one.metadata);
    expect((await person.history(thread_id)).map(({ content }) => content)).toEqual([
      "First?",
      "One.",
      "Second?",
      "Two, again.",
    ]);
  });

  test("is joined again while its run is under way, and only then", async () => {
    await scriptModel([{ text: "Slowly but surely it comes.", piece: 4, pace_ms: 300 }]);
    const person = await newPerson(inject("openaiUrl"));
    const transport = transportOf(person);
    const chatId = randomUUID();
    expect(await transport.reconnectToStream({ chatId })).toBeNull();
    const left = (await send(person, chatId, [asked("Well?")])).getReader();
    for (let read = await left.read(); read.value?.type !== "text-delta"; ) {
      read = await left.read();
    }
    await left.cancel();
    const joined = await transport.reconnectToStream({ chatId });
    if (joined === null) throw new Error("Nothing was under way.");
    expect(textOf(await shown(joined))).toBe("Slowly but surely it comes.");
    expect(await transport.reconnectToStream({ chatId })).toBeNull();
  });

  test("has a tool of the page's own called, and goes on with what it gave", async () => {
    const person = await newPerson(inject("demoUrl"));
    const chat = randomUUID();
    const question = asked('Ask get_weather {"city":"Paris"} for me.');
    const more = { body: { tools: [WEATHER] } };
    const first = await shown(await send(person, chat, [question], more));
    const call = first.parts.find(({ type }) => type === "tool-get_weather");
    expect(call).toMatchObject({ state: "input-available", input: { city: "Paris" } });
    const executed: UIMessage = {
      ...first,
      parts: first.parts.map((part) =>
        part.type === "tool-get_weather" && "toolCallId" in part
          ? {
              type: "tool-get_weather",
              toolCallId: part.toolCallId,
              state: "output-available",
              input: part.input,
              output: "Paris is sunny",
            }
          : part,
      ),
    };
    const second = await shown(await send(person, chat, [question, executed], more));
    expect(textOf(second)).toContain("Paris is sunny");
  });

  test("of one user is nothing to another who uses the same id", async () => {
    const [ada, bob] = [await newPerson(inject("demoUrl")), await newPerson(inject("demoUrl"))];
    const chat = randomUUID();
    const [hers, his] = await Promise.all(
      [ada, bob].map(async (person) => shown(await send(person, chat, [asked(QUESTION)]))),
    );
    const threads = [hers, his].map((message) => Object(message?.metadata).thread_id);
    expect(threads[0]).not.toBe(threads[1]);
    const taken = await shown(await send(bob, threads[0], [asked(QUESTION)]));
    expect(Object(taken.metadata).thread_id).not.toBe(threads[0]);
    expect(await ada.history(threads[0])).toHaveLength(2);
  });

  test("whose run fails says why", async () => {
    await scriptModel(Array.from({ length: 4 }, () => ({ status: 400, body: '{"error":{}}' })));
    const person = await newPerson(inject("openaiUrl"));
    const stream = await send(person, randomUUID(), [asked("Well?")]);
    const run = await failure(shown(stream));
    expect(run).toMatchObject({ message: expect.stringContaining("model") });
    await scriptModel([]);
  });

  test("that is cancelled ends as it stands, for every page that shows it", async () => {
    await scriptModel([{ text: "A long answer that nobody waits for.", piece: 4, pace_ms: 300 }]);
    const person = await newPerson(inject("openaiUrl"));
    const chatId = randomUUID();
    const pages = [await send(person, chatId, [asked("Well?")])];
    const other = await transportOf(person).reconnectToStream({ chatId });
    if (other === null) throw new Error("Nothing was under way.");
    const types = await Promise.all(
      [...pages, other].map(async (stream) => {
        const chunks: UIMessageChunk[] = [];
        for await (const chunk of stream) {
          chunks.push(chunk);
          if (chunk.type === "text-start") await stopRunOf(person, chunks[0]);
        }
        return chunks.map(({ type }) => type);
      }),
    );
    for (const each of types) expect(each.slice(-2)).toEqual(["text-end", "abort"]);
  });

  test("is refused without credentials, a question, or an id that can be kept", async () => {
    const person = await newPerson(inject("demoUrl"));
    const message = asked("Well?");
    const bodies: readonly [unknown, number][] = [
      [{ id: "chat", messages: [] }, 422],
      [{ id: "", messages: [message] }, 422],
      [{ id: "a\u0000b", messages: [message] }, 422],
      [{ id: "x".repeat(501), messages: [message] }, 422],
      [{ id: "chat", messages: [{ ...message, role: "tool" }] }, 422],
      [{ id: "chat", messages: [{ ...message, parts: [] }] }, 422],
      [{ id: "chat", messages: [message], tools: [{ name: "delegate" }] }, 422],
      [{ id: "chat", messages: [message], agent: "nobody" }, 422],
    ];
    for (const [body, status] of bodies) {
      expect((await person.request("POST", "/api/ai-sdk/chat", body)).status).toBe(status);
    }
    const unsigned = await fetch(`${person.url}/api/ai-sdk/chat`, { method: "POST" });
    expect(unsigned.status).toBe(401);
    // What the page shows of it is the problem, whole.
    const nobody = { ...person, credentials: { ...person.credentials, access_token: "wrong" } };
    const refused = await failure(send(nobody, "chat", [message]));
    expect(refused).toMatchObject({ message: expect.stringContaining('"token_invalid"') });
  });
});
