/** AG-UI with its official client, in both living versions: whole runs, broken ones, and who may have them. */
import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { ThreadPage } from "../../../src/protocol/api.ts";
import { RunId } from "../../../src/protocol/ids.ts";
import { modelRequests, scriptModel } from "../../e2e/model-script.ts";
import { newPerson, type Person } from "../../e2e/person.ts";
import { agentOf, answerOf, CLIENTS } from "./agents.ts";

const QUESTION = "Where does our money go, by team?";
const SLOW = {
  text: "Most of the money goes to the team search, as the records say.",
  piece: 4,
  pace_ms: 40,
};

let demo: Person;
let scripted: Person;

beforeAll(async () => {
  demo = await newPerson(inject("demoUrl"));
  scripted = await newPerson(inject("openaiUrl"));
});

async function threadsOf(person: Person) {
  return ThreadPage.parse(await (await person.request("GET", "/api/threads?limit=100")).json())
    .data;
}

describe.each(CLIENTS)("@ag-ui/client %s", (client) => {
  test("hears a whole run with its tools, and has the answer that the history has", async () => {
    const it = agentOf(demo, { client });
    await it.say(QUESTION);

    expect(it.failures).toEqual([]);
    expect(it.types()[0]).toBe("RUN_STARTED");
    expect(it.types().at(-1)).toBe("RUN_FINISHED");
    for (const type of [
      "REASONING_MESSAGE_CONTENT",
      "TOOL_CALL_START",
      "TOOL_CALL_RESULT",
      "TEXT_MESSAGE_CONTENT",
    ]) {
      expect(it.types()).toContain(type);
    }
    const { result } = await it.heard("RUN_FINISHED");
    const run = await demo.run(RunId.parse(result?.run_id));
    expect(answerOf(it.messages())).toBe(run.final_response);
    expect(run.final_response).not.toBe("");
  });

  test("goes on in the middle of a run elsewhere, and the model is asked once", async () => {
    await scriptModel([SLOW]);
    const before = (await modelRequests()).length;
    const first = agentOf(scripted, { client });
    const said = first.say(QUESTION);
    await first.heard("TEXT_MESSAGE_CONTENT");
    const messages = first.messages();
    first.agent.abortRun();
    await said;
    const second = agentOf(scripted, { client, threadId: first.threadId, messages });
    await second.goOn();

    expect(second.failures).toEqual([]);
    expect(second.types().slice(0, 2)).toEqual(["RUN_STARTED", "MESSAGES_SNAPSHOT"]);
    expect(second.types().at(-1)).toBe("RUN_FINISHED");
    expect(answerOf(second.messages())).toBe(SLOW.text);
    expect(second.messages().filter(({ role }) => role === "user")).toHaveLength(1);
    expect(await modelRequests()).toHaveLength(before + 1);
  });

  test("is told of an answer that was begun again as it stands, and nothing twice", async () => {
    await scriptModel([
      { text: "This half is going to be taken back.", cut_after_events: 4 },
      { text: "The whole answer." },
    ]);
    const it = agentOf(scripted, { client });
    await it.say(QUESTION);

    expect(it.failures).toEqual([]);
    expect(answerOf(it.messages())).toBe("The whole answer.");
    await it.heard("CUSTOM", "apex.agent_fallback");
  });

  test("is told why a run failed by RUN_ERROR, after which nothing follows", async () => {
    await scriptModel([{ status: 401 }]);
    const it = agentOf(scripted, { client });
    await it.say(QUESTION);

    expect(it.types().at(-1)).toBe("RUN_ERROR");
    expect((await it.heard("RUN_ERROR")).code).toBe("model_rejected");
    expect(it.types()).not.toContain("RUN_FINISHED");
  });

  test("hears that a run was cancelled by another door, and keeps what was said by then", async () => {
    await scriptModel([SLOW]);
    const it = agentOf(scripted, { client });
    const said = it.say(QUESTION);
    const { value } = await it.heard("CUSTOM", "apex.agent_started");
    await it.heard("TEXT_MESSAGE_CONTENT");
    const runId = RunId.parse(value?.run_id);
    await scripted.request("POST", `/api/runs/${runId}/cancel`);
    await said;

    expect(it.failures).toEqual([]);
    expect((await it.heard("RUN_FINISHED")).result).toMatchObject({ status: "cancelled" });
    const { final_response } = await scripted.run(runId);
    expect(answerOf(it.messages())).toBe(final_response);
  });

  test("is asked for an approval by a CUSTOM event, and the native route decides", async () => {
    await scriptModel([
      { tool_calls: [{ name: "publish_report", arguments: {} }] },
      { text: "It was not published." },
    ]);
    const it = agentOf(scripted, { client });
    const said = it.say("Publish the report.");
    const { value } = await it.heard("CUSTOM", "apex.approval_requested");
    const path = `/api/runs/${value?.run_id}/approvals/${value?.call_id}`;
    const decided = await scripted.request("POST", path, { decision: "rejected" });
    await said;

    expect(decided.status).toBe(200);
    expect(it.failures).toEqual([]);
    await it.heard("CUSTOM", "apex.approval_decided");
    expect(it.types().filter((type) => type === "TOOL_CALL_START")).toHaveLength(1);
    expect(it.types().filter((type) => type === "TOOL_CALL_RESULT")).toHaveLength(1);
    expect(answerOf(it.messages())).toBe("It was not published.");
  });
});

