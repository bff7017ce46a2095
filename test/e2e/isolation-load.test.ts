/** Fifty users at once, each with a secret: what anybody got, and what is kept of anybody, holds no other's. */
import { randomUUID } from "node:crypto";
import { globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { z } from "zod";
import type { ThreadId } from "../../src/protocol/ids.ts";
import { asText, databasesBelow, rowsOf } from "./kept-rows.ts";
import { modelRequests, scriptModel } from "./model-script.ts";
import { newPerson, type Person } from "./person.ts";
import { OUTPUT_FILE } from "./setup.ts";
import { eventually, within } from "./within.ts";

const USERS = 50;
const ROUNDS = 3;
/** For the first sockets of fifty threads on a busy machine, in milliseconds. */
const PATIENCE_MS = 60_000;
/** All who ever talked here, also where the test is tried again: what they said is still kept. */
const everybody: Talker[] = [];
const SECRET = /fifty-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

test("fifty users talk at once, over sockets and streams that break: nobody gets, and nothing keeps, a byte of another's", async () => {
  await scriptModel([]);
  const talkers: Talker[] = [];
  // One after another: it is what they say that comes at once.
  while (talkers.length < USERS) talkers.push(await begin());
  await Promise.all(talkers.map(talk));
  await Promise.all(talkers.map(lookBack));

  for (const { secret, received } of talkers) {
    const { feed, ...ways } = received;
    expect(secretsIn(feed).filter((found) => found !== secret)).toEqual([]);
    // Each way brought the own secret, and so is known to be one that secrets come by.
    for (const [way, text] of Object.entries(ways)) {
      expect([way, secretsIn(text)]).toEqual([way, [secret]]);
    }
  }
  const own = new Set(talkers.map(({ secret }) => secret));
  const requests = (await modelRequests()).filter((request) =>
    secretsIn(JSON.stringify(request)).some((secret) => own.has(secret)),
  );
  expect(requests).toHaveLength(2 * ROUNDS * USERS);
  for (const request of requests) expect(secretsIn(JSON.stringify(request))).toHaveLength(1);
  const results = requests.flatMap(({ body }) => body.messages.at(-1) ?? []);
  const found = results.filter(({ role }) => role === "tool").map(({ content }) => content);
  expect(found).toHaveLength(ROUNDS * USERS);
  for (const result of found) expect(secretsIn(String(result))).toHaveLength(1);
  await eventually(
    () => expectOwnRows(talkers) >= 2 * ROUNDS * USERS || undefined,
    () => "fewer messages in D1 than were said",
  );
  expectOwnObjects(talkers);
  expectOwnFiles(talkers);
}, 180_000);

type Way = "socket" | "events" | "answers" | "search" | "export" | "mcp" | "feed";

interface Talker {
  readonly person: Person;
  readonly threadId: ThreadId;
  readonly secret: string;
  /** Every byte that came, by the way it came. */
  readonly received: Record<Way, string>;
}

async function begin(): Promise<Talker> {
  const person = await newPerson(inject("openaiUrl"), undefined, { tier: "enterprise" });
  const threadId = await person.newThread();
  const received = {
    ...{ socket: "", events: "", answers: "", feed: "" },
    ...{ search: "", export: "", mcp: "" },
  };
  const secret = `fifty-${randomUUID()}`;
  // What a tool finds by feature is the secret: only this user's records name it.
  const record = {
    ...{ record_id: secret, ts: Date.now() - 86_400_000, feature: secret },
    ...{ provider: "openai", request_model: "gpt-5-mini", input_tokens: 900, output_tokens: 40 },
  };
  const talker = { person, threadId, secret, received };
  everybody.push(talker);
  const stored = await person.request("POST", "/api/usage/records", { records: [record] });
  expect(stored.ok).toBe(true);
  return talker;
}

/** Says something round by round, each over a new socket, with the streams broken in between. */
async function talk(talker: Talker): Promise<void> {
  const feed = read(talker, "/api/events/stream", "feed");
  for (let round = 0; round < ROUNDS; round += 1) {
    const events = read(talker, `/api/threads/${talker.threadId}/events`, "events");
    const socket = await open(talker);
    const id = randomUUID();
    const content = `Tokens used, by feature? (${round}) echo ${talker.secret}`;
    socket.send(JSON.stringify({ type: "user_message", client_message_id: id, content }));
    const runId = await accepted(talker, id);
    // In the middle of it the connections break, and others go on from the beginning.
    socket.close();
    const again = await open(talker);
    await completed(talker, runId);
    again.close();
    await events.leave();
  }
  await feed.leave();
}

/** Asks for everything that HTTP tells of a thread, and the doors beside it. */
async function lookBack({ person, threadId, received }: Talker): Promise<void> {
  for (const path of [
    `/api/threads/${threadId}/messages?limit=100`,
    "/api/threads",
    "/api/auth/me",
  ]) {
    received.answers += await (await person.request("GET", path)).text();
  }
  // Words that everybody said.
  received.search += await (await person.request("GET", "/api/search?q=tokens+used")).text();
  received.export += await (await person.request("GET", "/api/account/export")).text();
  const call = { name: "cost_breakdown", arguments: { dimensions: ["feature"] } };
  for (const [method, params] of [
    ["tools/call", call],
    ["resources/list", {}],
  ]) {
    const message = { jsonrpc: "2.0", id: 1, method, params };
    const accept = "application/json, text/event-stream";
    received.mcp += await (await person.request("POST", "/mcp", message, { accept })).text();
  }
}

async function open({ person, threadId, received }: Talker): Promise<WebSocket> {
  const address = `${person.url.replace("http", "ws")}/api/threads/${threadId}/socket`;
  const socket = new WebSocket(address, ["apex-edge", `bearer.${person.credentials.access_token}`]);
  socket.addEventListener("message", ({ data }) => {
    received.socket += `${data}\n`;
  });
  const opened = Promise.withResolvers<void>();
  socket.addEventListener("open", () => opened.resolve());
  socket.addEventListener("close", ({ code }) => opened.reject(new Error(`closed with ${code}`)));
  await within(PATIENCE_MS, opened.promise, () => "no socket");
  return socket;
}

/** Reads a stream until it is left. */
function read({ person, received }: Talker, path: string, way: "events" | "feed") {
  const leaving = new AbortController();
  const headers = { authorization: `Bearer ${person.credentials.access_token}` };
  async function toEnd(): Promise<void> {
    const response = await fetch(`${person.url}${path}`, { headers, signal: leaving.signal });
    const text = response.body?.pipeThrough(new TextDecoderStream());
    for await (const piece of text ?? []) received[way] += piece;
  }
  const ended = toEnd().catch((error: unknown) => {
    if (!leaving.signal.aborted) throw error;
  });
  return {
    leave(): Promise<void> {
      leaving.abort();
      return ended;
    },
  };
}

const Frame = z.looseObject({
  type: z.string(),
  context: z.looseObject({ run_id: z.string().nullable() }).optional(),
  data: z
    .looseObject({ run_id: z.string().optional(), client_message_id: z.string().nullish() })
    .optional(),
});

function framesOf({ received }: Talker) {
  const lines = received.socket.split("\n").filter((line) => line !== "");
  return lines.map((line) => Frame.parse(JSON.parse(line)));
}

function accepted(talker: Talker, clientMessageId: string): Promise<string> {
  const find = () =>
    framesOf(talker).find(({ data }) => data?.client_message_id === clientMessageId);
  return waitFor(() => find()?.data?.run_id, talker);
}

async function completed(talker: Talker, runId: string): Promise<void> {
  const isEnd = (frame: z.infer<typeof Frame>) =>
    frame.type === "agent_completed" && frame.context?.run_id === runId;
  await waitFor(() => framesOf(talker).find(isEnd), talker);
}

/** Waits as long as fifty users may take on a busy machine. */
async function waitFor<Value>(look: () => Value | undefined, talker: Talker): Promise<Value> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`only ${talker.received.socket.slice(-500)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** @returns the secrets in a text, each once. */
function secretsIn(text: string): string[] {
  return [...new Set(text.match(SECRET))];
}

/**
 * A row of D1 that holds a secret is of the thread, and of the user, whose secret it is.
 * @returns how many rows hold one of these talkers'.
 */
function expectOwnRows(talkers: readonly Talker[]): number {
  const owners = new Map(everybody.map((talker) => [talker.secret, talker]));
  const tables = databasesBelow(inject("openaiState"), "d1").flatMap((file) => [...rowsOf(file)]);
  const rows = tables.flatMap(([table, held]) => held.map((row) => ({ table, row })));
  const telling = rows.filter(({ row }) => secretsIn(JSON.stringify(row, asText)).length > 0);
  let count = 0;
  for (const { table, row } of telling) {
    const secrets = secretsIn(JSON.stringify(row, asText));
    const owner = owners.get(secrets[0] ?? "");
    if (talkers.some((talker) => talker === owner)) count += 1;
    const userId = owner?.person.credentials.user.id;
    const own = { thread_id: owner?.threadId, user_id: userId, workspace_id: userId };
    const { thread_id = own.thread_id, user_id = userId, workspace_id = userId } = row;
    expect({ table, secrets, thread_id, user_id, workspace_id }).toEqual({
      table,
      secrets: [owner?.secret],
      ...own,
    });
  }
  return count;
}

/** An object's journal, runs and drafts hold the secret of one user, and there is such an object for each. */
function expectOwnObjects(talkers: readonly Talker[]): void {
  const held = databasesBelow(inject("openaiState"), "do").map((file) => {
    const rows = [...rowsOf(file).values()].flat();
    return secretsIn(rows.map((row) => JSON.stringify(row, asText)).join("\n"));
  });
  expect(held.filter(({ length }) => length > 1)).toEqual([]);
  expectEach(talkers, held.flat());
}

/** What was found are these talkers' secrets, each, and nobody's who never talked. */
function expectEach(talkers: readonly Talker[], found: readonly string[]): void {
  expect(found).toEqual(expect.arrayContaining(talkers.map(({ secret }) => secret)));
  expect(everybody.map(({ secret }) => secret)).toEqual(expect.arrayContaining([...found]));
}

/** A file beside the databases, as the values of KV are, holds the secret of one user; what was logged, none. */
function expectOwnFiles(talkers: readonly Talker[]): void {
  const state = inject("openaiState");
  const printed = readFileSync(join(state, OUTPUT_FILE), "utf8");
  expect(printed).toContain("ready at");
  expect(secretsIn(printed)).toEqual([]);
  const paths = globSync(join(state, "v3", "**/*")).filter(
    (path) => !/\.sqlite(-\w+)?$/.test(path) && statSync(path).isFile(),
  );
  const held = paths.map((path) => secretsIn(readFileSync(path, "latin1")));
  expect(held.filter(({ length }) => length > 1)).toEqual([]);
  // The last good answers of the tools are among them: theirs is the secret of whom they were given to.
  expectEach(talkers, held.flat());
}
