/** Another's ids on every route of the OpenAPI document: answered like missing ones, and nothing comes of it. */
import { beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../src/core/clock.ts";
import { ask } from "../worker/http/ask.ts";
import { isSocket, minimalBody, type Operation, pathOf, readDocument } from "./operations.ts";
import { allKept, changedIn, type InsideWorld, makeWorld, type Resident } from "./world.ts";

const { operations } = await readDocument(ask);
const CLOSED = operations.filter((operation) => operation["x-permission"] !== "anybody");
const WITH_IDS = CLOSED.filter(({ path }) => path.includes("{"));

/**
 * What a parameter names, by its own name or by the word before it in the path. A route of something
 * new fails here until it is told how {@link Resident} owns one, and where that is found.
 */
const THINGS: Readonly<Record<string, (owner: Resident) => string>> = {
  thread: ({ thread }) => thread.threadId,
  run: ({ runId }) => runId,
  message: ({ messageId }) => messageId,
  session: ({ sessionId }) => sessionId,
  key: ({ apiKeyId }) => apiKeyId,
  "api-key": ({ apiKeyId }) => apiKeyId,
  user: ({ credentials }) => credentials.user.id,
  member: ({ credentials }) => credentials.user.id,
  organization: ({ organizationId }) => organizationId,
  team: ({ organizationId }) => organizationId,
  invitation: ({ invitation }) => invitation,
  import: ({ importId }) => importId,
  price: ({ priceId }) => priceId,
  webhook: ({ webhookId }) => webhookId,
  delivery: ({ deliveryId }) => deliveryId,
  server: ({ mcpServerId }) => mcpServerId,
  call: () => "call-1",
  response: ({ runId }) => `resp_${runId}`,
  chat: ({ thread }) => thread.threadId,
  // Nobody's own: everybody has the same, and what is none of them is there for nobody.
  agent: () => "no-such-agent",
  tool: () => "no_such_tool",
  model: () => "apex-none",
};

/** How the last word of a run's id tells it from its thread's. */
const MISSING: Readonly<Record<string, () => string>> = {
  run: () => `${newId()}.1`,
  response: () => `resp_${newId()}.1`,
};

/** @returns operations as rows of a test, by their names. */
function named(some: readonly Operation[]) {
  return some.map((operation): [string, Operation] => [operation.name, operation]);
}

let world: InsideWorld;

beforeAll(async () => {
  world = await makeWorld();
  // The attacker's own object exists before anything is tried.
  await ask("/api/auth/me", { token: world.attacker.credentials.access_token });
});

it("the document tells of routes that take ids, and of routes that ask who is there", () => {
  expect(WITH_IDS.length).toBeGreaterThan(10);
  expect(CLOSED.length).toBeGreaterThan(WITH_IDS.length);
});

describe("another's id is answered like a missing one, and changes nothing, at", () => {
  it.each(named(WITH_IDS))("%s", async (_, operation) => {
    const theirs = (name: string) => thingOf(operation, name)(world.victim);
    const missing = (name: string) => (MISSING[kindOf(operation, name)] ?? newId)();
    const before = await allKept();
    const [foreign, none] = [await tell(operation, theirs), await tell(operation, missing)];

    // 204 says that there is nothing, too.
    expect([204, 403, 404]).toContain(foreign.status);
    expect(foreign.text).toBe(none.text);
    expect(foreign.headers).toEqual(none.headers);
    expect(changedIn(before, await allKept())).toEqual([]);
  });
});

describe("one's own thread with another's things in the body is no way in, at", () => {
  const taking = WITH_IDS.filter(({ body }) => idFieldsOf(body).length > 0);

  it.each(named(taking))("%s", async (_, operation) => {
    for (const field of idFieldsOf(operation.body)) {
      const own = (name: string) => thingOf(operation, name)(world.attacker);
      const body = { ...Object(minimalBody(operation)), [field]: world.victim.messageId };
      const before = await allKept();
      const { status } = await tell(operation, own, token(), body);

      expect([403, 404, 409, 422]).toContain(status);
      expect(changedIn(before, await allKept())).toEqual([]);
    }
  });
});

describe("nobody who is not signed in gets an answer but 401, at", () => {
  it.each(named(CLOSED))("%s", async (_, operation) => {
    const own = (name: string) => thingOf(operation, name)(world.victim);
    const before = await allKept();
    const bare = await tell(operation, own, null);
    const forged = await tell(operation, own, "forged");

    expect([bare.status, forged.status]).toEqual([401, 401]);
    expect(changedIn(before, await allKept())).toEqual([]);
  });
});

/** @returns what an id in the path is the id of. */
function kindOf({ path }: Operation, parameter: string): string {
  const before =
    path
      .slice(0, path.indexOf(`{${parameter}}`))
      .split("/")
      .at(-2) ?? "";
  const named = parameter.replace(/_?id$/, "");
  return named === "" ? before.replace(/s$/, "") : named;
}

function thingOf(operation: Operation, parameter: string): (owner: Resident) => string {
  const kind = kindOf(operation, parameter);
  const thing = THINGS[kind];
  if (thing !== undefined) return thing;
  throw new Error(
    `${operation.name} takes the id of a ${kind}, which no one in the world owns: give each Resident (world.ts) one, and name it in THINGS.`,
  );
}

/** What a client calls its message, and what somebody else calls us: neither is an id of ours. */
const NAMES_OF_OTHERS = ["client_message_id", "client_id"];

function idFieldsOf(body: Operation["body"]): string[] {
  return Object.keys(body?.properties ?? {}).filter(
    (name) => /_id$|^replaces$/.test(name) && !NAMES_OF_OTHERS.includes(name),
  );
}

function token(): string {
  return world.attacker.credentials.access_token;
}

/** Asks an operation; as the attacker, where nothing else is said. @returns what does not name the request itself. */
async function tell(
  operation: Operation,
  parameter: (name: string) => string,
  bearer: string | null = token(),
  body = minimalBody(operation),
) {
  const response = await ask(pathOf(operation, parameter), {
    method: operation.method,
    body,
    ...(bearer !== null && { token: bearer }),
    ...(isSocket(operation) && { headers: { upgrade: "websocket" } }),
  });
  const text = response.status === 101 ? "a socket" : await response.text();
  const headers = [...response.headers].filter(([name]) => !VARYING.test(name));
  return { status: response.status, text: text.replaceAll(NAMES, '"$1":""'), headers };
}

const NAMES = /"(instance|request_id)":"[^"]*"/g;
/** What tells of the request, and of how much its user has left. */
const VARYING = /^(x-request-id|traceresponse|(x-)?ratelimit|content-length|date)/;
