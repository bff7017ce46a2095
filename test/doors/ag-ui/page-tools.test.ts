/** What a page brings to AG-UI: functions of its own that it executes, and the wish for another answer. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { z } from "zod";
import { ThreadPage } from "../../../src/protocol/api.ts";
import { modelRequests, scriptModel } from "../../e2e/model-script.ts";
import { newPerson, type Person } from "../../e2e/person.ts";
import { agentOf, answerOf, CLIENTS } from "./agents.ts";
import { copilot } from "./copilot.ts";

const QUESTION = "Which colour do I like?";
const PICK = {
  name: "pick_colour",
  description: "The colour that the page has set.",
  parameters: { type: "object", properties: { of: { type: "string" } } },
};
const ASKS = { tool_calls: [{ name: PICK.name, arguments: { of: "page" } }] };
const KNOWS = { text: "You like blue." };

let person: Person;

beforeAll(async () => {
  person = await newPerson(inject("openaiUrl"));
  // CopilotKit connects in a page alone, and takes this for one.
  vi.stubGlobal("window", { location: { origin: person.url, href: `${person.url}/` } });
});

afterAll(() => void vi.unstubAllGlobals());

const Calls = z.array(
  z.looseObject({ toolCalls: z.array(z.looseObject({ id: z.string() })).optional() }),
);

/** @returns the id of the last call among a client's messages. */
function lastCall(messages: unknown): string {
  const id = Calls.parse(messages)
    .findLast(({ toolCalls }) => toolCalls)
    ?.toolCalls?.at(-1)?.id;
  if (id === undefined) throw new Error("There is no call.");
  return id;
}

async function historyOf(clientThreadId: string) {
  const page = await (await person.request("GET", "/api/threads?limit=100")).json();
  const thread = ThreadPage.parse(page).data.find(
    ({ metadata }) => metadata.client_thread_id === clientThreadId,
  );
  return thread === undefined ? [] : await person.history(thread.id);
}

describe.each(CLIENTS)("@ag-ui/client %s", (client) => {
  test("executes a function of its page, and hears what the agent makes of the result", async () => {
    await scriptModel([ASKS, KNOWS]);
    const before = (await modelRequests()).length;
    const it = agentOf(person, { client, tools: [PICK] });
    await it.say(QUESTION);
    const result = { id: randomUUID(), toolCallId: lastCall(it.messages()), content: "blue" };

    expect(it.failures).toEqual([]);
    expect(it.types().filter((type) => type === "TOOL_CALL_START")).toHaveLength(1);
    expect(it.types()).not.toContain("TOOL_CALL_RESULT");
    expect(it.types().at(-1)).toBe("RUN_FINISHED");

    it.agent.addMessage({ role: "tool", ...result });
    await it.goOn();
    const asked = (await modelRequests()).slice(before);

    expect(it.failures).toEqual([]);
    expect(answerOf(it.messages())).toBe(KNOWS.text);
    expect(asked).toHaveLength(2);
    expect(asked[0]?.body.tools.map((tool) => tool.function.name)).toContain(PICK.name);
    expect(asked[1]?.body.messages.at(-1)).toMatchObject({ role: "tool", content: "blue" });
    expect((await historyOf(it.threadId)).map(({ content }) => content)).toEqual([
      QUESTION,
      KNOWS.text,
    ]);
  });

  test("that sends a result twice, or joins after it, asks the model no more", async () => {
    await scriptModel([ASKS, { ...KNOWS, piece: 2, pace_ms: 60 }]);
    const before = (await modelRequests()).length;
    const first = agentOf(person, { client, tools: [PICK] });
    await first.say(QUESTION);
    const toolCallId = lastCall(first.messages());
    first.agent.addMessage({ role: "tool", id: randomUUID(), toolCallId, content: "blue" });
    const { threadId } = first;
    const second = agentOf(person, {
      ...{ client, threadId, tools: [PICK], messages: first.messages() },
    });
    await Promise.all([first.goOn(), second.goOn()]);

    expect([...first.failures, ...second.failures]).toEqual([]);
    expect([first, second].map((it) => answerOf(it.messages()))).toEqual([KNOWS.text, KNOWS.text]);
    expect(await modelRequests()).toHaveLength(before + 2);
  });

  test("has the last question answered anew, as often as it likes, in the place of what was there", async () => {
    const answers = ["The first.", "The second.", "The third."];
    await scriptModel(answers.map((text) => ({ text })));
    const it = agentOf(person, { client });
    await it.say(QUESTION);
    const asked = it.agent.messages.filter(({ role }) => role === "user");
    for (const answer of answers.slice(1)) {
      it.agent.setMessages(JSON.parse(JSON.stringify(asked)));
      await it.goOn();
      expect(answerOf(it.messages())).toBe(answer);
    }

    expect(it.failures).toEqual([]);
    expect((await historyOf(it.threadId)).map(({ content }) => content)).toEqual([
      QUESTION,
      "The third.",
    ]);
  });
});

test("A function that is named like one of ours, or a result that is missing, is refused as a problem", async () => {
  await scriptModel([{ tool_calls: [...ASKS.tool_calls, ...ASKS.tool_calls] }]);
  const it = agentOf(person, { tools: [PICK] });
  await it.say(QUESTION);
  const toolCallId = lastCall(it.messages());
  const user = { id: "1", role: "user", content: QUESTION };
  const missing = await person.request("POST", "/ag-ui", {
    ...{ threadId: it.threadId, runId: "r" },
    messages: [user, { id: "2", role: "tool", toolCallId, content: "blue" }],
  });
  const named = await person.request("POST", "/ag-ui", {
    ...{ threadId: "another", runId: "r", messages: [user] },
    tools: [{ ...PICK, name: "usage_summary" }],
  });

  expect(missing.status).toBe(422);
  expect(await missing.json()).toMatchObject({ detail: expect.stringContaining("is missing") });
  expect(named.status).toBe(422);
  expect(await named.json()).toMatchObject({ errors: [{ field: "tools.0.name" }] });
});

describe("CopilotKit's core", () => {
  test("runs a tool of the page by itself, and shows what came of it", async () => {
    await scriptModel([ASKS, KNOWS]);
    const page = await copilot(person);
    const given: unknown[] = [];
    page.core.addTool({
      name: PICK.name,
      description: PICK.description,
      parameters: z.object({ of: z.string() }),
      handler: async (args) => {
        given.push(args);
        return "blue";
      },
    });
    await page.say(QUESTION);

    expect(page.errors).toEqual([]);
    expect(given).toEqual([{ of: "page" }]);
    expect(answerOf(page.agent.messages)).toBe(KNOWS.text);
  });

  test("regenerates an answer: the messages up to the question once more", async () => {
    await scriptModel([{ text: "The first." }, { text: "The second." }]);
    const page = await copilot(person);
    await page.say(QUESTION);
    page.agent.setMessages(page.agent.messages.filter(({ role }) => role === "user"));
    await page.core.runAgent({ agent: page.agent });
    const other = await copilot(person, page.threadId);
    await other.core.connectAgent({ agent: other.agent });

    expect([...page.errors, ...other.errors]).toEqual([]);
    expect(answerOf(page.agent.messages)).toBe("The second.");
    expect(JSON.stringify(other.agent.messages)).toContain("The second.");
    expect(JSON.stringify(other.agent.messages)).not.toContain("The first.");
  });
});
