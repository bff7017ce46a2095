/** A2A with its official client: messages sent and streamed, tasks looked up, cancelled and refused. */
import { randomUUID } from "node:crypto";
import { type StreamResponse, TaskState } from "@a2a-js/sdk";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { RunId, ThreadId } from "../../../src/protocol/ids.ts";
import { modelRequests, scriptModel } from "../../e2e/model-script.ts";
import { newPerson, type Person } from "../../e2e/person.ts";
import { asking, clientOf, fold, heard, oldClientOf } from "./official.ts";

const QUESTION = "Where does our money go, by team?";
const ANSWER = "Most of the money goes to the team search, as the records say.";
const SLOW = { text: ANSWER, piece: 4, pace_ms: 40 };

let person: Person;
let other: Person;

function taskIdOf(payload: StreamResponse["payload"]): string {
  if (payload?.$case === "task") return payload.value.id;
  return payload !== undefined && "taskId" in payload.value ? payload.value.taskId : "";
}

beforeAll(async () => {
  person = await newPerson(inject("openaiUrl"));
  other = await newPerson(inject("openaiUrl"));
});

describe.each([
  ["1.0", clientOf],
  ["0.3", oldClientOf],
])("With a client of %s", (_version, clientOf) => {
  test("A message is answered by its task, which is the run, in a context, which is the thread", async () => {
    await scriptModel([{ text: ANSWER }]);
    const client = await clientOf(person);
    const sent = asking(QUESTION);
    const task = await client.sendMessage(sent);
    if (!("artifacts" in task)) throw new Error("It was answered without a task.");
    const again = await client.sendMessage(sent);
    const run = await person.run(RunId.parse(task.id));

    expect(task.status?.state).toBe(TaskState.TASK_STATE_COMPLETED);
    expect(task.artifacts[0]?.parts[0]?.content).toEqual({ $case: "text", value: ANSWER });
    expect(run).toMatchObject({ thread_id: task.contextId, final_response: ANSWER });
    expect(again).toEqual(task);
    expect(await client.getTask({ tenant: "", id: task.id })).toEqual(task);
  });

  test("A stream tells the answer piece by piece, and the next message goes on in its context", async () => {
    await scriptModel([SLOW, { text: "The second answer." }]);
    const client = await clientOf(person);
    const told = await heard(client.sendMessageStream(asking(QUESTION)));
    const [first] = told;
    const contextId = first?.payload?.$case === "task" ? first.payload.value.contextId : "";
    await client.sendMessage(asking("And by model?", { contextId }));
    const history = await person.history(ThreadId.parse(contextId));

    expect(fold(told).answer).toBe(ANSWER);
    expect(fold(told).states.at(-1)).toBe(TaskState.TASK_STATE_COMPLETED);
    expect(
      told.filter(({ payload }) => payload?.$case === "artifactUpdate").length,
    ).toBeGreaterThan(1);
    expect(history.map(({ role }) => role)).toEqual(["user", "assistant", "user", "assistant"]);
  });

  test("Who left comes back to a task that goes on, and hears the whole answer", async () => {
    await scriptModel([SLOW]);
    const before = (await modelRequests()).length;
    const client = await clientOf(person);
    let id = "";
    for await (const { payload } of client.sendMessageStream(asking(QUESTION))) {
      if (payload?.$case === "task") id = payload.value.id;
      if (payload?.$case === "artifactUpdate") break;
    }
    const told = await heard(client.resubscribeTask({ tenant: "", id }));

    expect(fold(told)).toMatchObject({ answer: ANSWER });
    expect(await modelRequests()).toHaveLength(before + 1);
  });

  test("A cancelled task ends, its stream hears of it, and it is not cancelled twice", async () => {
    await scriptModel([SLOW]);
    const client = await clientOf(person);
    const told: StreamResponse[] = [];
    let id = "";
    let cancelled: Promise<unknown> | null = null;
    for await (const each of client.sendMessageStream(asking(QUESTION))) {
      told.push(each);
      if (each.payload?.$case === "task") id = each.payload.value.id;
      if (each.payload?.$case === "artifactUpdate")
        cancelled ??= client.cancelTask({ tenant: "", id, metadata: undefined });
    }

    expect(await cancelled).toMatchObject({ status: { state: TaskState.TASK_STATE_CANCELED } });
    expect(fold(told).states.at(-1)).toBe(TaskState.TASK_STATE_CANCELED);
    await expect(client.cancelTask({ tenant: "", id, metadata: undefined })).rejects.toThrow(
      "ended",
    );
  });

  test("Another user's task and context are not there, whatever is asked of them", async () => {
    await scriptModel([{ text: ANSWER }]);
    const mine = await (await clientOf(person)).sendMessage(asking(QUESTION));
    const client = await clientOf(other);
    const id = "artifacts" in mine ? mine.id : "";
    const refused = /nothing at this address|not found/i;

    await expect(client.getTask({ tenant: "", id })).rejects.toThrow(refused);
    await expect(client.cancelTask({ tenant: "", id, metadata: undefined })).rejects.toThrow(
      refused,
    );
    await expect(heard(client.resubscribeTask({ tenant: "", id }))).rejects.toThrow(refused);
    const { contextId } = mine;
    await expect(client.sendMessage(asking("Hello?", { contextId }))).rejects.toThrow(refused);
  });
});

