/** Nothing of one user or thread ever reaches another: not in events, not in answers, not at the model. */
import { randomUUID } from "node:crypto";
import { request as httpRequest } from "node:http";
import { text } from "node:stream/consumers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { isLogged } from "../../src/protocol/frames.ts";
import type { RunId, ThreadId } from "../../src/protocol/ids.ts";
import { modelRequests, scriptModel } from "./model-script.ts";
import { newPerson, type Person } from "./person.ts";
import { PROVIDERS } from "./providers.ts";
import { followThread, openSocket, type Recording } from "./recording.ts";
import { expectDeltasToMake, expectGapless, expectRules } from "./rules.ts";

const MESSAGES = 3;

describe.each(PROVIDERS)("With the provider $name", ({ name, url }) => {
  test("two users with two threads each, all at once: each connection has its own thread's events, each once and in order", async () => {
    await scriptModel([]);
    const asked = (await modelRequests()).length;
    const people = await Promise.all([newPerson(url()), newPerson(url())]);
    const places = await Promise.all([...people, ...people].map(openPlace));
    const runs = await Promise.all(places.map(talk));
    await Promise.all(
      places.flatMap(({ live, stream }, place) =>
        (runs[place] ?? []).flatMap((id) => [live.completed(id), stream.completed(id)]),
      ),
    );

    for (const [index, { person, threadId, live, stream, secret }] of places.entries()) {
      live.close();
      stream.close();
      const others = places.filter((other) => other.secret !== secret).map((other) => other.secret);
      for (const { frames } of [live, stream]) {
        expectGapless(frames);
        expectOnly(person, threadId, frames);
        expect(secretsIn(frames, others)).toEqual([]);
        for (const runId of runs[index] ?? []) {
          const { end } = expectRules(frames, runId, person);
          expectDeltasToMake(end.data.final_response, frames, runId);
        }
      }
      const history = await person.history(threadId);
      expect(history).toHaveLength(2 * MESSAGES);
      expect(secretsIn(history, [secret, ...others])).toEqual([secret]);
    }
    const secrets = places.map(({ secret }) => secret);
    const requests = (await modelRequests()).slice(asked);
    expect(requests.length).toBe(name === "openai" ? 2 * MESSAGES * places.length : 0);
    for (const request of requests) expect(secretsIn(request, secrets)).toHaveLength(1);
  });
});

interface Place {
  readonly person: Person;
  readonly threadId: ThreadId;
  readonly secret: string;
  readonly live: Awaited<ReturnType<typeof openSocket>>;
  readonly stream: Recording;
}

async function openPlace(person: Person): Promise<Place> {
  const threadId = await person.newThread();
  const [live, stream] = await Promise.all([
    openSocket(person, threadId),
    followThread(person, threadId),
  ]);
  return { person, threadId, secret: `secret-${randomUUID()}`, live, stream };
}

/** Says everything at once, so that runs wait behind each other. @returns their ids. */
async function talk({ live, secret }: Place) {
  const messages = Array.from({ length: MESSAGES }, (_, n) => `Tokens used? (${n}) ${secret}`);
  const accepted = await Promise.all(messages.map((message) => live.say(message)));
  return accepted.map(({ data }) => data.run_id);
}

function expectOnly(person: Person, threadId: ThreadId, frames: Recording["frames"]): void {
  const told = frames.flatMap((frame) => (isLogged(frame) ? frame.context : []));
  const places = new Set(told.map(({ user_id, thread_id }) => `${user_id}/${thread_id}`));
  expect([...places]).toEqual([`${person.credentials.user.id}/${threadId}`]);
}

function secretsIn(value: unknown, secrets: readonly string[]): string[] {
  const all = JSON.stringify(value);
  return secrets.filter((secret) => all.includes(secret));
}

describe("An id of another user is answered like one that does not exist", () => {
  let owner: Person;
  let stranger: Person;
  let threadId: ThreadId;
  let runId: RunId;
  let before: unknown;

  beforeAll(async () => {
    [owner, stranger] = await Promise.all([
      newPerson(inject("demoUrl")),
      newPerson(inject("demoUrl")),
    ]);
    threadId = await owner.newThread();
    const { run_id } = await owner.say(threadId, "Hello, what can you do?");
    await owner.ended(run_id);
    runId = run_id;
    before = await property();
  });

  test.each([
    ["GET", "/api/threads/{thread}"],
    ["PATCH", "/api/threads/{thread}", { title: "Mine now" }],
    ["DELETE", "/api/threads/{thread}"],
    ["GET", "/api/threads/{thread}/messages"],
    ["POST", "/api/threads/{thread}/messages", { content: "Hello?" }],
    ["POST", "/api/threads/{thread}/ticket"],
    ["GET", "/api/threads/{thread}/events"],
    ["GET", "/api/runs/{run}"],
    ["POST", "/api/runs/{run}/cancel"],
  ])("%s %s", async (method, path, body?: object) => {
    const answers = await Promise.all(
      [{ thread: threadId, run: runId }, missing(), malformed()].map(async (ids) => {
        const answer = await stranger.request(method, fill(path, ids), body);
        return { status: answer.status, body: comparable(await answer.text()) };
      }),
    );

    expectAlike(answers);
  });

  test.each(["/api/threads/{thread}/socket", "/ws?thread_id={thread}"])(
    "GET %s, a WebSocket",
    async (path) => {
      const answers = await Promise.all(
        [{ thread: threadId, run: runId }, missing(), malformed()].map((ids) =>
          upgrade(stranger, fill(path, ids)),
        ),
      );

      expectAlike(answers);
    },
  );

  test("and nothing of it has changed", async () => {
    expect(await property()).toEqual(before);
  });

  async function property() {
    const thread = await owner.request("GET", `/api/threads/${threadId}`);
    return [await thread.json(), await owner.history(threadId), await owner.run(runId)];
  }

  function missing() {
    return { thread: randomUUID(), run: randomUUID() };
  }

  function malformed() {
    return { thread: "no-id-at-all", run: "no-id-at-all" };
  }
});

function fill(path: string, ids: { readonly thread: string; readonly run: string }): string {
  return path.replace("{thread}", ids.thread).replace("{run}", ids.run);
}

/** Apart from what names the request itself, the answers are the same, byte for byte. */
function comparable(problem: string): string {
  return problem.replaceAll(/"(instance|request_id)":"[^"]*"/g, '"$1":""');
}

function expectAlike(answers: readonly { status: number; body: string }[]): void {
  const [foreign, missing, malformed] = answers;
  expect(foreign?.status).toBe(404);
  expect(foreign?.body).toContain('"code":"not_found"');
  expect(missing).toEqual(foreign);
  expect(malformed).toEqual(foreign);
}

/** `fetch` can't ask for an upgrade, and a WebSocket does not tell why it was refused. */
async function upgrade({ url, credentials }: Person, path: string) {
  const { promise, resolve, reject } =
    Promise.withResolvers<Awaited<ReturnType<typeof readAnswer>>>();
  const headers = {
    authorization: `Bearer ${credentials.access_token}`,
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": randomUUID().slice(0, 16),
  };
  httpRequest(`${url}${path}`, { headers })
    .on("response", (answer) => readAnswer(answer).then(resolve, reject))
    .on("upgrade", () => reject(new Error("The upgrade was granted.")))
    .on("error", reject)
    .end();
  return await promise;
}

async function readAnswer(answer: NodeJS.ReadableStream & { statusCode?: number | undefined }) {
  return { status: answer.statusCode ?? 0, body: comparable(await text(answer)) };
}