test("The team at work is told as sub-agents, each closed before the end", async () => {
  const it = agentOf(demo);
  await it.say("Cut our AI costs by 30 % without hurting latency.");

  expect(it.failures).toEqual([]);
  const started = it.types().filter((type) => type === "SUBAGENT_STARTED");
  expect(started.length).toBeGreaterThan(1);
  expect(it.types().filter((type) => type === "SUBAGENT_FINISHED")).toHaveLength(started.length);
});

test("Two users who call their threads the same have threads of their own, at the same time", async () => {
  const other = await newPerson(inject("demoUrl"));
  const threadId = `thread-${randomUUID()}`;
  const [mine, theirs] = [agentOf(demo, { threadId }), agentOf(other, { threadId })];
  await Promise.all([
    mine.say("What did we spend on mine?"),
    theirs.say("What did we spend on theirs?"),
  ]);

  expect([...mine.failures, ...theirs.failures]).toEqual([]);
  const [ofOther, ...more] = await threadsOf(other);
  if (ofOther === undefined) throw new Error("The other one has no thread.");
  const history = JSON.stringify(await other.history(ofOther.id));

  expect(more).toEqual([]);
  expect(history).toContain("theirs");
  expect(history).not.toContain("on mine");
});

test("Another user's thread is a name like any other: what is said goes to a thread of one's own", async () => {
  const other = await newPerson(inject("demoUrl"));
  const threadId = await demo.newThread();
  const it = agentOf(other, { threadId });
  await it.say("What did we spend?");

  expect(it.failures).toEqual([]);
  expect(await demo.history(threadId)).toEqual([]);
  expect((await threadsOf(other)).map(({ id }) => id)).not.toContain(threadId);
});

test("The same message many times at once makes one thread and one run", async () => {
  const person = await newPerson(inject("demoUrl"));
  const [threadId, id] = [`thread-${randomUUID()}`, randomUUID()];
  const agents = Array.from({ length: 6 }, () => agentOf(person, { threadId }));
  await Promise.all(agents.map((it) => it.say(QUESTION, id)));

  const runs = agents.map(
    (it) => it.events.find(({ type }) => type === "RUN_FINISHED")?.result?.run_id,
  );
  expect(new Set(runs).size).toBe(1);
  expect(runs[0]).toBeDefined();
  expect(await threadsOf(person)).toHaveLength(1);
});

test("A conversation goes on in its thread: only what is new is taken", async () => {
  const it = agentOf(demo);
  await it.say(QUESTION);
  await it.say("And by model?");
  const threads = await threadsOf(demo);
  const thread = threads.find(({ metadata }) => metadata.client_thread_id === it.threadId);
  const history = thread === undefined ? [] : await demo.history(thread.id);

  expect(it.failures).toEqual([]);
  expect(history.map(({ role }) => role)).toEqual(["user", "assistant", "user", "assistant"]);
  expect(answerOf(it.messages())).toBe(history.at(-1)?.content);
});

describe("what is refused before there is a stream is a problem", () => {
  const input = (more: object) => ({ threadId: "t", runId: "r", messages: [], ...more });
  const user = (content: unknown) => ({ id: "1", role: "user", content });
  test.each([
    ["no message of the user", input({}), 422, "invalid_fields"],
    ["a blank message", input({ messages: [user("  ")] }), 422, "invalid_fields"],
    [
      "a picture",
      input({ messages: [user([{ type: "image", source: {} }])] }),
      422,
      "invalid_fields",
    ],
    ["messages that are none", input({ messages: "hello" }), 422, "invalid_fields"],
    ["no thread", { runId: "r", messages: [user("Hello?")] }, 422, "invalid_fields"],
  ])("%s", async (_, body, status, code) => {
    const answer = await demo.request("POST", "/ag-ui", body);

    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(await answer.json()).toMatchObject({ code });
  });

  test("wrong credentials, an agent that is none, text that is no JSON, five megabytes", async () => {
    const good = input({ messages: [user("Hello?")] });
    const headers = { authorization: "Bearer wrong" };
    const large = input({ messages: [{ ...user("Hello?"), filler: "x".repeat(5_000_000) }] });

    expect((await demo.request("POST", "/ag-ui", good, headers)).status).toBe(401);
    expect((await demo.request("POST", "/ag-ui/agent/nobody/run", good)).status).toBe(404);
    expect((await demo.request("POST", "/ag-ui", large)).status).toBe(413);
    const broken = await fetch(`${demo.url}/ag-ui`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${demo.credentials.access_token}`,
        "content-type": "application/json",
      },
      body: '{"threadId": ',
    });
    expect(broken.status).toBe(400);
  });
});
