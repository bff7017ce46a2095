/** The rows of the table of hostile inputs that a connection can carry, over connections to the running product. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { expectBack, expectHarmless } from "../hostile/answers.ts";
import { bodies } from "../hostile/families/bodies.ts";
import { credentials } from "../hostile/families/credentials.ts";
import { headers } from "../hostile/families/headers.ts";
import { massAssignment } from "../hostile/families/mass-assignment.ts";
import { pathsAndIds } from "../hostile/families/paths-and-ids.ts";
import { sessions } from "../hostile/families/sessions.ts";
import { text } from "../hostile/families/text.ts";
import { tokens } from "../hostile/families/tokens.ts";
import { readDocument } from "../hostile/operations.ts";
import { type Party, type Row, replyOf, type World } from "../hostile/row.ts";
import type { Asked } from "../worker/http/ask.ts";
import { newPerson, type Person } from "./person.ts";
import { send } from "./wire.ts";

const URL = inject("demoUrl");
/** Requests are counted by address: these take nobody else's. */
const ADDRESS = { "cf-connecting-ip": "203.0.113.1" };

/** What a connection does not carry to the app, or not in the same way. */
const ELSEWHERE: readonly RegExp[] = [
  // Who breaks off hears no answer, and who never ends may be cut off.
  /^A body that breaks off in the middle|^A body in pieces without a length/,
  // So large a header never reaches the app: workerd refuses it, in plain text.
  /^A token of 100 KB/,
  // Node's client says no trailers before a body that has none.
  /with Trailer:/,
  // The local platform refuses what it can't encode, without the app.
  /with Accept-Encoding: identity;q=0/,
  // Which of the fields it is makes no difference to a connection: the table has them all.
  /^The body of .* may not choose (?!is_admin)/,
  // Outside of these paths the page is served, which looks at the path by itself.
  /^There is nothing at \/(?!api\/)/,
];

const { operations } = await readDocument((path) => fetch(`${URL}${path}`));
const FAMILIES: Readonly<Record<string, readonly Row[]>> = {
  tokens,
  credentials,
  sessions,
  bodies,
  "mass assignment": massAssignment(operations),
  "paths and ids": pathsAndIds,
  headers,
  text,
};

let world: World;
let victim: Person;
let victims: unknown;

beforeAll(async () => {
  victim = await newPerson(URL);
  const secret = `secret-${randomUUID()}`;
  world = {
    attacker: await settled(await newAdmin(), `secret-${randomUUID()}`),
    victim: await settled(victim, secret),
    jwtSecret: readFileSync(join(inject("demoState"), "jwt-secret"), "utf8"),
    ask: async (path, asked) => replyOf(await send(URL, { path, ...overTheWire(asked) })),
  };
  victims = await possessions();
});

describe.each(Object.entries(FAMILIES))("%s", (_family, rows) => {
  const carried = rows.filter(({ name }) => !ELSEWHERE.some((pattern) => pattern.test(name)));
  it.each(carried.map((row): [string, Row] => [row.name, row]))("%s", async (_name, row) => {
    const reply = await row.sends(world);
    expectBack(reply, row.back);
    expectHarmless(reply, world);
  });
});

afterAll(async () => {
  expect(await possessions(), "what the victim has, after all of it").toEqual(victims);
});

/** @returns the admin of a team, who may try the bodies that members may not. */
async function newAdmin(): Promise<Person> {
  const founder = await newPerson(URL);
  await founder.request("POST", "/api/organization", { name: "Attackers" });
  // Signed in again, because a token says what its user was when it was issued.
  return newPerson(URL, founder.email);
}

/** Gives somebody a thread of theirs, with an answered message in it. */
async function settled(person: Person, secret: string): Promise<Party> {
  const threadId = await person.newThread();
  const labels = { title: secret, metadata: { label: secret } };
  await person.request("PATCH", `/api/threads/${threadId}`, labels);
  const { message_id, run_id } = await person.say(threadId, `Hello, ${secret}`);
  await person.ended(run_id);
  const { credentials } = person;
  return { credentials, thread: { threadId }, runId: run_id, messageId: message_id, secret };
}

/** @returns a request as the one of the rows inside would be, but that nothing in it is made to fit. */
function overTheWire({ method, body, token, headers }: Asked) {
  const isRaw = typeof body === "string" || body instanceof ReadableStream;
  return {
    method: method ?? (body === undefined ? "GET" : "POST"),
    body: isRaw || body === undefined ? body : JSON.stringify(body),
    headers: {
      ...ADDRESS,
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...lowerCased(headers),
    },
  };
}

function lowerCased(headers: Asked["headers"] = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, it]) => [name.toLowerCase(), it]));
}

/** @returns all that the victim has, as the victim sees it. */
async function possessions(): Promise<unknown> {
  const { thread, runId } = world.victim;
  const told = await victim.request("GET", `/api/threads/${thread.threadId}`);
  return [await told.json(), await victim.history(thread.threadId), await victim.run(runId)];
}
