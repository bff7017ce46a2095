/** Another's ids in the path of every route of the OpenAPI document: answered like missing ones, and nothing comes of it. */
import { beforeAll, describe, expect, it } from "vitest";
import { ask } from "../worker/http/ask.ts";
import { minimalBody, type Operation, pathOf, readDocument } from "./operations.ts";
import { tell } from "./tell.ts";
import { kindOf, missingOf, thingOf } from "./things.ts";
import { allKept, changedIn, type InsideWorld, makeWorld } from "./world.ts";

const { operations } = await readDocument(ask);
const CLOSED = operations.filter((operation) => operation["x-permission"] !== "anybody");
const WITH_IDS = CLOSED.filter(({ path }) => path.includes("{"));

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
    const missing = (name: string) => missingOf(kindOf(operation, name));
    const before = await allKept();
    const [foreign, none] = [await asked(operation, theirs), await asked(operation, missing)];

    // 204 says that there is nothing, too.
    expect([204, 403, 404]).toContain(foreign.status);
    expect(foreign.text).toBe(none.text);
    expect(foreign.headers).toEqual(none.headers);
    expect(changedIn(before, await allKept())).toEqual([]);
  });
});

describe("nobody who is not signed in gets an answer but 401, at", () => {
  it.each(named(CLOSED))("%s", async (_, operation) => {
    const own = (name: string) => thingOf(operation, name)(world.victim);
    const before = await allKept();
    const bare = await asked(operation, own, null);
    const forged = await asked(operation, own, "forged");

    expect([bare.status, forged.status]).toEqual([401, 401]);
    expect(changedIn(before, await allKept())).toEqual([]);
  });
});

function token(): string {
  return world.attacker.credentials.access_token;
}

/** Asks an operation with a small body; as the attacker, where nothing else is said. */
function asked(
  operation: Operation,
  parameter: (name: string) => string,
  bearer: string | null = token(),
) {
  return tell(operation, {
    path: pathOf(operation, parameter),
    body: minimalBody(operation),
    bearer,
  });
}
