/** Another's ids in the query and the body of every route: answered like missing ones, and nothing comes of it. */
import { beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../src/core/clock.ts";
import { ask } from "../worker/http/ask.ts";
import { bodyPlaces, queryPlaces } from "./id-places.ts";
import { pathOf, readDocument } from "./operations.ts";
import { ACCEPT, type Attempt, agentCalls, toolCalls } from "./rpc-calls.ts";
import { tell } from "./tell.ts";
import { kindOf, missingOf, THINGS, thingOf } from "./things.ts";
import {
  allKept,
  changedIn,
  type InsideWorld,
  type Kept,
  makeResident,
  makeWorld,
  type Resident,
} from "./world.ts";

/**
 * What a field is the id of, by its name, or by the operation and the place where the name alone does not
 * tell. A new field that looks like an id fails here until it stands in this table or in the next.
 */
const KINDS: Readonly<Record<string, string>> = {
  thread_id: "thread",
  run_id: "run",
  message_id: "message",
  replaces: "message",
  previous_response_id: "response",
  workspace_id: "organization",
  "POST /a2a body.params.message.contextId": "thread",
  "POST /a2a body.params.message.taskId": "run",
  "POST /a2a body.params.id": "run",
};

/**
 * What a client chooses itself: another's is a name like any other, so it is taken as a new one is. Each
 * with what the victim has that it is nearest to.
 */
const NAMES: Readonly<Record<string, (owner: Resident) => string>> = {
  client_message_id: ({ messageId }) => messageId,
  threadId: ({ thread }) => thread.threadId,
  runId: ({ runId }) => runId,
  messageId: ({ messageId }) => messageId,
  call_id: ({ runId }) => runId,
  tool_call_id: ({ runId }) => runId,
  id: ({ thread }) => thread.threadId,
  client_id: ({ mcpServerId }) => mcpServerId,
  import_id: ({ importId }) => importId,
  record_id: ({ runId }) => runId,
  item_id: ({ runId }) => runId,
  trace_id: ({ runId }) => runId,
  conversation_id: ({ thread }) => thread.threadId,
  logical_request_id: ({ runId }) => runId,
  user_id: ({ credentials }) => credentials.user.id,
};

/** What a refused request leaves of the attacker's own, where it leaves something. */
const LEFT: Readonly<Record<string, readonly string[]>> = {
  "POST /api/usage/records body.records.workspace_id": ["usage_quarantine"],
};

const { operations } = await readDocument(ask);
const CLOSED = operations.filter((operation) => operation["x-permission"] !== "anybody");
const DOCUMENTED = CLOSED.flatMap((operation) =>
  [...queryPlaces(operation), ...bodyPlaces(operation)].map((place) => ({ operation, place })),
);
/** What JSON-RPC carries the document does not tell. */
const ATTEMPTS: readonly Attempt[] = [...DOCUMENTED, ...agentCalls(operations)];

let world: InsideWorld;

beforeAll(async () => {
  world = await makeWorld();
});

it("ids are found in queries, in bodies and within them", () => {
  const found = ATTEMPTS.map(nameOf);
  expect(found).toEqual(
    expect.arrayContaining([
      "GET /api/messages query.thread_id",
      "GET /api/runs query.thread_id",
      "GET /api/chat/stream query.run_id",
      "POST /api/chat/stream body.thread_id",
      "POST /api/agents/execute body.thread_id",
      "POST /api/agents/stop body.run_id",
      "POST /api/threads/{id}/messages body.replaces",
      "POST /api/threads/{id}/fork body.message_id",
      "POST /v1/responses body.previous_response_id",
      "POST /ag-ui body.threadId",
      "POST /api/ai-sdk/chat body.messages.id",
      "POST /api/usage/records body.records.record_id",
    ]),
  );
});

it("it is known of each what it is the id of", () => {
  const unknown = ATTEMPTS.filter((each) => kind(each) === undefined && name(each) === undefined);
  expect(unknown.map(nameOf)).toEqual([]);
});

describe("another's is answered like a missing one, and changes nothing, at", () => {
  it.each(rows(ATTEMPTS.filter((each) => kind(each) !== undefined)))("%s", async (_, attempt) => {
    await expectMissing(attempt);
  });
});

describe("another's name for something is a new one, and leaves theirs alone, at", () => {
  it.each(rows(ATTEMPTS.filter((each) => kind(each) === undefined)))("%s", async (_, attempt) => {
    await expectNew(attempt);
  });
});

it("and so it is at every tool of MCP that takes ids, as their own schemas tell", async () => {
  const attempts = await toolCalls(operations, world.attacker.credentials.access_token);
  const fields = new Set(attempts.map(({ place }) => place.field));
  expect(fields).toEqual(new Set(["thread_id", "run_id", "client_message_id"]));
  for (const attempt of attempts) {
    await (kind(attempt) === undefined ? expectNew(attempt) : expectMissing(attempt));
  }
});

async function expectMissing(attempt: Attempt): Promise<void> {
  const of = kind(attempt) ?? "";
  const theirs = THINGS[of]?.(world.victim) ?? "";
  expect(theirs).not.toBe("");
  const before = await allKept();
  const foreign = await send(attempt, theirs);
  const missing = await send(attempt, missingOf(of));

  expect(foreign).toEqual(missing);
  expect(foreign.text).not.toContain(world.victim.secret);
  const after = await allKept();
  expect(changedIn(before, after)).toEqual(LEFT[nameOf(attempt)] ?? []);
  expect(ofVictim(after)).toEqual(ofVictim(before));
}

async function expectNew(attempt: Attempt): Promise<void> {
  const theirs = name(attempt)?.(world.victim) ?? "";
  // Whose names are all new: one that was sent in an attempt before would be known in this one.
  world = { ...world, attacker: await makeResident() };
  const before = await allKept();
  const foreign = await send(attempt, theirs);
  const fresh = await send(attempt, newId());

  expect(foreign.status).toBe(fresh.status);
  expect(codesIn(foreign.text)).toEqual(codesIn(fresh.text));
  expect(foreign.text).not.toContain(world.victim.secret);
  expect(ofVictim(await allKept())).toEqual(ofVictim(before));
}

/** Sends a request of the attacker's, with their own things in its path. */
function send({ operation, place }: Attempt, id: string) {
  const own = (parameter: string) =>
    kindOf(operation, parameter) === "agent" || operation.path.startsWith("/ag-ui/agent")
      ? "data"
      : thingOf(operation, parameter)(world.attacker);
  const path = pathOf(operation, own);
  const inQuery = place.at.startsWith("query");
  const bearer = world.attacker.credentials.access_token;
  if (!inQuery) return tell(operation, { path, bearer, body: place.put(id), headers: ACCEPT });
  const query = new URLSearchParams(Object.entries(Object(place.put(id))).map(textual));
  return tell(operation, {
    path: `${path}?${query}`,
    bearer,
    ...(operation.path === "/api/usage/imports" && USAGE),
  });
}

/** A file of usage, of which the document says no more than its media types. */
const USAGE = {
  body: "record_id,ts,provider,request_model,input_tokens,output_tokens\nr-1,2026-11-03T10:00:00Z,openai,gpt-5,9,4\n",
  headers: { "content-type": "text/csv" },
};

function textual([key, value]: [string, unknown]): [string, string] {
  return [key, String(value)];
}

function kind({ operation, place }: Attempt): string | undefined {
  return KINDS[nameOf({ operation, place })] ?? KINDS[place.field];
}

function name({ place }: Attempt) {
  return NAMES[place.field];
}

function nameOf({ operation, place }: Attempt): string {
  return `${operation.name} ${place.at}`;
}

/** @returns attempts as rows of a test, by what is tried. */
function rows(attempts: readonly Attempt[]) {
  return attempts.map((attempt): [string, Attempt] => [nameOf(attempt), attempt]);
}

/** @returns the codes of the problems in an answer. */
function codesIn(text: string): string[] {
  return [...text.matchAll(/"code":"(\w+)"/g)].map(([, code]) => code ?? "");
}

/** @returns every row that tells of the victim, or of the team that is theirs. */
function ofVictim(kept: Kept): string[] {
  const { secret, organizationId, credentials } = world.victim;
  const marks = [secret, organizationId, credentials.user.id];
  const all = [...kept].flatMap(([table, held]) => held.map((row) => `${table} ${row}`));
  // What the attacker sent is in the attacker's own rows.
  const { attacker } = world;
  const own = [attacker.credentials.user.id, attacker.organizationId];
  const has = (row: string, some: readonly string[]) => some.some((mark) => row.includes(mark));
  return all.filter((row) => has(row, marks) && !has(row, own));
}