test("A failure is the task's, and tells why", async () => {
  await scriptModel([{ status: 401 }]);
  const client = await clientOf(person);
  const told = await heard(client.sendMessageStream(asking(QUESTION)));

  const { payload } = told.at(-1) ?? {};
  const why = payload?.$case === "statusUpdate" ? payload.value.status?.message?.parts[0] : null;
  expect(fold(told).states.at(-1)).toBe(TaskState.TASK_STATE_FAILED);
  expect(why?.content).toMatchObject({ value: expect.stringContaining("model") });
});

test("A tool at work is a status in words, with its call beside them, and each call comes to its end", async () => {
  const demo = await newPerson(inject("demoUrl"));
  const told = await heard((await clientOf(demo)).sendMessageStream(asking(QUESTION)));
  const calls = told.flatMap(({ payload }) => {
    if (payload?.$case !== "statusUpdate") return [];
    const { status, metadata = {} } = payload.value;
    const words = status?.message?.parts[0]?.content;
    return "call_id" in metadata ? [{ ...metadata, words }] : [];
  });

  const words = { value: expect.stringMatching(/.{20}/) };
  expect(calls).toMatchObject([
    { event: "tool_executing", tool_name: "cost_breakdown", words },
    { event: "tool_completed", tool_name: "cost_breakdown" },
  ]);
});

test("Two users at once have a task and a context each, though they send the same message", async () => {
  await scriptModel([SLOW, SLOW]);
  const clients = await Promise.all([person, other].map(clientOf));
  const same = asking(QUESTION);
  const told = await Promise.all(clients.map((client) => heard(client.sendMessageStream(same))));
  const ids = told.map((each) => new Set(each.map(({ payload }) => taskIdOf(payload))));
  const [mine = "", theirs = ""] = ids.flatMap((each) => [...each]);

  expect(ids.map(({ size }) => size)).toEqual([1, 1]);
  expect(mine).not.toBe(theirs);
  expect(told.map((each) => fold(each).answer)).toEqual([ANSWER, ANSWER]);
  await expect(clients[0]?.getTask({ tenant: "", id: theirs })).rejects.toThrow();
});

describe("what is wrong with a request is said in JSON-RPC's own shape", () => {
  const post = (body: string, headers: object = {}) =>
    fetch(`${person.url}/a2a`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${person.credentials.access_token}`,
        "content-type": "application/json",
        ...headers,
      },
      body,
    });
  const PICTURE = { kind: "file", file: { uri: "https://example.com/a.png" } };
  const call = (method: string, params: unknown) =>
    JSON.stringify({ jsonrpc: "2.0", id: 7, method, params });
  test.each([
    ["no JSON", '{"jsonrpc": ', null, -32700],
    ["a batch", "[]", null, -32600],
    ["no JSON-RPC", '{"id": 7}', 7, -32600],
    ["an unknown method", call("Nothing", {}), 7, -32601],
    ["an unknown method of 0.3", call("tasks/nothing", {}), 7, -32601],
    ["a task that is none", call("GetTask", { id: "nobody's" }), 7, -32001],
    ["a task that is none, in 0.3", call("tasks/get", { id: "nobody's" }), 7, -32001],
    ["a message that is none", call("SendMessage", { message: {} }), 7, -32602],
    [
      "a picture",
      call("message/send", {
        message: { kind: "message", messageId: "1", role: "user", parts: [PICTURE] },
      }),
      7,
      -32602,
    ],
    ["a list of tasks", call("ListTasks", {}), 7, -32004],
    [
      "a push notification",
      call("CreateTaskPushNotificationConfig", { taskId: "1", url: "https://10.0.0.1/" }),
      7,
      -32003,
    ],
    [
      "a stream of a message that is none",
      call("SendStreamingMessage", { message: {} }),
      7,
      -32602,
    ],
  ])("%s", async (_, body, id, code) => {
    const answer = await post(body);

    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ jsonrpc: "2.0", id, error: { code } });
  });

  test("but who may not ask at all is told so by HTTP", async () => {
    const answer = await post(call("GetTask", {}), { authorization: "Bearer nobody" });

    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toContain("Bearer");
    expect(await answer.json()).toMatchObject({
      ...{ jsonrpc: "2.0", id: null, error: { code: -32600 }, code: "token_invalid" },
    });
  });

  test("and a client of 0.3 has its methods, and its shapes", async () => {
    await scriptModel([{ text: ANSWER }]);
    const message = {
      kind: "message",
      messageId: randomUUID(),
      role: "user",
      parts: [{ kind: "text", text: QUESTION }],
    };
    const answer = await post(call("message/send", { message }));

    expect(await answer.json()).toMatchObject({
      result: {
        kind: "task",
        status: { state: "completed" },
        artifacts: [{ parts: [{ kind: "text", text: ANSWER }] }],
      },
    });
  });
});
