/** CopilotKit's core, connected to the product alone: no server of its own between them. */
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { ThreadPage } from "../../../src/protocol/api.ts";
import { modelRequests, scriptModel } from "../../e2e/model-script.ts";
import { newPerson, type Person } from "../../e2e/person.ts";
import { eventually } from "../../e2e/within.ts";
import { answerOf } from "./agents.ts";
import { copilot } from "./copilot.ts";

const QUESTION = "Where does our money go, by team?";
const ANSWER = "Most of the money goes to the team search, as the records say.";
const SLOW = { text: ANSWER, piece: 4, pace_ms: 40 };

let person: Person;

beforeAll(async () => {
  person = await newPerson(inject("openaiUrl"));
  // It connects in a page alone, and takes this for one.
  vi.stubGlobal("window", { location: { origin: person.url, href: `${person.url}/` } });
});

afterAll(() => void vi.unstubAllGlobals());

/** A past answer is told when it was whole, after all that its run thought. */
function conversation({ messages }: { readonly messages: readonly { readonly id: string }[] }) {
  return messages.toSorted((a, b) => a.id.localeCompare(b.id));
}

test("It finds the agents, has one run, and another page is told all of the thread", async () => {
  await scriptModel([{ text: "The first answer." }, { text: "The second answer." }]);
  const first = await copilot(person);
  await first.say(QUESTION);
  await first.say("And by model?");
  const second = await copilot(person, first.threadId);
  await second.core.connectAgent({ agent: second.agent });

  expect([...first.errors, ...second.errors]).toEqual([]);
  expect(answerOf(first.agent.messages)).toBe("The second answer.");
  expect(conversation(second.agent)).toEqual(conversation(first.agent));
  expect(second.types.filter((type) => type === "RUN_STARTED")).toHaveLength(2);
});

test("A page that comes back in mid-run is told the run from its beginning to its end", async () => {
  await scriptModel([SLOW]);
  const before = (await modelRequests()).length;
  const first = await copilot(person);
  const said = first.say(QUESTION);
  await first.heard("TEXT_MESSAGE_CONTENT");
  const second = await copilot(person, first.threadId);
  await second.core.connectAgent({ agent: second.agent });
  await said;

  expect(answerOf(second.agent.messages)).toBe(ANSWER);
  expect(conversation(second.agent)).toEqual(conversation(first.agent));
  expect(second.types.at(-1)).toBe("RUN_FINISHED");
  expect(await modelRequests()).toHaveLength(before + 1);
});

test("Its stop really stops the run: the model is hung up on, and both pages see the end", async () => {
  await scriptModel([{ text: ANSWER, hang: "after_content" }]);
  const before = (await modelRequests()).length;
  const first = await copilot(person);
  const said = first.say(QUESTION);
  await first.heard("TEXT_MESSAGE_CONTENT");
  const second = await copilot(person, first.threadId);
  const connected = second.core.connectAgent({ agent: second.agent });
  await second.heard("TEXT_MESSAGE_CONTENT");
  first.core.stopAgent({ agent: first.agent });
  await Promise.all([said, connected]);

  expect(second.types.at(-1)).toBe("RUN_FINISHED");
  await eventually(
    async () => ((await modelRequests()).at(before)?.aborted ? true : undefined),
    () => "the request at the model, still open",
  );
  const answer = await person.request("POST", `/ag-ui/agent/default/stop/${first.threadId}`);
  expect(await answer.json()).toEqual({ stopped: false });
});

test("A thread that is not one's own has no past, and nothing in it can be stopped", async () => {
  const other = await newPerson(inject("openaiUrl"));
  await scriptModel([SLOW]);
  const threadId = await person.newThread();
  const { run_id } = await person.say(threadId, QUESTION);
  const theirs = await copilot(other, threadId);
  await theirs.core.connectAgent({ agent: theirs.agent });
  const stopped = await other.request("POST", `/ag-ui/agent/default/stop/${threadId}`);

  expect(theirs.agent.messages).toEqual([]);
  expect(theirs.errors).toEqual([]);
  expect(await stopped.json()).toEqual({ stopped: false });
  expect((await person.ended(run_id)).status).toBe("completed");
  expect(ThreadPage.parse(await (await other.request("GET", "/api/threads")).json()).data).toEqual(
    [],
  );
});

test("It is told why a run failed, and the page that comes later is told the same", async () => {
  await scriptModel([{ status: 401 }]);
  const first = await copilot(person);
  await first.say(QUESTION);
  const second = await copilot(person, first.threadId);
  await second.core.connectAgent({ agent: second.agent });

  for (const page of [first, second]) {
    expect(page.types.at(-1)).toBe("RUN_ERROR");
    expect(String(page.errors[0])).toContain("model");
  }
});

test("Two users at once, whose pages call their threads the same, hear each their own answer", async () => {
  await scriptModel([SLOW, SLOW]);
  const other = await newPerson(inject("openaiUrl"));
  const mine = await copilot(person);
  const theirs = await copilot(other, mine.threadId);
  await Promise.all([mine.say("What did we spend on mine?"), theirs.say("And on theirs?")]);
  const again = await copilot(other, mine.threadId);
  await again.core.connectAgent({ agent: again.agent });

  expect([...mine.errors, ...theirs.errors, ...again.errors]).toEqual([]);
  expect([mine, theirs].map(({ agent }) => answerOf(agent.messages))).toEqual([ANSWER, ANSWER]);
  expect(JSON.stringify(again.agent.messages)).toContain("And on theirs?");
  expect(JSON.stringify(again.agent.messages)).not.toContain("mine");
});

test("What it asks without credentials, or of an agent that is none, is refused", async () => {
  const body = { threadId: "t", runId: "r", messages: [] };
  const nobody = { authorization: "Bearer nobody" };
  expect((await person.request("GET", "/ag-ui/info", undefined, nobody)).status).toBe(401);
  expect((await person.request("POST", "/ag-ui/agent/default/connect", body, nobody)).status).toBe(
    401,
  );
  expect((await person.request("POST", "/ag-ui/agent/nobody/connect", body)).status).toBe(404);
  expect((await person.request("POST", "/ag-ui/agent/nobody/stop/t")).status).toBe(404);
});
